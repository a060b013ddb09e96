#pragma once

#include <lambent/aws/invocation.hpp>
#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <memory>
#include <utility>

namespace lambent::aws::detail {

/// The completion handler of one `async_invoke`, whatever its type. Destroys itself, one way or the other.
class completion
{
public:
    /// Hands the outcome over to the handler's executor; the handler's memory is given back first.
    virtual void deliver(core::result<invocation_reply> outcome) = 0;
    /// The loop is gone: the handler is destroyed unheard, as Asio's own are.
    virtual void abandon() noexcept = 0;

protected:
    ~completion() = default;
};

struct abandoning
{
    void operator()(completion* of) const noexcept { of->abandon(); }
};
using completion_ptr = std::unique_ptr<completion, abandoning>;

/// Keeps the handler's executor at work until the handler has been handed over.
template <class Handler>
class completion_of final : public completion
{
    using executor = asio::associated_executor_t<Handler, asio::any_io_executor>;
    using allocator = typename std::allocator_traits<asio::associated_allocator_t<Handler>>::template rebind_alloc<completion_of>;

public:
    completion_of(Handler&& handler, const asio::any_io_executor& otherwise)
        : handler_(std::move(handler)), work_(asio::get_associated_executor(handler_, otherwise))
    {}

    static completion_ptr make(Handler&& handler, const asio::any_io_executor& otherwise)
    {
        allocator memory(asio::get_associated_allocator(handler));
        completion_of* const place = std::allocator_traits<allocator>::allocate(memory, 1);
        return completion_ptr(::new (static_cast<void*>(place)) completion_of(std::move(handler), otherwise));
    }

    void deliver(core::result<invocation_reply> outcome) override
    {
        const auto work = std::move(work_);
        Handler handler(std::move(handler_));
        abandon();
        const auto memory = asio::get_associated_allocator(handler);
        asio::dispatch(work.get_executor(),
            asio::bind_allocator(memory, [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
                // The slot is the handler's executor's affair, and so is letting go of it.
                if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
                    slot.clear();
                std::move(handler)(std::move(outcome));
            }));
    }

    void abandon() noexcept override
    {
        allocator memory(asio::get_associated_allocator(handler_));
        this->~completion_of();
        std::allocator_traits<allocator>::deallocate(memory, this, 1);
    }

private:
    ~completion_of() = default;

    Handler handler_;
    asio::executor_work_guard<executor> work_;
};

class async_call;

/// What a cancellation slot holds of a call. Weakly: the handler may own the slot, and the call owns the handler.
class call_stop
{
public:
    explicit call_stop(const std::shared_ptr<async_call>& call) noexcept : call_(call) {}
    void operator()(asio::cancellation_type type) const;

private:
    std::weak_ptr<async_call> call_;
};

} // namespace lambent::aws::detail
