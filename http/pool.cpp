#include <lambent/http/pool.hpp>

#include <algorithm>
#include <utility>

namespace lambent::http {
namespace {

constexpr std::size_t lanes_kept = 64; // beyond, lanes without a roomy connection are forgotten
// Idle connections that keep their buffers. The one idle for the shortest time is used first: with so many idle, those that come on top are
// a crowd that goes to rest.
constexpr std::size_t awake_max = 16;
constexpr int reaped_max = 8; // connections closed in one touch, so that no caller pays for a long idle night at once

core::error plain(core::error_code code)
{
    core::error out;
    out.code = code;
    return out;
}

} // namespace

exchange_context::~exchange_context()
{
    if (alive_flag != nullptr)
        *alive_flag = false;
}

void exchange_context::resume_here(chain<call>& finished) noexcept
{
    core::ready_set* const set = shard.readiness_in_use();
    const bool till_turn_end = !holding && set != nullptr && set->put_off(*this);
    if (holding || (!till_turn_end && limits.pipeline_depth == 1)) {
        while (call* const c = finished.pop_front())
            c->waiter.wake_here();
        return;
    }
    // The last one resumed may destroy the client.
    bool alive = true;
    alive_flag = &alive;
    holding = true;
    while (call* const c = finished.pop_front())
        c->waiter.wake_here();
    if (!alive)
        return;
    alive_flag = nullptr;
    if (!till_turn_end)
        at_turn_end();
}

void exchange_context::at_turn_end() noexcept
{
    holding = false;
    for (std::size_t i = 0; i < held.size(); ++i) {
        if (held[i] != nullptr)
            held[i]->flush_held();
    }
    held.clear();
}

void exchange_context::resume_later(chain<call>& finished) noexcept
{
    while (call* const c = finished.pop_front())
        c->waiter.wake();
}

pool::pool(exchange_context& context, origin to) : context_(context), to_(std::move(to)) {}

pool::~pool()
{
    while (!all_.empty())
        retire(*all_.back(), true);
}

pool_counts pool::counts(std::uint64_t lane) noexcept
{
    pool_counts now;
    now.idle = idle_.size();
    if (context_.limits.pipeline_depth > 1)
        now.roomy = roomy(lane).size();
    now.full = all_.size() - now.idle - now.roomy;
    now.opening = opening_;
    now.waiting = queue_.size();
    return now;
}

origin_stats pool::gauges() const
{
    origin_stats out;
    out.origin = (to_.tls ? "https://" : "http://") + to_.authority();
    out.idle = idle_.size();
    out.busy = all_.size() - idle_.size();
    out.opening = opening_;
    out.queued = queue_.size();
    return out;
}

void pool::place(call& c, core::instant now) noexcept
{
    c.home = this;
    if (context_.closing)
        return c.fail(plain(core::errc::shutting_down));
    if (context_.limits.pipeline_depth > 1)
        enter_lane(c);
    reap(now);
    for (;;) {
        switch (next_for(context_.limits, counts(c.lane))) {
        case verdict::lease_idle:
            if (connection* const found = pick_idle(now, c.retried)) {
                found->grant(c);
                relist(*found, now);
                return;
            }
            break;
        case verdict::open_new:
            return allow_dial(c);
        case verdict::share:
            share_roomy(c, now);
            return;
        case verdict::wait:
            c.where = call::stage::queued;
            queue_.push_back(c);
            ++context_.stats.queued;
            return;
        case verdict::refuse:
            ++context_.stats.queue_refused;
            core::error full = plain(errc::queue_full);
            full.detail = std::to_string(queue_.size()) + " requests wait for a connection to " + to_.authority()
                + " already (queue_max)";
            return c.fail(std::move(full));
        }
    }
}

void pool::enter_lane(call& c)
{
    c.lane = c.source.lane();
    if (roomy_.size() < lanes_kept)
        return;
    std::erase_if(roomy_, [](const auto& one) { return one.second.empty(); });
    latest_roomy_ = nullptr;
}

chain<connection>& pool::roomy(std::uint64_t lane)
{
    if (latest_roomy_ == nullptr || latest_lane_ != lane) {
        latest_lane_ = lane;
        latest_roomy_ = &roomy_[lane];
    }
    return *latest_roomy_;
}

void pool::allow_dial(call& c) noexcept
{
    ++opening_;
    c.where = call::stage::may_dial;
    dialling_.push_back(c);
}

void pool::share_roomy(call& c, core::instant now) noexcept
{
    connection& found = *roomy(c.lane).first();
    found.grant(c);
    relist(found, now);
}

connection* pool::pick_idle(core::instant now, bool look) noexcept
{
    connection& last = *idle_.last();
    const core::duration idle_for = now - last.idle_since;
    if (http::retire(context_.limits, last.age_limit, idle_for, now - last.born) != retirement::keep) {
        retire(last, true);
        return nullptr;
    }
    if ((look || idle_for >= look_after_idle) && !last.still_good()) {
        retire(last, false);
        return nullptr;
    }
    return &last;
}

void pool::reap(core::instant now) noexcept
{
    for (int closed = 0; closed < reaped_max && !idle_.empty(); ++closed) {
        connection& oldest = *idle_.first();
        if (http::retire(context_.limits, oldest.age_limit, now - oldest.idle_since, now - oldest.born) == retirement::keep)
            return;
        retire(oldest, true);
    }
}

connection& pool::add(std::unique_ptr<transport> over)
{
    --opening_;
    ++context_.stats.opened;
    ++context_.stats.busy;
    spare_failures_ = 0;
    const core::duration age_limit = jittered_age(context_.limits, context_.shard.chance().uniform());
    all_.push_back(std::make_unique<connection>(*this, context_, std::move(over), age_limit));
    connection& made = *all_.back();
    made.index = all_.size() - 1;
    made.born = context_.shard.time().now();
    return made;
}

void pool::opened(std::unique_ptr<transport> over, call& c)
{
    connection& made = add(std::move(over));
    made.grant(c);
    settle(made);
}

void pool::opened_spare(std::unique_ptr<transport> over) { settle(add(std::move(over))); }

void pool::spare_failed() noexcept
{
    ++spare_failures_;
    spares_from_ = context_.shard.time().now() + spare_pause(spare_failures_);
}

std::size_t pool::spares_to_keep() noexcept
{
    if (context_.closing)
        return 0;
    const std::size_t missing = spares_missing(context_.limits, counts(0), context_.limits.idle_min, opening_);
    const bool pausing = missing > 0 && spare_failures_ > 0 && context_.shard.time().now() < spares_from_;
    return pausing ? 0 : missing;
}

std::size_t pool::spares_to_warm() noexcept
{
    // Connections being opened are others': their calls will take them.
    return spares_missing(context_.limits, counts(0), std::max<std::size_t>(context_.limits.idle_min, 1), 0);
}

void pool::not_opened() noexcept
{
    --opening_;
    serve_queue();
}

void pool::leave_queue(call& c) noexcept
{
    queue_.remove(c);
    --context_.stats.queued;
}

void pool::relist(connection& which, core::instant now) noexcept
{
    load loaded = which.how_loaded();
    // Too old for one more: it drains, and is closed once it is idle.
    if (loaded == load::roomy && now - which.born >= which.age_limit)
        loaded = load::full;
    if (loaded == which.placed)
        return;
    if (which.placed == load::idle) {
        --context_.stats.idle;
        ++context_.stats.busy;
    }
    chain<connection>::leave(which);
    which.placed = loaded;
    if (loaded == load::idle) {
        ++context_.stats.idle;
        --context_.stats.busy;
        which.idle_since = now;
        idle_.push_back(which);
    } else if (loaded == load::roomy) {
        roomy(which.lane).push_back(which);
    }
}

void pool::settle(connection& which) noexcept
{
    relist(which, context_.shard.time().now());
    if (context_.closing && which.placed == load::idle)
        return retire(which, true);
    // Each time: a session ticket that came meanwhile has woken it.
    if (which.placed == load::idle && idle_.size() > awake_max)
        which.rest();
    serve_queue();
}

void pool::retire(connection& which, bool orderly) noexcept
{
    which.close(orderly);
    --(which.placed == load::idle ? context_.stats.idle : context_.stats.busy);
    ++context_.stats.closed;
    const std::size_t index = which.index;
    all_[index].swap(all_.back());
    all_[index]->index = index;
    all_.pop_back();
    serve_queue();
}

void pool::serve_queue() noexcept
{
    if (queue_.empty() || serving_)
        return;
    serving_ = true;
    const core::instant now = context_.shard.time().now();
    for (bool more = true; more && !queue_.empty();) {
        call& c = *queue_.first();
        switch (next_for_first(context_.limits, counts(c.lane))) {
        case verdict::lease_idle:
            if (connection* const found = pick_idle(now, c.retried)) {
                leave_queue(c);
                found->grant(c);
                relist(*found, now);
                c.waiter.wake();
            }
            break;
        case verdict::open_new:
            leave_queue(c);
            allow_dial(c);
            c.waiter.wake();
            break;
        case verdict::share:
            leave_queue(c);
            share_roomy(c, now);
            c.waiter.wake();
            break;
        case verdict::wait:
        case verdict::refuse:
            more = false;
            break;
        }
    }
    serving_ = false;
}

void pool::fail_queue(core::error_code why) noexcept
{
    while (call* const c = queue_.first())
        c->stop(plain(why));
}

void pool::retire_idle() noexcept
{
    while (connection* const which = idle_.first())
        retire(*which, true);
}

void pool::abort(core::error_code why) noexcept
{
    for (call* c = dialling_.first(); c != nullptr;) {
        call* const next = chain<call>::after(*c);
        c->stop(plain(why));
        c = next;
    }
    while (!all_.empty()) {
        connection& which = *all_.back();
        which.shut(why);
        retire(which, false);
    }
}

} // namespace lambent::http
