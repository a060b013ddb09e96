#pragma once

#include <lambent/core/error.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::config {

/// Text with ${VAR}, ${VAR:default}, ${VAR|base64decode} and the escape ${{VAR}} replaced, as the original does it on raw bytes.
struct substituted
{
    std::string text;
    std::vector<std::string> missing; ///< variables without default that were not set, in order of appearance, repeats kept
};

core::result<substituted> substitute(
    std::string_view text, const std::function<std::optional<std::string>(std::string_view)>& variable);

} // namespace lambent::config
