#pragma once

#include <string_view>

namespace lambent::http {

/// The registered phrase of a status, or that of its class; never empty.
std::string_view reason_phrase(int status) noexcept;

} // namespace lambent::http
