#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/emulator/account.hpp>
#include <lambent/emulator/admission.hpp>
#include <lambent/emulator/authorization.hpp>
#include <lambent/emulator/function.hpp>
#include <lambent/emulator/protocol.hpp>
#include <lambent/http/server.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::emulator {

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
