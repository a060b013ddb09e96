#pragma once

#include <lambent/core/ready_set.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/http/buffer_stock.hpp>
#include <lambent/http/call.hpp>
#include <lambent/http/connection.hpp>
#include <lambent/http/head_memory.hpp>
#include <lambent/http/pool_plan.hpp>
#include <lambent/http/stats.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace lambent::http {

/// What all connections of one client share.
struct exchange_context : private core::turn_work
{
    exchange_context(core::shard& on, const pool_limits& limits_in, const response_limits& responses_in)
        : shard(on), limits(limits_in), responses(responses_in)
    {}

    core::shard& shard;
    pool_limits limits;
    response_limits responses;
    client_stats stats;
    buffer_stock buffers;
    head_memory heads;
    std::vector<char> scratch;      ///< where all reads go first; in use only within one `pump`
    std::vector<connection*> held;  ///< with writes held back until the turn's answers are taken; null: gone meanwhile
    bool holding = false;
    bool closing = false;
    bool* alive_flag = nullptr;     ///< of a `resume_here` in progress: told when this dies under it

    ~exchange_context();

    /// Resumes inside this call; only from a turn of the loop. Requests that those who are resumed make leave together.
    void resume_here(chain<call>& finished) noexcept;
    static void resume_later(chain<call>& finished) noexcept;

private:
    void at_turn_end() noexcept override;
};

/// One origin's connections and queue: the shell round `pool_plan`.
class pool
{
public:
    pool(exchange_context& context, origin to);
    ~pool(); ///< precondition: no call is here
    pool(const pool&) = delete;
    pool& operator=(const pool&) = delete;

    const origin& to() const noexcept { return to_; }
    origin_stats gauges() const;

    /// An unplaced call becomes granted, may_dial, queued, or done (refused).
    /// @param now  read lately
    void place(call& c, core::instant now) noexcept;
    /// The dial that `c` was allowed has given this; `c` is granted.
    void opened(std::unique_ptr<transport> over, call& c);
    /// The dial that `c` was allowed came to nothing, or will not be made.
    void not_opened() noexcept;
    void leave_queue(call& c) noexcept;

    /// How many spare connections to dial now: to keep `idle_min` ready, or to warm up.
    std::size_t spares_to_keep() noexcept;
    std::size_t spares_to_warm() noexcept;
    /// A spare is being dialled: counted as opening, until `opened_spare` or `not_opened`.
    void opening_spare() noexcept { ++opening_; }
    void opened_spare(std::unique_ptr<transport> over);
    /// The dial of a spare failed: none to keep for a while.
    void spare_failed() noexcept;

    /// A connection's load has changed: to its list, and on to those who wait.
    void settle(connection& which) noexcept;
    /// Closes and destroys it.
    void retire(connection& which, bool orderly) noexcept;

    void fail_queue(core::error_code why) noexcept;
    void retire_idle() noexcept;
    /// Stops every call that is not in the queue, and closes every connection.
    void abort(core::error_code why) noexcept;
    bool empty() const noexcept { return all_.empty() && queue_.empty() && opening_ == 0; }

private:
    void allow_dial(call& c) noexcept;
    void share_roomy(call& c, core::instant now) noexcept;
    void relist(connection& which, core::instant now) noexcept;
    /// The connection idle for the shortest time, if it is still good; else that one is closed, and null.
    connection* pick_idle(core::instant now, bool look) noexcept;
    /// Closes some of those idle for too long.
    void reap(core::instant now) noexcept;
    void serve_queue() noexcept;
    pool_counts counts(std::uint64_t lane) noexcept;
    connection& add(std::unique_ptr<transport> over);
    void enter_lane(call& c);
    /// Connections with room for one more of the lane.
    chain<connection>& roomy(std::uint64_t lane);

    exchange_context& context_;
    origin to_;
    std::vector<std::unique_ptr<connection>> all_;
    chain<connection> idle_;   ///< longest idle first
    std::unordered_map<std::uint64_t, chain<connection>> roomy_; ///< by lane; empty where nothing is pipelined
    std::uint64_t latest_lane_ = 0;
    chain<connection>* latest_roomy_ = nullptr; ///< of `latest_lane_`; null: look it up
    chain<call> queue_;
    chain<call> dialling_;     ///< may_dial and dialling
    std::size_t opening_ = 0;
    unsigned spare_failures_ = 0; ///< in a row
    core::instant spares_from_{}; ///< none dialled to be kept before
    bool serving_ = false;
};

} // namespace lambent::http
