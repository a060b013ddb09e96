#include "allocations.hpp"

#include <lambent/bloblang/mapping.hpp>
#include <lambent/data/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

/// Our side of bench/bloblang on one mapping: message bytes in, message bytes out, one thread. Prints one JSON line.
///
/// usage: bench_bloblang CASES.json NAME SECONDS
namespace {

using namespace lambent;

class still_world final : public bloblang::environment
{
public:
    core::wall_time now() const override { return {}; }
    std::uint64_t random() const override { return 4; }
};

[[noreturn]] void leave(const std::string& why)
{
    std::fprintf(stderr, "bench_bloblang: %s\n", why.c_str());
    std::exit(1);
}

struct work
{
    std::string mapping;
    std::string input;
    data::value meta;
};

work find(const char* path, std::string_view name)
{
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const core::result<data::value> all = data::read_json(text);
    if (!all || !all.value().is_array())
        leave(std::string(path) + " is not an array of cases");
    for (const data::value& one : all.value().items()) {
        if (one.find("name") && one.find("name")->text() == name) {
            return {std::string(one.find("mapping")->text()), std::string(one.find("input")->text()),
                one.find("meta").value_or(data::value())};
        }
    }
    leave("no mapping is called " + std::string(name));
}

/// One message after the other through one mapping.
class treadmill
{
public:
    treadmill(work what, bloblang::mapping program) : what_(std::move(what)), program_(std::move(program)), batch_(1) {}

    /// The mapped message's bytes, valid until the next call.
    std::string_view step()
    {
        data::message& in = batch_.front();
        in = data::message(what_.input);
        if (what_.meta.is_object()) {
            for (const data::member& m : what_.meta.members())
                in.set_meta(m.name(), m.item);
        }
        out_ = in;
        const core::result<bloblang::effect> done = program_.map(out_, batch_, 0);
        if (!done)
            leave(done.error().text());
        return out_.bytes();
    }

private:
    work what_;
    bloblang::mapping program_;
    data::batch batch_;
    data::message out_;
};

double seconds_of(clockid_t clock)
{
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

void measure(treadmill& one, double seconds)
{
    constexpr int together = 16; // messages between two looks at the clock
    const std::string output(one.step());
    for (const double begun = seconds_of(CLOCK_MONOTONIC); seconds_of(CLOCK_MONOTONIC) < begun + seconds / 5;)
        one.step();
    const std::uint64_t allocations = bench::allocations();
    const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    const double begun = seconds_of(CLOCK_MONOTONIC);
    double messages = 0;
    double wall = 0;
    while (wall < seconds) {
        for (int i = 0; i < together; ++i)
            one.step();
        messages += together;
        wall = seconds_of(CLOCK_MONOTONIC) - begun;
    }
    const double used = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    const auto allocated = static_cast<double>(bench::allocations() - allocations);
    std::string shown;
    data::write_json_string(shown, output);
    std::printf("{\"messages\": %.0f, \"wall_ns\": %.1f, \"cpu_ns\": %.1f, \"allocations\": %.3f, \"output\": %s}\n", messages,
        wall * 1e9 / messages, used * 1e9 / messages, allocated / messages, shown.c_str());
}

} // namespace

int main(int count, char** given)
{
    if (count != 4)
        leave("usage: bench_bloblang CASES.json NAME SECONDS");
    work what = find(given[1], given[2]);
    const still_world world;
    auto made = bloblang::mapping::parse(what.mapping, world);
    if (const auto* wrong = std::get_if<bloblang::parse_error>(&made))
        leave(wrong->text());
    treadmill one(std::move(what), std::get<bloblang::mapping>(std::move(made)));
    measure(one, std::atof(given[3]));
    return 0;
}
