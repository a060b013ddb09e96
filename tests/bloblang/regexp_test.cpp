// Regular expressions with a table of their own find what RE2 finds. LAMBENT_SEED replays a run.

#include <support/catch.hpp>

#include <lambent/bloblang/ascii_matcher.hpp>
#include <lambent/bloblang/go_regexp.hpp>

#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

using namespace lambent::bloblang;

namespace {

class source
{
public:
    source()
    {
        const char* given = std::getenv("LAMBENT_SEED");
        seed_ = given != nullptr ? std::strtoull(given, nullptr, 10) : 20261123;
        engine_.seed(seed_);
    }
    std::uint64_t seed() const { return seed_; }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine_() % n); }

private:
    std::uint64_t seed_ = 0;
    std::mt19937_64 engine_;
};

std::string expression(source& from, unsigned depth);

std::string atom(source& from, unsigned depth)
{
    static constexpr std::array<const char*, 16> simple{"a", "b", "c", "a", "b", ".", "[ab]", "[^a]", "\\d", "\\w", "\\s", "[b-c-]", "\\.", "[^\\d\\n]",
        "[\\w.-]", "1"};
    const std::size_t kind = from.below(depth > 0 ? 22 : 16);
    if (kind < simple.size())
        return simple[kind];
    return (kind % 2 == 0 ? "(?:" : "(") + expression(from, depth - 1) + ")";
}

std::string expression(source& from, unsigned depth)
{
    static constexpr std::array<const char*, 16> repeats{"", "", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,}", "{2,3}", "{0,2}?", "{2,}?", ""};
    std::string out;
    for (std::size_t branch = from.below(4) == 0 ? 2 : 1; branch > 0; --branch) {
        for (std::size_t n = 1 + from.below(3); n > 0; --n)
            out += atom(from, depth) + repeats[from.below(repeats.size())];
        if (branch > 1)
            out += "|";
    }
    return out;
}

std::string text(source& from)
{
    static constexpr std::string_view letters = "aaabbbcc01.-x \n_";
    std::string out;
    for (std::size_t n = from.below(24); n > 0; --n)
        out.push_back(letters[from.below(letters.size())]);
    return out;
}

std::shared_ptr<go_regexp> compiled(const std::string& pattern)
{
    auto made = go_regexp::compile(pattern);
    return std::holds_alternative<problem>(made) ? nullptr : std::get<std::shared_ptr<go_regexp>>(made);
}

using places = std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>>;

/// By the table where there is one: groups are not asked for.
places found(const go_regexp& re, std::string_view text)
{
    places out;
    for (const std::string_view one : re.find_texts(text))
        out.emplace_back(one.data() - text.data(), one.data() - text.data() + static_cast<std::ptrdiff_t>(one.size()));
    return out;
}

/// By RE2: a group is asked for.
places expected(const std::string& pattern, std::string_view text)
{
    places out;
    for (const go_regexp::match& m : compiled("(" + pattern + ")")->find_all(text))
        out.push_back(m[0]);
    return out;
}

bool has_table(std::string_view pattern) { return ascii_matcher::make(pattern) != nullptr; }

} // namespace

TEST_CASE("regexp: a table finds the matches that RE2 finds", "[bloblang]")
{
    source from;
    std::size_t tables = 0;
    for (int i = 0; i < 4000; ++i) {
        std::string pattern = expression(from, 2);
        if (from.below(8) == 0)
            pattern = "^" + pattern;
        if (from.below(8) == 0)
            pattern += "$";
        const auto re = compiled(pattern);
        if (re == nullptr)
            continue;
        tables += has_table(pattern) ? 1 : 0;
        for (int k = 0; k < 6; ++k) {
            const std::string t = text(from);
            INFO("LAMBENT_SEED=" << from.seed() << ": " << pattern << " in \"" << t << "\"");
            REQUIRE(found(*re, t) == expected(pattern, t));
            REQUIRE(re->matches(t) == !expected(pattern, t).empty());
        }
    }
    CHECK(tables > 2000);
}

TEST_CASE("regexp: common expressions have a table, what needs more than ASCII's bytes has none", "[bloblang]")
{
    for (const char* pattern : {"[0-9]{3,}", "foo", "^\\d+$", "(?:GET|POST) /", "[\\w.+-]+@[\\w-]+\\.[\\w.]+", "a|b|c", "^[^:]*: ?", "", "$", "\\$\\d+"})
        CHECK(has_table(pattern));
    for (const char* pattern : {"(?i)a", "\\bfoo\\b", "\u00e9", "[[:alpha:]]", "(a*)*", "\\pL", "a^b", "^a|b", "a|b$", "\\x41", "[a", "(a", "a{2,1}", "(a|b){1000}"})
        CHECK_FALSE(has_table(pattern));
}

TEST_CASE("regexp: an expression that reads far for nothing goes on in RE2 and finds the same", "[bloblang]")
{
    const std::string many(3000, 'a');
    for (const char* pattern : {"a*b", "a(.*b)?", "(a|aa)+x", "a{2,90}b|a"}) {
        REQUIRE(has_table(pattern));
        for (const std::string& t : {many, many + "b", "aab" + many, "b" + many + "x"}) {
            INFO(pattern << " in " << t.size() << " bytes");
            CHECK(found(*compiled(pattern), t) == expected(pattern, t));
        }
    }
}

TEST_CASE("regexp: a text with a letter beyond ASCII is matched by characters", "[bloblang]")
{
    const auto re = compiled("[^a]b?");
    CHECK(found(*re, "\u00e9ba\u00e9") == places{{0, 3}, {4, 6}});
    CHECK(found(*compiled("."), "\xff""a") == expected(".", "\xff""a"));
}

TEST_CASE("regexp: a replacement without groups and one with them agree", "[bloblang]")
{
    source from;
    for (int i = 0; i < 500; ++i) {
        const auto re = compiled(expression(from, 1));
        const std::string t = text(from);
        if (re != nullptr)
            CHECK(std::string(re->replace_all(t, "<>").text()) == std::string(re->replace_all(t, "<${none}>").text()));
    }
}
