#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace lambent::emulator {

/// One invocation as the function sees it. Views, valid during the call.
struct function_call
{
    std::string_view function;        ///< name alone
    std::string_view version;         ///< the version that runs: "$LATEST" or a number
    std::string_view request_id;
    std::string_view payload;         ///< JSON; "{}" where the caller sent nothing
    std::string_view client_context;  ///< decoded JSON text; empty: none
};

/// What a function answers.
struct function_reply
{
    std::string payload{};                      ///< JSON by convention; sent as is
    std::optional<std::string> function_error{}; ///< "Unhandled" or "Handled": the payload describes an error
    std::string log{};                          ///< what it printed, for X-Amz-Log-Result
};

/// A function: bytes in, bytes out. Called on the server's shard, one call at a time; it must not block or throw.
/// How long it seems to take is the server's affair (`function_options::latency`).
class function
{
public:
    virtual ~function() = default;
    virtual function_reply call(const function_call& call) = 0;
};

/// The published versions and aliases of one function.
struct function_versions
{
    std::set<std::string> versions;             ///< "1", "2"
    std::map<std::string, std::string> aliases; ///< name -> version
};

/// A function from a plain callable.
std::unique_ptr<function> make_function(std::function<function_reply(const function_call&)> body);
/// Answers with what it was sent.
std::unique_ptr<function> make_echo();

/// What a runtime makes of an uncaught exception: "Unhandled" and {"errorMessage":...,"errorType":...}.
function_reply thrown(std::string_view message, std::string_view type = "Error");

} // namespace lambent::emulator
