#include <lambent/aws/async_completion.hpp>
#include <lambent/aws/detail/call_plan.hpp>
#include <lambent/aws/detail/client_state.hpp>
#include <lambent/aws/lambda_client.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace lambent::aws {
namespace detail {

/// One `async_invoke`: begun on any thread, run and ended on the client's shard, stopped from the handler's executor.
class async_call : public std::enable_shared_from_this<async_call>
{
public:
    async_call(std::shared_ptr<lambda_client::state> client, const invocation& what, core::deadline until, completion_ptr handler)
        : client_(std::move(client)), executor_(client_->shard.executor()), what_(what), until_(until), handler_(std::move(handler))
    {}

    /// From any thread.
    void launch()
    {
        client_->outstanding.fetch_add(1, std::memory_order_relaxed);
        asio::dispatch(executor_, [self = shared_from_this()] { self->start(); });
    }

    /// From any thread.
    void stop(asio::cancellation_type type)
    {
        asio::dispatch(executor_, [self = shared_from_this(), type] { self->stop_here(type); });
    }

private:
    void start()
    {
        if (stopped_) {
            end(core::error{core::errc::cancelled, std::string(operation_failed) + "request canceled, context canceled"});
            return;
        }
        running_ = true;
        core::task_group::task& task = client_->tasks.start(run(shared_from_this()));
        if (running_)
            task_ = &task;
    }

    static awaitable<void> run(std::shared_ptr<async_call> self)
    {
        auto outcome = co_await self->client_->invoke(self->what_, self->until_, nullptr, &self->may_run_);
        self->running_ = false;
        self->task_ = nullptr;
        self->end(std::move(outcome));
    }

    // Never hands over in here: that may still be inside the initiating call, or inside the handler's own cancellation.
    void end(core::result<invocation_reply> outcome)
    {
        asio::post(executor_, [self = shared_from_this(), outcome = std::move(outcome)]() mutable {
            // Before the handler, which may destroy the client; whoever closes it resumes after this turn.
            const auto client = std::exchange(self->client_, nullptr);
            if (client->outstanding.fetch_sub(1, std::memory_order_acq_rel) == 1)
                client->drained.wake();
            self->handler_.release()->deliver(std::move(outcome));
        });
    }

    void stop_here(asio::cancellation_type type)
    {
        // What can only be undone without a trace cannot once the function may run.
        const bool any_trace = (type & (asio::cancellation_type::terminal | asio::cancellation_type::partial)) != asio::cancellation_type::none;
        if (client_ == nullptr || (!any_trace && may_run_))
            return;
        stopped_ = true;
        if (task_ != nullptr)
            client_->tasks.cancel(*task_);
    }

    std::shared_ptr<lambda_client::state> client_; ///< until it is over
    asio::any_io_executor executor_;
    invocation what_;
    core::deadline until_;
    completion_ptr handler_;
    core::task_group::task* task_ = nullptr; ///< while it runs
    bool running_ = false;
    bool stopped_ = false;
    bool may_run_ = false;
};

void call_stop::operator()(asio::cancellation_type type) const
{
    // Stopping may end with the slot cleared, and this destroyed.
    if (const std::shared_ptr<async_call> call = call_.lock(); call && type != asio::cancellation_type::none)
        call->stop(type);
}

} // namespace detail

core::deadline lambda_client::in(core::duration within) const noexcept
{
    return state_->shard.time().in(within);
}

const asio::any_io_executor& lambda_client::executor() const noexcept
{
    return state_->shard.executor();
}

std::shared_ptr<detail::async_call> lambda_client::prepare(const invocation& call, core::deadline until, detail::completion_ptr handler)
{
    return std::make_shared<detail::async_call>(state_, call, until, std::move(handler));
}

void lambda_client::launch(const std::shared_ptr<detail::async_call>& call)
{
    call->launch();
}

} // namespace lambent::aws
