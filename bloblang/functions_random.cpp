#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/core/bytes.hpp>
#include <lambent/core/entropy.hpp>
#include <lambent/data/utf8.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <vector>

namespace lambent::bloblang {
namespace {

using data::value;

constexpr std::string_view nanoid_alphabet = "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::int64_t nanoid_max = 1 << 20;
__extension__ using wide_integer = unsigned __int128;

std::array<unsigned char, 16> random_bytes(const environment& world)
{
    std::array<unsigned char, 16> out{};
    for (std::size_t i = 0; i < out.size(); i += 8) {
        const std::uint64_t word = world.random();
        for (std::size_t k = 0; k < 8; ++k)
            out[i + k] = static_cast<unsigned char>(word >> (8 * k));
    }
    return out;
}

std::string uuid_text(std::array<unsigned char, 16> bytes, unsigned char version)
{
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | (version << 4));
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);
    std::string out = core::to_hex(core::as_text(bytes));
    for (const std::size_t at : {8U, 13U, 18U, 23U})
        out.insert(at, 1, '-');
    return out;
}

answer uuid_v4(const call& c) { return value(uuid_text(random_bytes(*c.at.world), 4)); }

answer uuid_v7(const call& c)
{
    std::int64_t millis = 0;
    if (c.args.given(0)) {
        const data::timestamp& at = c.args.time(0);
        millis = at.seconds * 1000 + at.nanos / 1'000'000;
    } else {
        millis = std::chrono::duration_cast<std::chrono::milliseconds>(c.at.world->now().time_since_epoch()).count();
    }
    auto bytes = random_bytes(*c.at.world);
    for (std::size_t i = 0; i < 6; ++i)
        bytes[i] = static_cast<unsigned char>(millis >> (8 * (5 - i)));
    return value(uuid_text(bytes, 7));
}

/// 20 bytes as 27 digits of base 62: seconds since 2014-05-13T16:53:20Z, then 16 random bytes.
answer ksuid(const call& c)
{
    constexpr std::int64_t epoch = 1'400'000'000;
    constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(c.at.world->now().time_since_epoch()).count() - epoch;
    std::array<unsigned char, 20> bytes{};
    for (std::size_t i = 0; i < 4; ++i)
        bytes[i] = static_cast<unsigned char>(seconds >> (8 * (3 - i)));
    const auto random = random_bytes(*c.at.world);
    std::copy(random.begin(), random.end(), bytes.begin() + 4);
    std::string out(27, '0');
    for (std::size_t at = out.size(); at-- > 0;) {
        unsigned rest = 0;
        for (auto& byte : bytes) {
            const unsigned n = rest << 8 | byte;
            byte = static_cast<unsigned char>(n / 62);
            rest = n % 62;
        }
        out[at] = digits[rest];
    }
    return value(out);
}

answer nanoid(const call& c)
{
    const bool own_alphabet = c.args.given(1);
    const std::int64_t length = c.args.given(0) ? c.args.integer(0) : 21;
    std::vector<std::string_view> letters; // code points of the alphabet
    const std::string_view alphabet = own_alphabet ? c.args.text(1) : nanoid_alphabet;
    for (std::size_t at = 0; at < alphabet.size();) {
        const std::size_t size = data::decode_utf8(alphabet.substr(at)).size;
        letters.push_back(alphabet.substr(at, size));
        at += size;
    }
    if (letters.empty() || alphabet.size() > 255)
        return failed("alphabet must not be empty and contain no more than 255 chars");
    if (own_alphabet && length <= 0)
        return failed("size must be positive integer");
    if (length < 0)
        return failed("negative id length");
    if (length > nanoid_max)
        return failed("an id of more than " + std::to_string(nanoid_max) + " characters is not supported");
    std::string out;
    for (std::int64_t i = 0; i < length; ++i) {
        const auto wide = static_cast<wide_integer>(c.at.world->random()) * letters.size();
        out += letters[static_cast<std::size_t>(wide >> 64)];
    }
    return value(out);
}

preparation check_nanoid(const arguments& args, const environment&)
{
    if (args.given(1) && !args.given(0))
        return {nullptr, failed("field length must be specified when an alphabet is specified")};
    return {};
}

/// What a query argument gave, as an integer; texts are read as numbers.
std::variant<std::int64_t, problem> whole(const value& v)
{
    if (v.is_text())
        return parse_int(v.text(), 0, 64);
    const auto n = integer_of(v);
    if (!n)
        return wrong_type("number", v);
    const double real = *number_of(v);
    if (real != std::trunc(real)) {
        return failed("float value contains decimals and therefore cannot be cast as a signed integer, if you intend to round the value "
                      "then call `.round()` explicitly before this cast");
    }
    return *n;
}

/// One call site's generator. Shared by all evaluations of a mapping, which may be on several threads.
struct dice
{
    std::mutex lock;
    std::optional<core::entropy> source;
};

preparation prepare_random_int(const arguments& args, const environment&)
{
    const std::int64_t low = args.integer(1);
    const std::int64_t high = args.integer(2);
    if (low < 0)
        return {nullptr, failed("min (" + std::to_string(low) + ") must be a positive number")};
    if (low > high)
        return {nullptr, failed("min (" + std::to_string(low) + ") must be smaller or equal than max (" + std::to_string(high) + ")")};
    if (high == std::numeric_limits<std::int64_t>::max())
        return {nullptr, failed("max must be smaller than the max allowed for an int64 (9223372036854775807)")};
    return {std::make_shared<dice>(), nullptr};
}

answer random_int(const call& c)
{
    auto& site = c.args.prepared<dice>();
    const std::lock_guard hold(site.lock);
    if (!site.source) {
        answer seed = c.args.query(0).eval(c.at);
        if (!seed.ok())
            return within("failed to seed random number generator: ", std::move(seed).take_failure());
        auto n = whole(seed.value());
        if (auto* why = std::get_if<problem>(&n))
            return within("failed to seed random number generator: ", std::move(*why));
        site.source.emplace(static_cast<std::uint64_t>(std::get<std::int64_t>(n)));
    }
    const std::int64_t low = c.args.integer(1);
    const auto span = static_cast<std::uint64_t>(c.args.integer(2) - low) + 1;
    return value(low + static_cast<std::int64_t>(site.source->below(span)));
}

/// One call site's counter.
struct tally
{
    std::mutex lock;
    bool started = false;
    std::int64_t last = 0; ///< what was given last, or one less than what is given next
    std::int64_t low = 0;
    std::int64_t high = 0;
};

preparation prepare_counter(const arguments&, const environment&) { return {std::make_shared<tally>(), nullptr}; }

problem start_counter(tally& t, const call& c)
{
    for (const std::size_t i : {0U, 1U}) {
        const std::string words = std::string("failed to resolve ") + (i == 0 ? "min" : "max") + " argument: ";
        answer bound = c.args.query(i).eval(c.at);
        if (!bound.ok())
            return within(words, std::move(bound).take_failure());
        auto n = whole(bound.value());
        if (auto* why = std::get_if<problem>(&n))
            return within(words, std::move(*why));
        (i == 0 ? t.low : t.high) = std::get<std::int64_t>(n);
    }
    if (t.low < 0)
        return failed("min argument must be >0, got " + std::to_string(t.low));
    if (t.high < 0 || t.high <= t.low)
        return failed("max argument must be >0 and >min, got " + std::to_string(t.high));
    t.last = t.low - 1;
    t.started = true;
    return nullptr;
}

answer counter(const call& c)
{
    auto& t = c.args.prepared<tally>();
    const std::lock_guard hold(t.lock);
    if (!t.started) {
        if (problem why = start_counter(t, c))
            return why;
    }
    if (c.args.given(2)) {
        answer set = c.args.query(2).eval(c.at);
        if (!set.ok())
            return within("failed to resolve set argument: ", std::move(set).take_failure());
        if (set.value().is_null())
            return value(t.last); // a look without a step
        if (set.value().is_deleted()) {
            t.last = t.low - 1;
        } else if (!set.value().is_nothing()) {
            const auto n = integer_of(set.value());
            if (!n)
                return within("failed to resolve set argument: ", wrong_type("number", set.value()));
            t.last = *n;
            return value(*n);
        }
    }
    const auto now = static_cast<std::int64_t>(static_cast<std::uint64_t>(t.last) + 1); // after a `set` of the largest number it wraps
    t.last = now >= t.high ? t.low - 1 : now;
    return value(now);
}

} // namespace

const definitions& random_functions()
{
    static const definitions all{
        {.name = "uuid_v4", .run = uuid_v4},
        {.name = "uuid_v7", .parameters = {{"time", parameter_type::timestamp, std::nullopt, true}}, .run = uuid_v7},
        {.name = "ksuid", .run = ksuid},
        {.name = "nanoid",
            .parameters = {{"length", parameter_type::integer, std::nullopt, true}, {"alphabet", parameter_type::string, std::nullopt, true}},
            .run = nanoid,
            .prepare = check_nanoid},
        {.name = "random_int",
            .parameters = {{"seed", parameter_type::query, value(0)}, {"min", parameter_type::integer, value(0), false, true},
                {"max", parameter_type::integer, value(std::int64_t{9223372036854775806}), false, true}},
            .run = random_int,
            .prepare = prepare_random_int},
        {.name = "counter",
            .parameters = {{"min", parameter_type::query, value(1)},
                {"max", parameter_type::query, value(std::numeric_limits<std::int64_t>::max())},
                {"set", parameter_type::query, std::nullopt, true}},
            .run = counter,
            .prepare = prepare_counter},
    };
    return all;
}

} // namespace lambent::bloblang
