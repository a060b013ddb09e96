#include <lambent/http/h1_session.hpp>

#include <algorithm>

namespace lambent::http {
namespace {

constexpr std::size_t sent_prefix_max = 256 * 1024; // written bytes kept in front of pending ones before they are moved up

} // namespace

void h1_session::submit(void* tag, bool is_head, std::string_view rest)
{
    rest_ = rest;
    const std::uint64_t end = base_ + output_.size() + rest.size();
    entries_.push_back({tag, end_, end, is_head});
    end_ = end;
    if (entries_.size() == 1)
        parser_.begin(is_head);
}

std::string_view h1_session::pending() const noexcept
{
    const auto written = static_cast<std::size_t>(sent_ - base_);
    if (written < output_.size() || rest_.empty())
        return std::string_view(output_).substr(written, static_cast<std::size_t>(end_ - sent_));
    return rest_.substr(written - output_.size());
}

void h1_session::wrote(std::size_t n) noexcept
{
    sent_ += n;
    const auto written = static_cast<std::size_t>(sent_ - base_);
    if (sent_ == end_) {
        output_.clear();
        rest_ = {};
        base_ = sent_;
    } else if (written > sent_prefix_max) {
        const std::size_t of_output = std::min(written, output_.size());
        output_.erase(0, of_output);
        rest_.remove_prefix(written - of_output);
        base_ = sent_;
    }
}

const h1_session::entry* h1_session::find(void* tag) const noexcept
{
    const auto at = std::find_if(entries_.begin(), entries_.end(), [tag](const entry& e) { return e.tag == tag; });
    return at == entries_.end() ? nullptr : &*at;
}

http::progress h1_session::progress_of(void* tag) const noexcept
{
    const entry* const e = find(tag);
    if (e == nullptr)
        return progress::not_sent;
    return e->begin < std::max(sent_, attempted_) ? progress::maybe_sent : progress::not_sent;
}

bool h1_session::written(void* tag) const noexcept
{
    const entry* const e = find(tag);
    return e != nullptr && e->end <= sent_;
}

bool h1_session::head_known(void* tag) const noexcept
{
    return !entries_.empty() && entries_.front().tag == tag && parser_.head_known();
}

std::string_view h1_session::text_of(void* tag)
{
    keep_rest();
    const entry* const e = find(tag);
    if (e == nullptr)
        return {};
    return std::string_view(output_).substr(
        static_cast<std::size_t>(e->begin - base_), static_cast<std::size_t>(e->end - e->begin));
}

h1_session::departure h1_session::abandon(void* tag)
{
    const auto at = std::find_if(entries_.begin(), entries_.end(), [tag](const entry& e) { return e.tag == tag; });
    if (at == entries_.end())
        return departure::removed;
    const bool last = at + 1 == entries_.end();
    if (at->begin >= std::max(sent_, attempted_)) {
        const std::uint64_t length = at->end - at->begin;
        if (last)
            rest_ = {};
        output_.erase(static_cast<std::size_t>(at->begin - base_), static_cast<std::size_t>(length));
        end_ -= length;
        const bool first = at == entries_.begin();
        for (auto later = entries_.erase(at); later != entries_.end(); ++later) {
            later->begin -= length;
            later->end -= length;
        }
        if (first && !entries_.empty())
            parser_.begin(entries_.front().is_head);
        return departure::removed;
    }
    at->tag = nullptr;
    const bool others = std::any_of(entries_.begin(), entries_.end(), [](const entry& e) { return e.tag != nullptr; });
    if (!last || rest_.empty())
        return others ? departure::swallowed : departure::must_close;
    others ? keep_rest() : drop_rest();
    return others ? departure::swallowed : departure::must_close;
}

void h1_session::drop_rest() noexcept
{
    rest_ = {};
    end_ = base_ + output_.size();
    if (sent_ < end_)
        return;
    output_.clear();
    base_ = end_ = sent_;
}

void h1_session::break_with(errc code, const char* why)
{
    broken_ = true;
    open_ = false;
    broken_with_.code = code;
    broken_with_.detail = why;
}

core::error h1_session::error() const { return broken_with_; }

h1_session::event h1_session::next()
{
    for (;;) {
        if (broken_)
            return event::broken;
        if (ready_)
            return event::response;
        if (window_.empty())
            return event::need_more;
        if (entries_.empty()) {
            break_with(errc::unsolicited_response, "the server sent bytes that answer no request");
            return event::broken;
        }
        const entry& front = entries_.front();
        if (front.begin >= std::max(sent_, attempted_)) {
            // Came before the first byte of the request left: it cannot be its answer.
            break_with(errc::unsolicited_response, "the server sent bytes before it was asked");
            return event::broken;
        }
        window_ = window_.subspan(parser_.feed(window_));
        if (parser_.where() == response_parser::state::failed) {
            broken_ = true;
            open_ = false;
            broken_with_ = parser_.error();
            return event::broken;
        }
        if (parser_.where() != response_parser::state::complete)
            return event::need_more;
        // Answered before all of it was written (an early 413): the rest will not be sent, so nothing can follow.
        if (!parser_.keep_alive() || front.end > sent_)
            open_ = false;
        ready_ = true;
        if (front.tag == nullptr)
            taken();
    }
}

void h1_session::taken()
{
    ready_ = false;
    entries_.erase(entries_.begin());
    if (entries_.empty() && !rest_.empty())
        drop_rest(); // answered before all of it was written
    if (!open_) {
        // Whatever else was asked will not be answered here.
        if (!entries_.empty())
            break_with(errc::reset_before_response, "EOF");
        window_ = {};
        return;
    }
    if (!entries_.empty())
        parser_.begin(entries_.front().is_head);
}

void h1_session::end(bool clean)
{
    if (broken_ || ready_)
        return;
    open_ = false;
    if (entries_.empty()) {
        break_with(errc::reset_before_response, "EOF");
        return;
    }
    parser_.end(clean);
    if (parser_.where() == response_parser::state::complete) {
        ready_ = true;
        if (entries_.front().tag == nullptr)
            taken();
        return;
    }
    broken_ = true;
    broken_with_ = parser_.error();
}

} // namespace lambent::http
