#include <lambent/aws/error_body.hpp>

#include <lambent/aws/errc.hpp>
#include <lambent/http/headers.hpp>

#include <cstdint>
#include <vector>

namespace lambent::aws {
namespace {

// Go's encoding/json: the depth at which it gives up.
constexpr std::size_t depth_max = 10000;

constexpr std::string_view struct_type = R"(struct { Code string; Type string "json:\"__type\""; Message string })";

bool is_space(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void append_utf8(std::string& out, std::uint32_t rune)
{
    if (rune < 0x80) {
        out.push_back(static_cast<char>(rune));
    } else if (rune < 0x800) {
        out.push_back(static_cast<char>(0xc0 | (rune >> 6)));
        out.push_back(static_cast<char>(0x80 | (rune & 0x3f)));
    } else if (rune < 0x10000) {
        out.push_back(static_cast<char>(0xe0 | (rune >> 12)));
        out.push_back(static_cast<char>(0x80 | ((rune >> 6) & 0x3f)));
        out.push_back(static_cast<char>(0x80 | (rune & 0x3f)));
    } else {
        out.push_back(static_cast<char>(0xf0 | (rune >> 18)));
        out.push_back(static_cast<char>(0x80 | ((rune >> 12) & 0x3f)));
        out.push_back(static_cast<char>(0x80 | ((rune >> 6) & 0x3f)));
        out.push_back(static_cast<char>(0x80 | (rune & 0x3f)));
    }
}

// The byte as Go quotes a rune: 'x', '\'', '\n', '\x01', '\u0080'.
std::string quoted(unsigned char c)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string out = "'";
    switch (c) {
    case '\'':
        return R"('\'')";
    case '"':
        return R"('"')";
    case '\a':
        return R"('\a')";
    case '\b':
        return R"('\b')";
    case '\f':
        return R"('\f')";
    case '\n':
        return R"('\n')";
    case '\r':
        return R"('\r')";
    case '\t':
        return R"('\t')";
    case '\v':
        return R"('\v')";
    case '\\':
        return R"('\\')";
    default:
        break;
    }
    if (c < 0x20 || c == 0x7f)
        out.append("\\x").append({digits[c >> 4], digits[c & 15]});
    else if ((c >= 0x80 && c <= 0xa0) || c == 0xad) // not printable in Unicode
        out.append("\\u00").append({digits[c >> 4], digits[c & 15]});
    else
        append_utf8(out, c);
    return out + "'";
}

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char low = static_cast<char>(c | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// The length of the UTF-8 sequence at `at`, 0 where there is none (overlong, surrogate, cut short, too high).
std::size_t utf8_length(std::string_view text, std::size_t at) noexcept
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(at);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
    if (length == 0 || at + length > text.size())
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(at + i) & 0xc0) != 0x80)
            return 0;
    if ((lead == 0xe0 && byte(at + 1) < 0xa0) || (lead == 0xed && byte(at + 1) > 0x9f) || (lead == 0xf0 && byte(at + 1) < 0x90)
        || (lead == 0xf4 && byte(at + 1) > 0x8f))
        return 0;
    return length;
}

std::uint32_t four_hex(std::string_view text, std::size_t at) noexcept
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value * 16 + static_cast<std::uint32_t>(hex_value(text[at + i]));
    return value;
}

// The inside of a string literal that the scanner has accepted; halves of surrogate pairs and bad UTF-8 become U+FFFD as in Go.
std::string unescaped(std::string_view inside)
{
    std::string out;
    for (std::size_t i = 0; i < inside.size();) {
        if (inside[i] != '\\') {
            if (const std::size_t length = utf8_length(inside, i)) {
                out.append(inside, i, length);
                i += length;
            } else {
                append_utf8(out, 0xfffd);
                ++i;
            }
            continue;
        }
        const char escape = inside[i + 1];
        i += 2;
        if (escape != 'u') {
            constexpr std::string_view names = "bfnrt";
            constexpr std::string_view values = "\b\f\n\r\t";
            const std::size_t found = names.find(escape);
            out.push_back(found == names.npos ? escape : values[found]);
            continue;
        }
        std::uint32_t rune = four_hex(inside, i);
        i += 4;
        if (rune >= 0xd800 && rune < 0xdc00 && i + 6 <= inside.size() && inside[i] == '\\' && inside[i + 1] == 'u') {
            const std::uint32_t low = four_hex(inside, i + 2);
            if (low >= 0xdc00 && low < 0xe000) {
                rune = 0x10000 + ((rune - 0xd800) << 10) + (low - 0xdc00);
                i += 6;
            }
        }
        append_utf8(out, rune >= 0xd800 && rune < 0xe000 ? 0xfffd : rune);
    }
    return out;
}

/// Walks one value by the grammar; stops at the first character that Go would stop at, with Go's words.
class scanner
{
public:
    explicit scanner(std::string_view text) : text_(text) {}

    enum class kind { nothing, object, array, string, number, boolean, null };

    kind outermost = kind::nothing;
    std::string failure;
    error_body found;
    function_failure own;
    std::string type_of_body; ///< "__type"
    std::string mismatch;     ///< the first value of a wrong type; told once all of the value was read

    bool run();

private:
    char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool ended() const noexcept { return at_ >= text_.size(); }
    void skip() noexcept
    {
        while (!ended() && is_space(text_[at_]))
            ++at_;
    }
    bool fail(std::string_view where)
    {
        failure = ended() ? "unexpected EOF" : "invalid character " + quoted(static_cast<unsigned char>(text_[at_])) + " " + std::string(where);
        return false;
    }
    bool value(kind& what);
    bool string_literal();
    bool number();
    bool digits(std::string_view where);
    bool word(std::string_view expected);
    bool key();
    bool after_value();
    void keep(kind what, std::string_view literal);

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<char> open_;   // '{' or '['
    std::string key_;          // of the outermost object, when open_.size() == 1
    std::size_t literal_ = 0;  // where the last string's inside begins
};

bool scanner::digits(std::string_view where)
{
    if (peek() < '0' || peek() > '9')
        return fail(where);
    while (peek() >= '0' && peek() <= '9')
        ++at_;
    return true;
}

bool scanner::number()
{
    if (peek() == '-')
        ++at_;
    if (peek() == '0')
        ++at_;
    else if (!digits("in numeric literal"))
        return false;
    if (peek() == '.') {
        ++at_;
        if (!digits("after decimal point in numeric literal"))
            return false;
    }
    if (peek() == 'e' || peek() == 'E') {
        ++at_;
        if (peek() == '+' || peek() == '-')
            ++at_;
        return digits("in exponent of numeric literal");
    }
    return true;
}

bool scanner::word(std::string_view expected)
{
    for (std::size_t i = 0; i < expected.size(); ++i, ++at_)
        if (peek() != expected[i] || ended())
            return fail("in literal " + std::string(expected) + " (expecting '" + std::string(1, expected[i]) + "')");
    return true;
}

bool scanner::string_literal()
{
    literal_ = ++at_;
    for (;; ++at_) {
        if (ended())
            return fail({});
        const char c = text_[at_];
        if (c == '"') {
            ++at_;
            return true;
        }
        if (static_cast<unsigned char>(c) < 0x20)
            return fail("in string literal");
        if (c != '\\')
            continue;
        ++at_;
        if (ended())
            return fail({});
        if (text_[at_] == 'u') {
            for (int i = 0; i < 4; ++i) {
                ++at_;
                if (ended() || hex_value(text_[at_]) < 0)
                    return fail("in \\u hexadecimal character escape");
            }
        } else if (std::string_view("\"\\/bfnrt").find(text_[at_]) == std::string_view::npos) {
            return fail("in string escape code");
        }
    }
}

bool scanner::value(kind& what)
{
    skip();
    switch (peek()) {
    case '{':
    case '[':
        what = peek() == '{' ? kind::object : kind::array;
        if (open_.size() == depth_max) {
            failure = "exceeded max depth";
            return false;
        }
        open_.push_back(text_[at_++]);
        return true;
    case '"':
        what = kind::string;
        return string_literal();
    case 't':
        what = kind::boolean;
        return word("true");
    case 'f':
        what = kind::boolean;
        return word("false");
    case 'n':
        what = kind::null;
        return word("null");
    default:
        what = kind::number;
        if (peek() == '-' || (peek() >= '0' && peek() <= '9'))
            return number();
        return fail("looking for beginning of value");
    }
}

bool scanner::key()
{
    skip();
    if (peek() != '"')
        return fail("looking for beginning of object key string");
    if (!string_literal())
        return false;
    if (open_.size() == 1)
        key_ = unescaped(text_.substr(literal_, at_ - 1 - literal_));
    skip();
    if (peek() != ':')
        return fail("after object key");
    ++at_;
    return true;
}

// The separators and closings behind a value, and the next key; false on error or when all is closed.
bool scanner::after_value()
{
    while (!open_.empty()) {
        skip();
        const bool in_object = open_.back() == '{';
        if (peek() == ',') {
            ++at_;
            return !in_object || key();
        }
        if (peek() != (in_object ? '}' : ']'))
            return fail(in_object ? "after object key:value pair" : "after array element");
        ++at_;
        open_.pop_back();
    }
    return false;
}

void scanner::keep(kind what, std::string_view literal)
{
    struct wanted
    {
        std::string_view name;
        std::string_view field;
        std::string* place;
    };
    const wanted fields[] = {{"code", "Code", &found.code}, {"__type", "__type", &type_of_body}, {"message", "Message", &found.message},
        {"reason", "", &found.reason}, {"errorType", "", &own.type}, {"errorMessage", "", &own.message}};
    for (const wanted& field : fields) {
        if (!http::equal_ignoring_case(key_, field.name) || what == kind::null)
            continue;
        if (what == kind::string) {
            *field.place = unescaped(literal);
            continue;
        }
        if (!mismatch.empty() || field.field.empty())
            continue;
        constexpr std::string_view names[] = {"", "object", "array", "string", "number", "bool", "null"};
        mismatch = "json: cannot unmarshal " + std::string(names[static_cast<std::size_t>(what)]) + " into Go struct field ."
            + std::string(field.field) + " of type string";
    }
}

bool scanner::run()
{
    skip();
    if (ended())
        return true;
    for (bool first = true;; first = false) {
        const std::size_t depth = open_.size();
        kind what = kind::nothing;
        if (!value(what))
            return false;
        if (first)
            outermost = what;
        if (depth == 1 && outermost == kind::object)
            keep(what, what == kind::string ? text_.substr(literal_, at_ - 1 - literal_) : std::string_view{});
        if (what == kind::object || what == kind::array) {
            skip();
            const char closing = what == kind::object ? '}' : ']';
            if (peek() == closing) {
                ++at_;
                open_.pop_back();
            } else {
                if (what == kind::object && !key())
                    return false;
                continue;
            }
        }
        if (!after_value())
            return failure.empty();
    }
}

} // namespace

core::result<error_body> read_error_body(std::string_view text)
{
    scanner walk(text);
    if (!walk.run())
        return core::error{errc::malformed_response, std::move(walk.failure)};
    constexpr std::string_view names[] = {"", "", "array", "string", "number", "bool", ""};
    if (const std::string_view name = names[static_cast<std::size_t>(walk.outermost)]; !name.empty())
        return core::error{errc::malformed_response,
            "json: cannot unmarshal " + std::string(name) + " into Go value of type " + std::string(struct_type)};
    if (!walk.mismatch.empty())
        return core::error{errc::malformed_response, std::move(walk.mismatch)};
    if (walk.found.code.empty())
        walk.found.code = std::move(walk.type_of_body);
    return std::move(walk.found);
}

function_failure read_function_failure(std::string_view payload)
{
    scanner walk(payload);
    return walk.run() ? std::move(walk.own) : function_failure();
}

} // namespace lambent::aws
