#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/timekeeper.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace lambent::core {

/// Told when its descriptor's readiness changed.
class ready_sink
{
public:
    /// `events` as epoll's (EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR). Edges: remember them until a call said
    /// EAGAIN. Called from a turn of the loop: coroutines may be resumed here, sinks added and removed, this one included.
    virtual void on_ready(std::uint32_t events) noexcept = 0;

protected:
    ~ready_sink() = default;
};

/// Work put off until a turn's events have been told. Forgotten when it dies.
class turn_work
{
public:
    turn_work() noexcept = default;
    turn_work(const turn_work&) = delete;
    turn_work& operator=(const turn_work&) = delete;
    /// Once for each `put_off`. The set and other work may be touched here.
    virtual void at_turn_end() noexcept = 0;

protected:
    ~turn_work()
    {
        if (list_ != nullptr)
            std::replace(list_->begin(), list_->end(), this, static_cast<turn_work*>(nullptr));
    }

private:
    friend class ready_set;
    std::vector<turn_work*>* list_ = nullptr; ///< it stands in
};

/// Readiness of many descriptors for one registration each: a private edge-triggered epoll set that the loop sees as one
/// descriptor. Against Asio's sockets it saves an epoll_ctl per wait and an operation object per wait.
///
/// Keeps the loop running (as pending work) while it has a sink.
class ready_set
{
public:
    /// @param time  with it a turn is cut after about a millisecond, so that timers are not late by what many large messages take;
    ///              null: a turn tells all.
    explicit ready_set(const asio::any_io_executor& executor, std::shared_ptr<const timekeeper> time = nullptr);
    ~ready_set();
    ready_set(const ready_set&) = delete;
    ready_set& operator=(const ready_set&) = delete;

    /// Watches for reading, writing and hang-up, edge-triggered; what is ready already is told in the next turn. The
    /// descriptor stays its owner's, who removes it before closing it. The error is the system's.
    result<void> add(int descriptor, ready_sink& sink);
    /// After this the sink is not touched, not even by the turn in progress. Precondition: it was added.
    void remove(int descriptor, ready_sink& sink) noexcept;
    std::size_t size() const noexcept;

    /// Has `work` called once when this turn's events have been told, or some dozens of them. False when no turn is under way: nothing
    /// will be called then.
    ///
    /// Answers are taken first and the next requests written then, back to back: a peer on another processor is woken once for many and
    /// finds the next request whenever it has dealt with one, instead of being woken for each.
    bool put_off(turn_work& work);

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace lambent::core
