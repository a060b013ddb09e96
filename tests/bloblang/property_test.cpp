// Random expressions and values against what must hold of them. LAMBENT_SEED replays a run.

#include <bloblang/library.hpp>
#include <support/catch.hpp>

#include <lambent/data/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <vector>

using namespace lambent::bloblang;

namespace {

constexpr int runs = 1500;

class source
{
public:
    explicit source(std::uint64_t salt)
    {
        const char* given = std::getenv("LAMBENT_SEED");
        seed_ = given != nullptr ? std::strtoull(given, nullptr, 10) : 20261122;
        engine_.seed(seed_ * 1'000'003 + salt);
    }
    std::uint64_t seed() const { return seed_; }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine_() % n); }
    template <class T, std::size_t N>
    const T& one_of(const std::array<T, N>& all)
    {
        return all[below(N)];
    }

private:
    std::uint64_t seed_ = 0;
    std::mt19937_64 engine_;
};

std::string quoted(std::string_view text)
{
    std::string out;
    lambent::data::write_json_string(out, text);
    return out;
}

/// Texts with what escapes, encodings and cases stumble over.
std::string random_text(source& from, std::size_t longest = 12)
{
    static constexpr std::array<std::string_view, 16> parts = {
        "a", "B", "7", " ", "\"", "\\", "\n", "\t", "<&>", "%", "/", "+", "\u00e9", "\u4e16", "\U0001f600", "-"};
    std::string out;
    for (std::size_t n = from.below(longest); n > 0; --n)
        out += from.one_of(parts);
    return out;
}

std::string random_document(source& from, int depth)
{
    static constexpr std::array<std::string_view, 12> numbers = {
        "0", "-1", "1.5", "1.50", "1e3", "-0.0", "9007199254740993", "18446744073709551615", "123456789012345678901234567890", "1E-7", "0.1", "42"};
    switch (from.below(depth > 0 ? 7 : 5)) {
    case 0: return "null";
    case 1: return from.below(2) == 0 ? "true" : "false";
    case 2:
    case 3: return std::string(from.one_of(numbers));
    case 4: return quoted(random_text(from));
    case 5: {
        std::string out = "[";
        for (std::size_t n = from.below(4); n > 0; --n)
            out += (out.size() > 1 ? "," : "") + random_document(from, depth - 1);
        return out + "]";
    }
    default: {
        std::string out = "{";
        for (std::size_t n = from.below(4); n > 0; --n)
            out += (out.size() > 1 ? "," : "") + quoted(random_text(from, 4) + std::to_string(n)) + ":" + random_document(from, depth - 1);
        return out + "}";
    }
    }
}

/// Terms, by their place among the constants, and what stands between them.
struct chain
{
    std::vector<std::size_t> terms;
    std::vector<std::string> operators;
};

// Of numbers only those whose text is what a calculation would write.
constexpr std::array<std::string_view, 14> constants = {
    "0", "1", "2", "3", "7", "1.5", "0.25", "\"a\"", "\"b\"", "\"\"", "true", "false", "null", "[1]"};
constexpr std::array<std::string_view, 14> operators = {"+", "-", "*", "/", "%", "|", "==", "!=", "<", "<=", ">", ">=", "&&", "||"};

std::string constants_document()
{
    std::string out = "{";
    for (std::size_t i = 0; i < constants.size(); ++i)
        out += (i > 0 ? ",\"c" : "\"c") + std::to_string(i) + "\":" + std::string(constants[i]);
    return out + "}";
}

chain random_chain(source& from)
{
    chain out;
    out.terms.push_back(from.below(constants.size()));
    for (std::size_t n = 1 + from.below(6); n > 0; --n) {
        out.operators.emplace_back(from.one_of(operators));
        // Half of the terms are numbers, or almost every chain would fail.
        out.terms.push_back(from.below(2) == 0 ? from.below(7) : from.below(constants.size()));
    }
    return out;
}

std::string spelt(std::size_t constant, bool literal)
{
    return literal ? std::string(constants[constant]) : "this.c" + std::to_string(constant);
}

std::string plain(const chain& c, bool literal)
{
    std::string out = spelt(c.terms[0], literal);
    for (std::size_t i = 0; i < c.operators.size(); ++i)
        out += " " + c.operators[i] + " " + spelt(c.terms[i + 1], literal);
    return out;
}

int level(std::string_view op)
{
    if (op == "*" || op == "/" || op == "%" || op == "|")
        return 0;
    if (op == "+" || op == "-")
        return 1;
    return op == "&&" || op == "||" ? 3 : 2;
}

/// With every operator and its two sides in brackets, as the documented levels have it.
std::string bracketed(const chain& c, bool literal)
{
    std::vector<std::string> terms;
    for (const std::size_t t : c.terms)
        terms.push_back(spelt(t, literal));
    std::vector<std::string> ops = c.operators;
    for (int at = 0; at < 4; ++at) {
        for (std::size_t i = 0; i < ops.size();) {
            if (level(ops[i]) != at) {
                ++i;
                continue;
            }
            terms[i] = "(" + terms[i] + " " + ops[i] + " " + terms[i + 1] + ")";
            terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            ops.erase(ops.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
    return terms.front();
}

std::string evaluated(const std::string& query, std::string_view document = "{}")
{
    static const still_world world;
    return outcome("root = [" + query + "]", world, document);
}

bool failed(const std::string& told) { return told.starts_with("error: ") || told.starts_with("parse error: "); }

} // namespace

TEST_CASE("property: a chain of operators is what its levels say, in brackets or not", "[bloblang][property]")
{
    source from(1);
    const std::string document = constants_document();
    int good = 0;
    for (int i = 0; i < runs; ++i) {
        const chain c = random_chain(from);
        INFO("LAMBENT_SEED=" << from.seed() << ": " << plain(c, false) << "   " << bracketed(c, false));
        const std::string told = evaluated(plain(c, false), document);
        REQUIRE(told == evaluated(bracketed(c, false), document));
        good += failed(told) ? 0 : 1;
    }
    CHECK(good > runs / 10);
}

TEST_CASE("property: what is folded while parsing is what is evaluated while running", "[bloblang][property]")
{
    source from(2);
    const std::string document = constants_document();
    int good = 0;
    for (int i = 0; i < runs; ++i) {
        const chain c = random_chain(from);
        INFO("LAMBENT_SEED=" << from.seed() << ": " << plain(c, true) << "   " << plain(c, false));
        const std::string folded = evaluated(plain(c, true), document);
        const std::string run = evaluated(plain(c, false), document);
        // A failure of constants shows while parsing, also where running would never come to it.
        if (folded.starts_with("parse error: "))
            continue;
        REQUIRE(failed(folded) == failed(run));
        if (!failed(run)) {
            REQUIRE(folded == run);
            ++good;
        }
    }
    CHECK(good > runs / 10);
}

TEST_CASE("property: a method of a constant is the method of the same value from a document", "[bloblang][property]")
{
    static constexpr std::array<std::string_view, 30> methods = {"uppercase()", "lowercase()", "capitalize()", "trim()", "length()", "reverse()", "quote()",
        "escape_html()", "escape_url_query()", "escape_url_path()", "split(\"a\")", "slice(1)", "slice(-2)", "index_of(\"a\")", "has_prefix(\"a\")",
        "replace_all(\"a\", \"\")", "replace_all(\"\", \"-\")", "repeat(3)", "re_replace_all(\"[a-z]\", \"<$0>\")", "re_find_all(\".\")", "encode(\"base64\")",
        "encode(\"hex\")", "hash(\"sha1\").encode(\"hex\")", "string()", "type()", "bytes().length()", "not_empty()", "contains(\"a\")", "format_json()", "array()"};
    source from(3);
    for (int i = 0; i < runs; ++i) {
        const std::string text = quoted(random_text(from));
        const std::string method = std::string(from.one_of(methods)) + (from.below(3) == 0 ? "." + std::string(from.one_of(methods)) : "");
        INFO("LAMBENT_SEED=" << from.seed() << ": " << text << "." << method);
        const std::string folded = evaluated(text + "." + method);
        const std::string run = evaluated("this.s." + method, "{\"s\":" + text + "}");
        REQUIRE(failed(folded) == failed(run));
        if (!failed(run))
            REQUIRE(folded == run);
    }
}

TEST_CASE("property: what is written is read back", "[bloblang][property]")
{
    source from(4);
    for (int i = 0; i < runs; ++i) {
        const std::string document = random_document(from, 4);
        INFO("LAMBENT_SEED=" << from.seed() << ": " << document);
        const std::string once = evaluated("this", document);
        REQUIRE(once == evaluated("this.format_json().parse_json(use_number: true)", document));
        REQUIRE(once == evaluated("this.format_json(no_indent: true, escape_html: false).parse_json(use_number: true)", document));
        REQUIRE(once == evaluated("[this].string().parse_json(use_number: true).index(0)", document));
        REQUIRE(evaluated("this == this.format_json().parse_json(use_number: true)", document) == "[true]");
        // A second reading of what was written changes nothing.
        const auto value = lambent::data::read_json(document);
        REQUIRE(value);
        const auto text = lambent::data::write_json(*value);
        REQUIRE(text);
        REQUIRE(lambent::data::write_json(*lambent::data::read_json(*text)).value() == *text);
    }
}

TEST_CASE("property: what is encoded, escaped, compressed, encrypted or quoted comes back", "[bloblang][property]")
{
    static constexpr std::array<std::string_view, 19> ways = {
        "encode(\"base64\").decode(\"base64\")", "encode(\"base64url\").decode(\"base64url\")", "encode(\"base64rawurl\").decode(\"base64rawurl\")",
        "encode(\"hex\").decode(\"hex\")", "encode(\"ascii85\").decode(\"ascii85\")", "compress(\"gzip\").decompress(\"gzip\")",
        "compress(\"zlib\").decompress(\"zlib\")", "compress(\"flate\").decompress(\"flate\")", "compress(\"snappy\").decompress(\"snappy\")",
        "compress(\"lz4\").decompress(\"lz4\")", "quote().unquote()", "escape_html().unescape_html()", "escape_url_query().unescape_url_query()",
        "escape_url_path().unescape_url_path()", "reverse().reverse()", "split(\"a\").join(\"a\")", "split(\"\").join()",
        "encrypt_aes(\"ctr\", \"0123456789abcdef\", \"fedcba9876543210\").decrypt_aes(\"ctr\", \"0123456789abcdef\", \"fedcba9876543210\")",
        "format_json().parse_json()"};
    source from(5);
    for (int i = 0; i < runs; ++i) {
        const std::string document = "{\"s\":" + quoted(random_text(from, 40)) + "}";
        const std::string way(from.one_of(ways));
        INFO("LAMBENT_SEED=" << from.seed() << ": " << way << " of " << document);
        REQUIRE(evaluated("this.s." + way + ".string()", document) == evaluated("this.s", document));
    }
}

TEST_CASE("property: methods that say the same in other words agree", "[bloblang][property]")
{
    static constexpr std::array<std::array<std::string_view, 2>, 16> same = {{
        {"this.n.filter(x -> x > 3).length()", "this.n.fold(0, f -> if f.value > 3 { f.tally + 1 } else { f.tally })"},
        {"this.n.sum()", "this.n.fold(0.0, f -> f.tally + f.value)"},
        {"this.n.map_each(x -> x * 2)", "this.n.map_each(this * 2)"},
        {"this.n.map_each(x -> x * 2).length()", "this.n.length()"},
        {"this.n.any(x -> x > 3)", "this.n.find_by(x -> x > 3) >= 0"},
        {"this.n.sort()", "this.n.sort(item -> item.left < item.right)"},
        {"this.n.sort()", "this.n.sort_by(x -> x)"},
        {"this.n.contains(3)", "this.n.find(3) != -1"},
        {"this.n.slice(0, 2).concat(this.n.slice(2))", "this.n"},
        {"this.n.enumerated().map_each(x -> x.value)", "this.n"},
        {"[this.n, this.n].flatten()", "this.n.concat(this.n)"},
        {"this.o.keys().length()", "this.o.length()"},
        {"this.o.key_values().map_each(x -> x.value)", "this.o.values()"},
        {"this.o.merge({})", "this.o"},
        {"this.o.map_each(x -> x.value)", "this.o.filter(x -> true)"},
        {"this.o.with(\"a\").assign(this.o.without(\"a\"))", "this.o"},
    }};
    source from(6);
    for (int i = 0; i < runs; ++i) {
        std::string numbers;
        for (std::size_t n = 2 + from.below(6); n > 0; --n)
            numbers += (numbers.empty() ? "" : ",") + std::to_string(from.below(9));
        std::string members;
        for (const std::string_view key : {"a", "b", "c"}) {
            if (from.below(2) == 0)
                members += (members.empty() ? "\"" : ",\"") + std::string(key) + "\":" + random_document(from, 1);
        }
        const std::string document = "{\"n\":[" + numbers + "],\"o\":{" + members + "}}";
        const auto& pair = from.one_of(same);
        INFO("LAMBENT_SEED=" << from.seed() << ": " << pair[0] << "   " << pair[1] << " of " << document);
        const std::string first = evaluated(std::string(pair[0]), document);
        REQUIRE_FALSE(failed(first));
        REQUIRE(first == evaluated(std::string(pair[1]), document));
    }
}

TEST_CASE("property: a time that is formatted is parsed to the same moment, in every zone", "[bloblang][property]")
{
    static constexpr std::array<std::string_view, 6> zones = {"UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"};
    source from(7);
    for (int i = 0; i < runs; ++i) {
        const auto seconds = static_cast<std::int64_t>(from.below(4'000'000'000)) - 1'000'000'000;
        const std::string moment = "this.t.ts_tz(\"" + std::string(from.one_of(zones)) + "\")";
        const std::string document = "{\"t\":" + std::to_string(seconds) + "}";
        INFO("LAMBENT_SEED=" << from.seed() << ": " << moment << " of " << document);
        const std::string want = "[" + std::to_string(seconds) + "]";
        REQUIRE(evaluated(moment + ".ts_unix()", document) == want);
        REQUIRE(evaluated(moment + ".ts_format().ts_parse(\"2006-01-02T15:04:05Z07:00\").ts_unix()", document) == want);
        REQUIRE(evaluated(moment + ".ts_strftime(\"%d/%m/%Y %H:%M:%S %z\").ts_strptime(\"%d/%m/%Y %H:%M:%S %z\").ts_unix()", document) == want);
        REQUIRE(evaluated(moment + ".ts_add_iso8601(\"P1DT2H\").ts_sub_iso8601(\"P1DT2H\").ts_sub(this.t.timestamp()).abs() <= 7200000000000", document) == "[true]");
    }
}
