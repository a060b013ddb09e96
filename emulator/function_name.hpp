#pragma once

#include <lambent/emulator/function.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace lambent::emulator {

/// A function as a caller names it. Parts that were not named are empty.
struct function_name
{
    std::string region;
    std::string account;
    std::string name;
    std::string qualifier; ///< "$LATEST", a version's number or an alias
    friend bool operator==(const function_name&, const function_name&) = default;
};

/// Reads every form that Lambda takes, each with or without `:qualifier`: `name`, `account:function:name`, `function:name`,
/// `arn:aws:lambda:region:account:function:name`. Nothing where the text is none of them.
/// @source Lambda API reference, "Invoke", FunctionName (decoded from the path).
std::optional<function_name> read_function_name(std::string_view text);

/// 1 to 128 characters of A-Z a-z 0-9 $ _ -
bool is_qualifier(std::string_view text) noexcept;

/// The version that runs for a qualifier; nothing where the function has no such version or alias.
/// Where neither versions nor aliases are declared every qualifier is accepted, and an alias runs $LATEST.
std::optional<std::string> executed_version(const function_versions& known, std::string_view qualifier);

/// arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>]
std::string function_arn(
    std::string_view region, std::string_view account, std::string_view name, std::string_view qualifier);

} // namespace lambent::emulator
