#pragma once

#include <string>

namespace lambent::cli {

/// An interactive session on the terminal, with line editing, completion and a history that is kept; returns the exit code.
/// @param input_file  its first line is the session's first document; empty: there is none
int run_repl(const std::string& input_file);

} // namespace lambent::cli
