#pragma once

#include <lambent/config/spec.hpp>

#include <string_view>
#include <vector>

namespace lambent::config {

/// The declared fields of every component of the original, implemented here or not: what the linter knows, and what the specs of
/// implemented components are compared with in tests. From the tables in config/schema. Null: no such component.
const spec* known_component(field_type kind, std::string_view name);

/// Sorted.
std::vector<std::string> known_components(field_type kind);

/// The top level of a stream's configuration file.
const spec& stream_spec();

} // namespace lambent::config
