#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/time_values.hpp>

#include <limits>
#include <map>
#include <mutex>
#include <numbers>

namespace lambent::bloblang {
namespace {

using data::value;

/// More elements than this are an error: a mapping must not be able to take all memory.
constexpr std::size_t counters_max = 1'000'000;
constexpr std::int64_t range_max = 10'000'000;
constexpr std::int64_t bytes_max = 256 << 20;

answer deleted(const call&) { return value::deleted(); }
answer nothing(const call&) { return value::nothing(); }

answer throw_(const call& c) { return failed(std::string(c.args.text(0))); }

answer var(const call& c)
{
    const std::string name(c.args.text(0));
    return make_variable(name)->eval(c.at);
}
std::string var_name(const arguments& args) { return "variable " + std::string(args.text(0)); }

preparation check_range(const arguments& args, const environment&)
{
    const std::int64_t start = args.integer(0);
    const std::int64_t stop = args.integer(1);
    const std::int64_t step = args.integer(2);
    const auto named = [](const char* what, std::int64_t n) { return std::string(what) + " (" + std::to_string(n) + ")"; };
    if (step == 0)
        return {nullptr, failed("step must be greater than or less than 0")};
    if (step > 0 && start >= stop)
        return {nullptr, failed("with positive step arg " + named("start", start) + " must be < " + named("stop", stop))};
    if (step < 0 && stop > start)
        return {nullptr, failed("with negative step arg " + named("stop", stop) + " must be <= " + named("start", start))};
    return {};
}

answer range(const call& c)
{
    const std::int64_t start = c.args.integer(0);
    const std::int64_t step = c.args.integer(2);
    std::int64_t distance = 0;
    // The smallest integer is out of reach, too: it cannot be divided by -1.
    const bool beyond = __builtin_sub_overflow(c.args.integer(1), start, &distance) || distance == std::numeric_limits<std::int64_t>::min();
    if (beyond || distance / step > range_max)
        return failed("a range of more than " + std::to_string(range_max) + " elements is not supported");
    std::vector<value> out;
    const std::int64_t count = distance / step;
    if (!can_make(static_cast<std::uint64_t>(count) * sizeof(value)))
        return spent_too_much();
    out.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i)
        out.emplace_back(start + i * step);
    return value::array(std::move(out));
}

answer bytes(const call& c)
{
    if (c.args.integer(0) < 0 || c.args.integer(0) > bytes_max)
        return failed("the length of bytes must be between 0 and " + std::to_string(bytes_max));
    if (!can_make(static_cast<std::uint64_t>(c.args.integer(0))))
        return spent_too_much();
    return value::bytes(std::string(static_cast<std::size_t>(c.args.integer(0)), '\0'));
}

answer pi(const call&) { return value(std::numbers::pi); }

/// Process-wide counters by name, as the deprecated function has them.
answer count(const call& c)
{
    static std::mutex guard;
    static std::map<std::string, std::int64_t, std::less<>> counters;
    const std::lock_guard<std::mutex> lock(guard);
    auto at = counters.find(c.args.text(0));
    if (at == counters.end() && counters.size() >= counters_max)
        return failed("more than " + std::to_string(counters_max) + " counters are not supported");
    if (at == counters.end())
        at = counters.emplace(std::string(c.args.text(0)), 0).first;
    return value(++at->second);
}

std::int64_t nanos_now(const call& c)
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(c.at.world->now().time_since_epoch()).count();
}

answer now(const call& c)
{
    const std::int64_t nanos = nanos_now(c);
    data::timestamp t;
    t.seconds = nanos / 1'000'000'000;
    t.nanos = static_cast<std::int32_t>(nanos % 1'000'000'000);
    return value(go_time_format(t, rfc3339_nano_layout));
}
answer unix_seconds(const call& c) { return value(nanos_now(c) / 1'000'000'000); }
answer unix_milli(const call& c) { return value(nanos_now(c) / 1'000'000); }
answer unix_micro(const call& c) { return value(nanos_now(c) / 1'000); }
answer unix_nano(const call& c) { return value(nanos_now(c)); }

} // namespace

const definitions& general_functions()
{
    using enum parameter_type;
    static const definitions all = {
        {.name = "bytes", .parameters = {{"length", integer}}, .run = bytes},
        {.name = "count", .parameters = {{"name", string}}, .run = count, .not_nested = true},
        {.name = "deleted", .run = deleted, .constant = true},
        {.name = "nothing", .run = nothing, .constant = true},
        {.name = "now", .run = now},
        {.name = "pi", .run = pi, .not_nested = true},
        {.name = "range",
            .parameters = {{"start", integer}, {"stop", integer}, {"step", integer, value(1)}},
            .run = range,
            .prepare = check_range},
        {.name = "throw", .parameters = {{"why", string}}, .run = throw_},
        {.name = "timestamp_unix", .run = unix_seconds},
        {.name = "timestamp_unix_micro", .run = unix_micro},
        {.name = "timestamp_unix_milli", .run = unix_milli},
        {.name = "timestamp_unix_nano", .run = unix_nano},
        {.name = "var", .parameters = {{"name", string}}, .run = var, .annotate = var_name},
    };
    return all;
}

} // namespace lambent::bloblang
