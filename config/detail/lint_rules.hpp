#pragma once

#include <lambent/config/lint.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lambent::config::detail {

inline bool is_component(field_type type) { return type >= field_type::input; }

/// "did you mean `retries`?", or empty.
std::string suggestion(std::string_view wrong, const std::vector<std::string>& names);

/// What stops the original from reading a file at all: values of a wrong type outside components, components of the top level
/// without a clear type.
std::optional<finding> unreadable(const node& document, const spec& top_level, const lint_host& host);

/// Rules of single components beyond their fields, over the component's value: messages at the value's own line.
std::vector<std::string> component_flaws(field_type kind, std::string_view name, const node& value);
/// Rules that the original has written down but does not apply: `try` directly in `catch`, which never runs.
std::vector<std::string> component_advice(field_type kind, std::string_view name, const node& value);

/// Go's words for a label that may not be; empty when it may.
std::string label_flaw(const std::string& label);

/// The rule of a field's value (of the whole, and of each element).
std::vector<std::string> rule_flaws(field_rule rule, const node& value);

/// What `catch` raises under error_handling.strict.
extern const std::string_view strict_catch_flaw;

} // namespace lambent::config::detail
