#pragma once

#include <lambent/config/lint.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lambent::config::detail {

/// Rules of single components beyond their fields, over the component's value: messages at the value's own line.
std::vector<std::string> component_flaws(field_type kind, std::string_view name, const node& value);

/// Go's words for a label that may not be; empty when it may.
std::string label_flaw(const std::string& label);

/// The rule of a field's value (of the whole, and of each element).
std::vector<std::string> rule_flaws(field_rule rule, const node& value);

/// What `catch` raises under error_handling.strict.
extern const std::string_view strict_catch_flaw;

} // namespace lambent::config::detail
