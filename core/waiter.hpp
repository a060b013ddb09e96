#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/assert.hpp>
#include <lambent/core/error.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/system_executor.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace lambent::core {

/// Where one coroutine waits for one event: its completion handler is kept in place, without an allocation.
///
/// `auto [ec] = co_await w.wait(await_tuple);` completes with the code given to `wake`, or `errc::cancelled` when the
/// chain's slot fires (any type). A wake with nobody waiting is lost: re-read the condition before waiting. A
/// cancellation that came *before* the wait is not seen either, nor one between a wake and the resumption that it posted:
/// ask `cancelled_before` in each round, before waiting. Used on one thread.
class waiter
{
public:
    waiter() noexcept = default;
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    /// Somebody who still waits is abandoned, as an Asio object's operations are with their context.
    ~waiter()
    {
        if (actions_)
            std::exchange(actions_, nullptr)->destroy(*this);
    }

    bool armed() const noexcept { return actions_ != nullptr; }

    /// Precondition: not armed. `token` yields a handler with an executor of its own (a coroutine's has one).
    template <class Token>
    auto wait(Token&& token)
    {
        return asio::async_initiate<Token, void(error_code)>(arm{this}, token);
    }

    /// Resumes whoever waits, later, through its executor: safe in the middle of anything. False when nobody waited.
    bool wake(error_code ec = {}) noexcept
    {
        return armed() && (std::exchange(actions_, nullptr)->post(*this, ec), true);
    }
    /// Resumes whoever waits inside this call, which may destroy the waiter. Only for callbacks that the loop itself
    /// called: a turn of the `ready_set`, the wake heap.
    bool wake_here(error_code ec = {}) noexcept
    {
        return armed() && (std::exchange(actions_, nullptr)->call(*this, ec), true);
    }

private:
    struct actions
    {
        void (*post)(waiter&, error_code);
        void (*call)(waiter&, error_code);
        void (*destroy)(waiter&);
    };

    struct on_cancel
    {
        waiter* self;
        // `wake` clears the slot, which destroys this object: nothing of it may be read afterwards.
        void operator()(asio::cancellation_type type) const
        {
            waiter* const target = self;
            if (type != asio::cancellation_type::none)
                target->wake(errc::cancelled);
        }
    };

    template <class Handler>
    struct kept
    {
        static Handler& in(waiter& self) noexcept { return *std::launder(reinterpret_cast<Handler*>(self.storage_)); }
        // The slot is cleared with the handler: a cancellation between wake and resumption must find nothing here.
        static Handler take(waiter& self)
        {
            Handler handler(std::move(in(self)));
            std::destroy_at(&in(self));
            if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
                slot.clear();
            return handler;
        }
        static void post(waiter& self, error_code ec)
        {
            Handler handler = take(self);
            auto executor = asio::get_associated_executor(handler);
            asio::post(executor, [handler = std::move(handler), ec]() mutable { std::move(handler)(ec); });
        }
        static void call(waiter& self, error_code ec)
        {
            Handler handler = take(self);
            std::move(handler)(ec);
        }
        static void destroy(waiter& self) { Handler gone = take(self); }
        static constexpr actions table{&post, &call, &destroy};
    };

    struct arm
    {
        waiter* self;
        template <class Handler>
        void operator()(Handler&& given) const
        {
            using handler = std::decay_t<Handler>;
            static_assert(sizeof(handler) <= sizeof(storage_) && alignof(handler) <= alignof(std::max_align_t));
            static_assert(!std::is_same_v<asio::associated_executor_t<handler>, asio::system_executor>,
                "would resume on a thread of Asio's own");
            LAMBENT_ASSERT(!self->armed(), "a waiter has one who waits");
            auto* const at = ::new (static_cast<void*>(self->storage_)) handler(std::forward<Handler>(given));
            self->actions_ = &kept<handler>::table;
            if (auto slot = asio::get_associated_cancellation_slot(*at); slot.is_connected())
                slot.template emplace<on_cancel>(on_cancel{self});
        }
    };

    alignas(std::max_align_t) unsigned char storage_[64];
    const actions* actions_ = nullptr;
};

/// Was the awaiting chain asked to stop already? `if (cancelled_before(co_await asio::this_coro::cancellation_state))`.
/// Cancellation is an event; this makes it a state, so that no wait that begins after it is missed.
inline bool cancelled_before(const asio::cancellation_state& state) noexcept
{
    return state.cancelled() != asio::cancellation_type::none;
}

} // namespace lambent::core
