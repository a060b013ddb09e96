#include <lambent/http/connection.hpp>

#include <lambent/http/pool.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace lambent::http {
namespace {

constexpr std::size_t held_bytes_max = 64 * 1024; // more leaves at once, so that memory does not pile up

} // namespace

connection::connection(pool& home, exchange_context& context, std::unique_ptr<transport> over, core::duration age_limit_in)
    : age_limit(age_limit_in), home_(home), context_(context), transport_(std::move(over)),
      session_(context.responses, context.limits.pipeline_depth, &context.heads)
{
    transport_->attend(this);
}

connection::~connection()
{
    if (held_)
        std::replace(context_.held.begin(), context_.held.end(), this, static_cast<connection*>(nullptr));
}

load connection::how_loaded() const noexcept
{
    return load_of(context_.limits, session_.unanswered() + granted_.size(), session_.open());
}

void connection::grant(call& c) noexcept
{
    if (session_.unanswered() + granted_.size() == 0)
        lane = c.lane;
    granted_.push_back(c);
    c.on = this;
    c.where = call::stage::granted;
}

void connection::begin(call& c) noexcept
{
    chain<call>::leave(c);
    if (c.times.wanted()) {
        c.times.enter(&phase_times::write);
        c.times.reused(served_ > 0);
        times_writing_ = true;
    }
    std::string& out = session_.output();
    if (out.empty() && out.capacity() < 64)
        out = context_.buffers.take();
    const bool fresh = c.unsent.empty();
    if (!fresh) {
        out.append(c.unsent);
        c.unsent.clear();
    } else if (auto written = c.source.write(out); !written) {
        session_.retract();
        return_output();
        c.on = nullptr;
        c.fail(std::move(written.error()));
        home_.settle(*this);
        return;
    }
    session_.submit(&c, c.source.is_head(), fresh ? c.source.rest() : std::string_view());
    calls_.push_back(c);
    c.where = call::stage::exchanging;
    ++context_.stats.requests;
    if (served_++ > 0)
        ++context_.stats.reused;
    if (context_.holding && session_.unsent() <= held_bytes_max) {
        if (!std::exchange(held_, true))
            context_.held.push_back(this);
        return;
    }
    if (!flush())
        die_writing();
}

void connection::flush_held() noexcept
{
    held_ = false;
    if (!flush())
        die_writing();
}

void connection::die_writing() noexcept
{
    chain<call> finished;
    after_write_failure(finished);
    home_.retire(*this, false);
    exchange_context::resume_later(finished);
}

void connection::after_write_failure(chain<call>& finished) noexcept
{
    const core::error why = write_failure();
    // The server may have answered and closed before it had read all (413): its answer is worth reading.
    if (transport_->look())
        static_cast<void>(pump(finished, &why));
    break_off(why, finished);
}

bool connection::flush() noexcept
{
    for (std::string_view left = session_.pending(); !left.empty(); left = session_.pending()) {
        const io put = transport_->try_write(left);
        if (put.what == io::outcome::not_yet) {
            session_.blocked();
            note_written();
            return true;
        }
        if (put.what != io::outcome::moved) {
            return false;
        }
        context_.stats.bytes_sent += put.bytes;
        session_.wrote(put.bytes);
    }
    return_output();
    note_written();
    return true;
}

void connection::note_written() noexcept
{
    if (!times_writing_)
        return;
    times_writing_ = false;
    for (call* c = calls_.first(); c != nullptr; c = chain<call>::after(*c)) {
        if (!c->times.is_in(&phase_times::write))
            continue;
        if (session_.written(c))
            c->times.enter(&phase_times::wait);
        else
            times_writing_ = true;
    }
}

void connection::note_answer() noexcept
{
    if (!session_.answer_begun())
        return;
    if (auto* const c = static_cast<call*>(session_.tag()))
        c->times.enter(&phase_times::read);
}

void connection::return_output() noexcept
{
    std::string& out = session_.output();
    if (!out.empty())
        return;
    context_.buffers.give(std::move(out));
    out = std::string();
}

void connection::on_transport_ready() noexcept
{
    exchange_context& context = context_;
    chain<call> finished;
    bool alive = session_.pending().empty() || held_ || flush();
    if (alive)
        alive = pump(finished, nullptr);
    else
        after_write_failure(finished);
    if (alive)
        home_.settle(*this);
    else
        home_.retire(*this, false);
    context.resume_here(finished);
}

bool connection::pump(chain<call>& finished, const core::error* instead) noexcept
{
    while (!ended_) {
        const io got = transport_->try_read(context_.scratch);
        if (got.what == io::outcome::not_yet)
            break;
        if (got.what == io::outcome::moved) {
            context_.stats.bytes_received += got.bytes;
            session_.feed(std::span<const char>(context_.scratch.data(), got.bytes));
            if (!consume(finished)) {
                ended_ = true;
                break_off(session_.error(), finished);
            }
            continue;
        }
        ended_ = true;
        const core::error why = got.what == io::outcome::failed ? transport_->failure() : core::error();
        session_.end(got.what == io::outcome::ended);
        if (!consume(finished))
            break_off(instead != nullptr ? *instead : read_failure(why), finished);
    }
    return !ended_ && (session_.open() || session_.unanswered() > 0);
}

bool connection::consume(chain<call>& finished) noexcept
{
    for (;;) {
        const auto what = session_.next();
        if (what != h1_session::event::broken)
            note_answer();
        switch (what) {
        case h1_session::event::need_more:
            return true;
        case h1_session::event::broken:
            return false;
        case h1_session::event::response:
            call& c = *static_cast<call*>(session_.tag());
            c.sink.take(session_.view());
            c.on = nullptr;
            c.where = call::stage::done;
            c.progress = progress::answered;
            session_.taken();
            finished.push_back(c);
            break;
        }
    }
}

core::error connection::read_failure(const core::error& told) const
{
    // The session knows how far the response was; the transport knows what happened.
    core::error why = session_.error();
    if (!told.detail.empty())
        why.detail = told.detail;
    return why;
}

core::error connection::write_failure() const
{
    core::error why;
    why.code = errc::write_failed;
    why.detail = transport_->failure().detail;
    return why;
}

void connection::break_off(const core::error& why, chain<call>& finished) noexcept
{
    while (call* const c = calls_.first())
        fail_one(*c, why, finished);
}

void connection::close(bool orderly) noexcept
{
    while (call* const c = granted_.pop_front()) {
        // Nothing of it was written. It is on its way to be resumed already, and looks for another place then.
        c->on = nullptr;
        c->where = call::stage::unplaced;
    }
    transport_->close(orderly);
}

void connection::fail_one(call& c, const core::error& why, chain<call>& finished) noexcept
{
    const auto how_far = session_.progress_of(&c);
    c.on = nullptr;
    if (how_far == progress::not_sent && served_ > 1 && !c.retried) {
        c.retried = true;
        c.unsent = session_.text_of(&c);
        c.where = call::stage::unplaced;
        ++context_.stats.stale_retried;
    } else {
        if (session_.head_known(&c)) {
            response_view partial = session_.view();
            partial.body = {};
            partial.body_storage = nullptr;
            c.sink.cut_short(partial);
        }
        c.progress = how_far;
        c.fail(why);
    }
    static_cast<void>(session_.abandon(&c));
    finished.push_back(c);
}

void connection::give_up(call& c) noexcept
{
    const bool was_granted = granted_.holds(c);
    chain<call>::leave(c);
    c.on = nullptr;
    if (was_granted) {
        home_.settle(*this);
        return;
    }
    c.progress = session_.progress_of(&c);
    if (session_.head_known(&c)) {
        response_view partial = session_.view();
        partial.body = {};
        partial.body_storage = nullptr;
        c.sink.cut_short(partial);
    }
    if (session_.abandon(&c) == h1_session::departure::must_close)
        home_.retire(*this, false);
    else
        home_.settle(*this);
}

errc connection::phase_of(const call& c) const noexcept
{
    void* const tag = const_cast<call*>(&c);
    if (session_.head_known(tag))
        return errc::body_timeout;
    return session_.written(tag) ? errc::response_timeout : errc::write_timeout;
}

bool connection::still_good() noexcept
{
    if (!transport_->look())
        return true;
    // Session tickets and the like are read and leave nothing; bytes or an end mean that it is of no use.
    chain<call> nobody;
    return pump(nobody, nullptr);
}

void connection::shut(core::error_code why) noexcept
{
    chain<call> finished;
    core::error told;
    told.code = why;
    while (call* const c = calls_.first()) {
        c->retried = true; // nothing is tried again now
        fail_one(*c, told, finished);
    }
    while (call* const c = granted_.pop_front()) {
        c->on = nullptr;
        c->fail(told);
    }
    exchange_context::resume_later(finished);
}

} // namespace lambent::http
