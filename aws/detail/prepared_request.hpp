#pragma once

#include <lambent/aws/credentials.hpp>
#include <lambent/aws/endpoint.hpp>
#include <lambent/aws/invocation.hpp>
#include <lambent/aws/lambda_protocol.hpp>
#include <lambent/core/error.hpp>
#include <lambent/sigv4/request_template.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::aws {

/// All of a call's request that does not depend on its payload, keys and time: made once for many calls.
struct prepared_request
{
    std::string function; ///< what it was made for, with the next three
    std::string qualifier;
    invocation_type type = invocation_type::request_response;
    bool log_tail = false;
    std::uint64_t lane = 0; ///< of calls without a latency class
    bool shared = false;  ///< stands on the shelf

    lambda_request request;
    std::string target;
    std::string head;     ///< the text up to "Content-Length: ", included
    sigv4::request_template signature;       ///< of the second and the keys it was last sent with
    std::shared_ptr<const credentials> keys; ///< those
    std::size_t users = 0;

    bool fits(const invocation& call) const noexcept
    {
        return call.function == function && call.qualifier == qualifier && call.type == type && call.log_tail == log_tail;
    }
};

/// The prepared requests of one client. Who took one gives it back.
class request_shelf
{
public:
    /// Above this many kinds of calls at once, a call prepares its own.
    static constexpr std::size_t kept_max = 256;

    /// @return invalid_call for what must not be sent.
    core::result<prepared_request*> take(const invocation& call, const endpoint& where, std::string_view authority, bool any_name);
    void give_back(prepared_request* one) noexcept;

private:
    prepared_request* find(const invocation& call) noexcept;
    void keep(std::unique_ptr<prepared_request> made);

    std::vector<std::unique_ptr<prepared_request>> kept_;
    prepared_request* latest_ = nullptr;
};

/// Why the call's parts must not be sent; a null code: they may.
/// @param any_name  names that no function can have are let through: they are percent-encoded.
core::error flaw_of(const invocation& call, bool any_name);
/// The same of keys: id and token become parts of headers. Names neither.
core::error flaw_of(const credentials& keys);

} // namespace lambent::aws
