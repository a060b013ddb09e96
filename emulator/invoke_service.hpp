#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/emulator/admission.hpp>
#include <lambent/emulator/authorization.hpp>
#include <lambent/emulator/call_log.hpp>
#include <lambent/emulator/faults.hpp>
#include <lambent/emulator/function.hpp>
#include <lambent/emulator/function_name.hpp>
#include <lambent/emulator/protocol.hpp>
#include <lambent/http/server.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::emulator {

/// One function and how it behaves.
struct function_options
{
    std::shared_ptr<function> body;
    latency_shape latency;
    core::duration timeout = std::chrono::seconds(3);    ///< as Lambda's default; longer latencies are answered as time-outs
    std::optional<std::size_t> reserved_concurrency;     ///< taken from the account's
    fault_rates faults;
    function_versions versions;
};

/// The emulated account.
struct account_options
{
    std::vector<access_key> keys;              ///< at least one
    std::string region;                        ///< the only one that signatures may name; empty: any
    std::string id = "123456789012";
    std::size_t concurrency = 1000;            ///< invocations in progress
    std::size_t events_max = 10000;            ///< accepted events that wait for concurrency; further ones are throttled
    core::duration slow_body_pause = std::chrono::milliseconds(100); ///< between the ten pieces of a `fault::slow_body`
    std::uint64_t seed = 1;                    ///< of faults and latencies
    std::map<std::string, function_options> functions;
    call_observer* observer = nullptr;         ///< may be null; must outlive the service
};

/// Answers Invoke requests; what `lambda_server` puts behind its listeners. A shell: what it does is decided by `authorize`,
/// `read_invoke`, `plan_call` and `admission`; it only waits and keeps the books.
class invoke_service final : public http::handler
{
public:
    invoke_service(core::shard& on, account_options account);
    ~invoke_service() override; ///< precondition: drained, or no event was accepted

    /// Checks the options; to be called once, before the first request. The error names the option.
    core::result<void> open();
    /// A cancelled call is recorded as abandoned; its connection is to be closed.
    awaitable<http::server_response> handle(http::server_request& request) override;
    /// Lets the events that were accepted run until `until`, then cuts them off. To be called when no request can come any more.
    awaitable<void> drain(core::deadline until);

    std::size_t running() const noexcept { return admission_.running(); }

private:
    struct target;
    struct invocation;
    class place;

    invocation arrive(const http::server_request& request);
    std::optional<service_error> resolve(const http::server_request& request, invocation& call);
    std::optional<service_error> find_target(const caller& who, invocation& call);
    std::optional<http::server_response> settle_early(http::server_request& request, invocation& call);
    http::server_response fail_early(invocation& call);
    http::server_response refuse(invocation& call, const service_error& error, std::string_view outcome);
    http::server_response enqueue(invocation call);
    http::server_response complete(invocation& call, function_reply reply);
    awaitable<std::optional<function_reply>> execute(invocation& call);
    awaitable<void> run_event(std::unique_ptr<invocation> call);
    void pump();
    void settle(invocation& call, std::string_view outcome, int status);

    core::shard& shard_;
    account_options account_;
    std::map<std::string, target, std::less<>> targets_;
    admission admission_;
    core::task_group events_;
    std::deque<std::unique_ptr<invocation>> waiting_; ///< events without concurrency yet, oldest first
};

} // namespace lambent::emulator
