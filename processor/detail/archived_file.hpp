#pragma once

#include <string>

namespace lambent::processor {

/// One entry of a tar or zip archive.
struct archived_file
{
    std::string name;
    std::string contents;
};

} // namespace lambent::processor
