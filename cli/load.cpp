#include <lambent/cli/load.hpp>

#include <lambent/cli/cpu_time.hpp>

#include <lambent/core/counter.hpp>
#include <lambent/core/shard_set.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/core/waiter.hpp>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <utility>
#include <vector>

namespace lambent::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t slices_max = 100;           // of the counted time, for curves over time
constexpr core::duration slice_min = 50ms;
constexpr std::uint64_t sampled_one_in = 32;      // calls whose phases are measured: their clock readings cost

/// One shard's part of the load.
struct part
{
    const load_plan* plan = nullptr;
    std::size_t index = 0;
    core::shard* shard = nullptr;
    std::unique_ptr<aws::lambda_client> client;
    core::instant began{};
    core::instant counted_from{};
    core::instant counting_since{}; ///< when `counted_from` was noticed
    core::instant end{};
    bool counting = false;
    bool counted = false;
    double cpu_at_start = 0;
    std::uint64_t attempts_at_start = 0;
    std::uint64_t next = 0;       ///< open loop: the next request's number is next * shards + index
    std::uint64_t calls = 0;
    load_result result;
    core::counter answered;       ///< in all, for the live line
    core::counter failed;

    bool over(core::instant now) const noexcept { return now >= end; }

    /// Begins and ends the counted time. Asked by whoever looks at the clock first, a call's end or the timer: where turns of the loop are
    /// long both are late, and the figures must be of the same time.
    void look(core::instant now)
    {
        if (!counting && !counted && now >= counted_from && now < end) {
            counting = true;
            counting_since = now;
            cpu_at_start = cpu_seconds();
            attempts_at_start = client->stats().attempts;
        }
        if (counting && now >= end)
            stop(now);
    }
    void stop(core::instant now)
    {
        if (!std::exchange(counting, false))
            return;
        counted = true;
        // Due times are the plan's own, answers are noticed when they are.
        result.counted = plan->rate > 0 ? std::min(now, end) - counted_from : now - counting_since;
        result.cpu_seconds = cpu_seconds() - cpu_at_start;
        result.attempts = client->stats().attempts - attempts_at_start;
    }
};

/// An error's words as they stand in a table.
std::string one_line(std::string text)
{
    constexpr std::size_t bytes_max = 300;
    if (text.size() > bytes_max)
        text.replace(bytes_max, std::string::npos, "...");
    std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return text;
}

/// Notes a call's end. What counts is when it was answered (closed loop) or due (open loop).
void note(part& here, bool open, core::instant due, core::instant now, const core::result<aws::invocation_reply>& reply)
{
    const bool good = reply && !reply->function_error;
    (good ? here.answered : here.failed).add();
    // A closed loop's answer that comes behind the end belongs to nobody; an open loop's was due before it.
    const bool counts = open ? due >= here.counted_from : here.counting;
    here.look(now);
    if (!counts)
        return;
    const core::duration at = open ? due - here.counted_from : now - here.counting_since;
    const auto which = static_cast<std::size_t>(at / here.result.slice);
    load_slice& slice = here.result.slices[std::min(which, here.result.slices.size() - 1)];
    if (good) {
        slice.latency_ns.record(static_cast<std::uint64_t>((now - due).count()));
    } else {
        ++slice.errors;
        const std::string name = reply ? "function_error" : error_class(reply.error().code);
        if (++here.result.errors_by_class[name] == 1)
            here.result.first_errors.emplace(name, one_line(reply ? *reply->function_error + ", " + reply->payload : reply.error().text()));
    }
}

void note_phases(load_result& into, const aws::call_report& report)
{
    const auto add = [&into](phase which, core::duration d) { into.phase_ns[static_cast<std::size_t>(which)] += static_cast<std::uint64_t>(d.count()); };
    add(phase::queue, report.phases.limiter + report.phases.queue);
    add(phase::connect, report.phases.resolve + report.phases.connect + report.phases.handshake);
    add(phase::sign, report.phases.sign);
    add(phase::write, report.phases.write);
    add(phase::wait, report.phases.wait);
    add(phase::read, report.phases.read);
    ++into.phase_samples;
}

awaitable<void> call_again_and_again(part& here, std::size_t caller)
{
    core::timekeeper& time = here.shard->time();
    const load_plan& plan = *here.plan;
    const bool open = plan.rate > 0;
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (!open) {
        const core::deadline first(here.began + plan.begins(caller));
        const auto slept = co_await time.sleep_until(first);
        if (!slept)
            co_return;
    }
    aws::invocation call;
    aws::call_report report;
    core::instant due = time.now();
    while (!here.over(due)) {
        if (open) {
            const std::uint64_t number = here.next++ * plan.shards + here.index;
            due = here.began + plan.due(number);
            if (due >= here.end)
                break;
            if (time.now() < due) {
                const core::deadline then(due);
                const auto slept = co_await time.sleep_until(then);
                if (!slept)
                    break;
            } else if (here.over(time.now())) {
                ++here.result.unsent;
                continue;
            }
        }
        const std::uint64_t count = here.calls++;
        call.function = plan.functions[count % plan.functions.size()];
        call.payload = plan.payloads[count % plan.payloads.size()];
        aws::call_report* const sample = count % sampled_one_in == 0 ? &report : nullptr;
        const auto reply = co_await here.client->invoke(call, core::forever, sample);
        const core::instant now = time.now();
        if (core::cancelled_before(cancellation))
            break;
        if (sample != nullptr && reply && now >= here.counted_from)
            note_phases(here.result, report);
        note(here, open, due, now, reply);
        due = now;
    }
}

class load
{
public:
    load(const load_plan& plan, const client_factory& make_client, const load_watcher& watch)
        : plan_(plan), make_client_(make_client), watch_(watch), set_(plan.shards), parts_(plan.shards)
    {}

    load_result run()
    {
        asio::signal_set signals(set_.at(0).executor(), SIGINT, SIGTERM);
        signals_ = &signals;
        signals.async_wait([this](core::error_code ec, int) {
            if (!ec)
                set_.stop();
        });
        began_ = set_.at(0).time().now();
        set_.run([this](std::size_t index) { return serve(index); });
        load_result all;
        for (const part& one : parts_)
            all.merge(one.result);
        return all;
    }

private:
    awaitable<void> serve(std::size_t index);
    awaitable<void> keep_time(part& here);
    awaitable<void> keep_showing(part& here);

    const load_plan& plan_;
    const client_factory& make_client_;
    const load_watcher& watch_;
    core::shard_set set_;
    std::vector<part> parts_;
    core::instant began_{};
    asio::signal_set* signals_ = nullptr; ///< on the first shard; keeps its loop running until cancelled
};

awaitable<void> load::keep_time(part& here)
{
    const core::deadline from(here.counted_from);
    const auto reached = co_await here.shard->time().sleep_until(from);
    if (reached) {
        here.look(here.shard->time().now());
        const core::deadline end(here.end);
        [[maybe_unused]] const auto ended = co_await here.shard->time().sleep_until(end);
    }
    here.stop(here.shard->time().now());
}

awaitable<void> load::keep_showing(part& here)
{
    std::uint64_t last = 0;
    core::instant last_at = here.began;
    for (;;) {
        const auto slept = co_await here.shard->time().sleep(1s);
        if (!slept)
            co_return;
        const core::instant now = here.shard->time().now();
        std::uint64_t answered = 0;
        std::uint64_t failed = 0;
        for (const part& one : parts_) {
            answered += one.answered.value();
            failed += one.failed.value();
        }
        char line[160];
        std::snprintf(line, sizeof line, "%5.1f s  %s  %8.0f/s  %llu answered  %llu errors", std::chrono::duration<double>(now - here.began).count(),
            now < here.counted_from ? "warming up" : "counting  ",
            static_cast<double>(answered - last) / std::chrono::duration<double>(now - last_at).count(), static_cast<unsigned long long>(answered),
            static_cast<unsigned long long>(failed));
        watch_(line);
        last = answered;
        last_at = now;
    }
}

awaitable<void> load::serve(std::size_t index)
{
    part& here = parts_[index];
    here.plan = &plan_;
    here.index = index;
    here.shard = &set_.at(index);
    here.began = began_;
    here.counted_from = began_ + plan_.lead();
    here.end = began_ + plan_.whole();
    const auto slices = std::clamp<std::size_t>(static_cast<std::size_t>(plan_.duration / slice_min), 1, slices_max);
    here.result.slice = std::max<core::duration>(plan_.duration / static_cast<core::duration::rep>(slices), core::duration(1));
    here.result.slices.resize(slices);
    here.client = make_client_(*here.shard);

    const auto cancellation = co_await asio::this_coro::cancellation_state;
    {
        core::task_group aside(*here.shard);
        aside.start(keep_time(here));
        if (index == 0 && watch_)
            aside.start(keep_showing(here));
        core::task_group callers(*here.shard);
        for (std::size_t i = 0; i < plan_.callers_of(index); ++i)
            callers.start(call_again_and_again(here, i * plan_.shards + index));
        co_await callers.join();
        if (plan_.rate > 0 && !core::cancelled_before(cancellation)) {
            const std::uint64_t due = plan_.due_before(plan_.whole());
            for (std::uint64_t number = here.next * plan_.shards + index; number < due; number += plan_.shards)
                here.result.unsent += plan_.due(number) >= plan_.lead() ? 1 : 0;
        }
        aside.cancel();
        co_await aside.join();
    }
    const core::deadline soon = here.shard->time().in(1s);
    co_await here.client->close(soon);
    here.client.reset();
    if (index == 0)
        signals_->cancel();
}

} // namespace

load_result run_load(const load_plan& plan, const client_factory& make_client, const load_watcher& watch)
{
    load running(plan, make_client, watch);
    return running.run();
}

} // namespace lambent::cli
