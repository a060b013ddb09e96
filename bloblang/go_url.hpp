#pragma once

#include <lambent/bloblang/failure.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace lambent::bloblang {

/// The parts of Go's url.URL.
struct go_url
{
    std::string scheme;
    std::string opaque;
    std::optional<std::string> user;
    std::optional<std::string> password;
    std::string host;
    std::string path;
    std::string raw_path;
    std::string raw_query;
    std::string fragment;
    std::string raw_fragment;
};

/// Go's url.Parse, its words included: parse "x y": invalid character " " in host name.
std::variant<go_url, problem> parse_go_url(std::string_view text);

} // namespace lambent::bloblang
