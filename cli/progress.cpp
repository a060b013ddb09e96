#include <lambent/cli/progress.hpp>

#include <lambent/cli/cpu_time.hpp>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

namespace lambent::cli {

namespace {

[[gnu::format(printf, 1, 2)]] std::string format(const char* how, ...)
{
    std::array<char, 1024> text{};
    va_list values;
    va_start(values, how);
    const int size = std::vsnprintf(text.data(), text.size(), how, values);
    va_end(values);
    return std::string(text.data(), std::min<std::size_t>(static_cast<std::size_t>(std::max(size, 0)), text.size() - 1));
}

double ms(std::uint64_t ns) { return static_cast<double>(ns) * 1e-6; }
unsigned long long number(std::uint64_t n) { return n; }

} // namespace

progress::progress(core::shard& on, const stream::resources& of, bool live)
    : shard_(on), of_(of), live_(live), began_(on.time().now()), cpu_began_(cpu_seconds())
{}

awaitable<void> progress::keep_showing()
{
    using namespace std::chrono_literals;
    for (;;) {
        const auto slept = co_await shard_.time().sleep(250ms);
        if (!slept)
            break;
        std::fprintf(stderr, "\r\x1b[K%s", line().c_str());
        std::fflush(stderr);
    }
}

void progress::wipe() const
{
    if (live_)
        std::fputs("\r\x1b[K", stderr);
}

double progress::seconds() const { return std::chrono::duration<double>(shard_.time().now() - began_).count(); }

double progress::cpu_us_per_message() const
{
    const std::uint64_t messages = of_.count().messages_in;
    return messages == 0 ? 0 : (cpu_seconds() - cpu_began_) * 1e6 / static_cast<double>(messages);
}

std::string progress::line() const
{
    const stream::statistics& count = of_.count();
    const aws::lambda_stats calls = of_.lambda().calls;
    const double per_second = static_cast<double>(count.messages_in - count.in_flight()) / std::max(seconds(), 1e-9);
    return format("%llu messages, %.0f/s, %llu in flight, p50 %.1f ms, p99 %.1f ms, %llu retries, %llu errors",
        number(count.messages_in), per_second, number(count.in_flight()), ms(count.latency_ns.quantile(0.5)),
        ms(count.latency_ns.quantile(0.99)), number(calls.retries), number(calls.failed + calls.function_errors));
}

std::string progress::summary_text() const
{
    const stream::statistics& count = of_.count();
    const aws::lambda_stats calls = of_.lambda().calls;
    std::string text = format("%llu messages in %.2f s (%.0f/s): %llu delivered, %llu filtered, %llu rejected", number(count.messages_in),
        seconds(), static_cast<double>(count.messages_in) / std::max(seconds(), 1e-9), number(count.delivered()), number(count.filtered),
        number(count.rejected));
    if (count.undelivered > 0)
        text += format(", %llu UNDELIVERED", number(count.undelivered));
    if (count.replays > 0)
        text += format(", %llu replays", number(count.replays));
    text += format("; p50 %.1f ms, p99 %.1f ms", ms(count.latency_ns.quantile(0.5)), ms(count.latency_ns.quantile(0.99)));
    if (calls.calls > 0)
        text += format("; %llu invocations, %llu attempts, %llu retries, %llu failed, %llu function errors", number(calls.calls),
            number(calls.attempts), number(calls.retries), number(calls.failed), number(calls.function_errors));
    return text + format("; %.0f us CPU per message", cpu_us_per_message());
}

std::string progress::summary_json() const
{
    const stream::statistics& count = of_.count();
    const aws::lambda_stats calls = of_.lambda().calls;
    return format("{\"messages_in\":%llu,\"delivered\":%llu,\"filtered\":%llu,\"rejected\":%llu,\"undelivered\":%llu,\"replays\":%llu,",
               number(count.messages_in), number(count.delivered()), number(count.filtered), number(count.rejected),
               number(count.undelivered), number(count.replays)) +
           format("\"invocations\":%llu,\"attempts\":%llu,\"retries\":%llu,\"throttled\":%llu,\"timed_out\":%llu,\"failed\":%llu,"
                  "\"function_errors\":%llu,",
               number(calls.calls), number(calls.attempts), number(calls.retries), number(calls.throttled), number(calls.timed_out),
               number(calls.failed), number(calls.function_errors)) +
           format("\"latency_ms\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%.3f},", ms(count.latency_ns.quantile(0.5)),
               ms(count.latency_ns.quantile(0.9)), ms(count.latency_ns.quantile(0.99)), ms(count.latency_ns.max())) +
           format("\"duration_s\":%.6f,\"messages_per_second\":%.1f,\"cpu_us_per_message\":%.3f}", seconds(),
               static_cast<double>(count.messages_in) / std::max(seconds(), 1e-9), cpu_us_per_message());
}

} // namespace lambent::cli
