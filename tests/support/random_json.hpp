#pragma once

#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

namespace lambent::support {

/// LAMBENT_SEED, else a fixed one.
inline unsigned seed_of_run()
{
    const char* const given = std::getenv("LAMBENT_SEED");
    return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : 20'261'122u;
}

/// JSON texts of every shape that a reader may meet: odd spaces, keys out of order and twice, escapes, long numbers and texts.
class random_json
{
public:
    explicit random_json(unsigned seed) : chance_(seed) {}

    unsigned below(unsigned n) { return static_cast<unsigned>(chance_() % n); }

    std::string document()
    {
        spaced_ = below(3) == 0;
        return space() + value(5) + space();
    }

    /// The same with one byte changed, removed or added, or cut off.
    std::string broken(std::string text)
    {
        static constexpr std::string_view odd = "{}[]:,\"\\ 019.-+eEtfnu\n\x01\x80\xe2\xff";
        const char c = odd[below(static_cast<unsigned>(odd.size()))];
        const std::size_t at = below(static_cast<unsigned>(text.size()) + 1);
        switch (below(4)) {
        case 0:
            return text.insert(at, 1, c);
        case 1:
            return at < text.size() ? text.erase(at, 1) : text;
        case 2:
            if (at < text.size())
                text[at] = c;
            return text;
        default:
            return text.substr(0, at);
        }
    }

private:
    std::string space()
    {
        static constexpr std::string_view kinds[] = {" ", "\n", "\t", "\r", "  \n ", ""};
        return spaced_ ? std::string(kinds[below(6)]) : "";
    }
    std::string text()
    {
        static constexpr std::string_view parts[] = {"a", "id", "name", "<b>&", "\\n", "\\u0041", "\\ud83d\\ude00", "\\ud800", "\\/",
            "\xc3\xa9", "\xe2\x80\xa8", "\xe2\x82\xac", "a text longer than fourteen bytes", "\\\"", " ", "\x7f", "\xf0\x9f\x98\x80"};
        std::string out = "\"";
        for (unsigned n = below(4); n > 0; --n)
            out += parts[below(4) == 0 ? below(17) : below(3)];
        return out + "\"";
    }
    std::string key()
    {
        static constexpr std::string_view usual[] = {"a", "b", "c", "items", "name", "a~b", "a.b", "0"};
        return below(5) == 0 ? text() : "\"" + std::string(usual[below(8)]) + "\"";
    }
    std::string value(unsigned depth)
    {
        static constexpr std::string_view plain[] = {"0", "-0", "1", "17", "-3.25", "1e3", "1E-400", "1e999", "129.90", "true", "false",
            "null", "123456789012345678901234567890", "0.1234567890123456789", "9007199254740993", "18446744073709551615"};
        const unsigned kind = below(depth > 0 ? 6 : 3);
        if (kind < 2)
            return std::string(plain[below(16)]);
        if (kind == 2)
            return text();
        const bool object = kind < 5;
        std::string out = object ? "{" : "[";
        const unsigned count = below(8) == 0 ? 40 : below(5);
        for (unsigned i = 0; i < count; ++i) {
            out += (i > 0 ? "," : "") + space();
            if (object)
                out += key() + space() + ":" + space();
            out += value(count > 8 ? 0 : depth - 1) + space();
        }
        return out + space() + (object ? "}" : "]");
    }

    std::mt19937 chance_;
    bool spaced_ = false;
};

} // namespace lambent::support
