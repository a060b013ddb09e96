#pragma once

#include <lambent/bloblang/mapping.hpp>
#include <lambent/emulator/function.hpp>

#include <memory>
#include <string>

namespace lambent::cli {

/// A function whose answer is a mapping of its payload: root as JSON, `null` where root is never assigned or deleted.
/// A mapping that throws, or fails otherwise, is a function error of type "Error" with the failure's own words.
/// The mapping sees metadata: `aws_request_id`, `function_name`, `function_version`, and `client_context` where the caller sent one.
std::unique_ptr<emulator::function> make_mapped(bloblang::mapping mapping);

/// A function that always answers with the same bytes.
std::unique_ptr<emulator::function> make_fixed(std::string reply);

} // namespace lambent::cli
