#pragma once

#include <lambent/bloblang/failure.hpp>

#include <string>
#include <string_view>

namespace lambent::bloblang {

/// The first document of a YAML text, by the rules of Go's yaml.v3 for untyped values: YAML 1.2's plain scalars with the old
/// octal numbers, timestamps, merge keys; a key that occurs twice is refused. Mappings with keys that are no strings become a
/// value that cannot be serialised, as there.
answer read_yaml(std::string_view text);

/// As yaml.v3 writes: indented by four, keys in natural order (a9 before a10).
std::string write_yaml(const data::value& v);

/// Would YAML read this plain text as something else than a string? Then the value it is, else a string.
data::value resolve_yaml_scalar(std::string_view text);

} // namespace lambent::bloblang
