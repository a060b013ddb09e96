#pragma once

#include <lambent/bloblang/mapping.hpp>
#include <lambent/core/error.hpp>
#include <lambent/emulator/invoke_service.hpp>

#include <string>
#include <string_view>

namespace lambent::cli {

/// The key that an emulator accepts where its functions file names none; AWS's own example, known to everybody.
inline constexpr std::string_view example_key_id = "AKIDEXAMPLE";
inline constexpr std::string_view example_key_secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// What `lambent emulate` serves without a file: one function, `echo`, and the example key.
emulator::account_options echo_account();

/// Reads a functions file (`lambent emulate --help` describes it).
///
/// @param file   as the user named it, for messages
/// @param world  of the mappings; must outlive the functions
/// @return the account; the first thing that is wrong as `file(line,column) message`.
core::result<emulator::account_options> read_functions(std::string_view text, const std::string& file, const bloblang::environment& world);

} // namespace lambent::cli
