#include <lambent/data/detail/document.hpp>
#include <lambent/data/json.hpp>
#include <lambent/data/number_text.hpp>
#include <lambent/data/utf8.hpp>

#include <cstdio>

namespace lambent::data {
namespace {

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Go's strconv.Quote of the byte taken as a Latin-1 character, in single quotes.
std::string quoted_byte(char c)
{
    if (c == '\'')
        return R"('\'')";
    if (c == '"')
        return R"('"')";
    switch (c) {
    case '\a': return R"('\a')";
    case '\b': return R"('\b')";
    case '\f': return R"('\f')";
    case '\n': return R"('\n')";
    case '\r': return R"('\r')";
    case '\t': return R"('\t')";
    case '\v': return R"('\v')";
    case '\\': return R"('\\')";
    default: break;
    }
    const auto byte = static_cast<unsigned char>(c);
    // strconv.IsPrint is false for controls, 0x7f..0xa0 and the soft hyphen.
    if (byte < 0x20 || byte == 0x7f) {
        char text[8];
        std::snprintf(text, sizeof text, "'\\x%02x'", byte);
        return text;
    }
    if ((byte > 0x7f && byte <= 0xa0) || byte == 0xad) {
        char text[12];
        std::snprintf(text, sizeof text, "'\\u%04x'", byte);
        return text;
    }
    std::string out = "'";
    append_utf8(out, byte);
    return out + "'";
}

/// One document at a time out of a text; a tree is built with an explicit stack, so depth costs no thread stack.
class reader
{
public:
    reader(std::string_view text, const json_read_options& options) : text_(text), options_(options) {}

    core::result<value> read_one();
    bool at_end()
    {
        skip_space();
        return at_ == text_.size();
    }

private:
    struct open_container
    {
        bool object = false;
        std::vector<value> items;
        std::vector<member> members;
        value key;
    };

    bool fail(std::string why)
    {
        error_ = std::move(why);
        return false;
    }
    bool fail_at(std::string_view context)
    {
        if (at_ >= text_.size())
            return fail("unexpected EOF");
        return fail("invalid character " + quoted_byte(text_[at_]) + " " + std::string(context));
    }
    void skip_space() noexcept
    {
        while (at_ < text_.size() && is_space(text_[at_]))
            ++at_;
    }
    bool begin_value(value& out, bool& complete);
    bool read_key();
    bool after_value(value& current, bool& done);
    bool read_string(value& out);
    bool read_escape(std::string& out);
    bool read_hex(unsigned& out);
    bool read_number(value& out);
    bool read_literal(std::string_view word, std::string_view name);
    value close();

    std::string_view text_;
    const json_read_options& options_;
    std::size_t at_ = 0;
    std::string error_;
    std::string too_large_; ///< the first number that no float64 holds: told when nothing worse is found behind it
    std::vector<open_container> open_;
};

core::result<value> reader::read_one()
{
    skip_space();
    if (at_ == text_.size())
        return core::error{core::errc::closed, "EOF"};
    value current;
    bool done = false;
    bool good = true;
    while (good && !done) {
        bool complete = false;
        good = begin_value(current, complete);
        if (good && complete)
            good = after_value(current, done);
    }
    if (!good)
        return core::error{core::errc::closed, error_};
    if (!too_large_.empty())
        return core::error{core::errc::closed, too_large_};
    return current;
}

/// At the first byte of a value. An opened container is not complete unless it is empty.
bool reader::begin_value(value& out, bool& complete)
{
    skip_space();
    if (at_ == text_.size())
        return fail_at("looking for beginning of value");
    complete = true;
    const char c = text_[at_];
    if (c == '{' || c == '[') {
        if (open_.size() >= options_.depth_max)
            return fail("exceeded max depth");
        ++at_;
        open_.push_back({.object = c == '{'});
        skip_space();
        if (at_ < text_.size() && text_[at_] == (c == '{' ? '}' : ']')) {
            ++at_;
            out = close();
            return true;
        }
        complete = false;
        return c == '[' || read_key();
    }
    if (c == '"')
        return read_string(out);
    if (c == '-' || is_digit(c))
        return read_number(out);
    switch (c) {
    case 't':
        out = value(true);
        return read_literal("true", "true");
    case 'f':
        out = value(false);
        return read_literal("false", "false");
    case 'n':
        out = value();
        return read_literal("null", "null");
    default:
        return fail_at("looking for beginning of value");
    }
}

bool reader::read_key()
{
    skip_space();
    if (at_ == text_.size() || text_[at_] != '"')
        return fail_at("looking for beginning of object key string");
    if (!read_string(open_.back().key))
        return false;
    skip_space();
    if (at_ == text_.size() || text_[at_] != ':')
        return fail_at("after object key");
    ++at_;
    return true;
}

/// `current` is complete: store it where it belongs and go on to the next value, or leave it as the document.
bool reader::after_value(value& current, bool& done)
{
    while (!open_.empty()) {
        open_container& top = open_.back();
        if (top.object)
            top.members.push_back({std::move(top.key), std::move(current)});
        else
            top.items.push_back(std::move(current));
        skip_space();
        if (at_ == text_.size())
            return fail("unexpected EOF");
        const char c = text_[at_];
        if (c == ',') {
            ++at_;
            return !top.object || read_key();
        }
        if (c != (top.object ? '}' : ']'))
            return fail_at(top.object ? "after object key:value pair" : "after array element");
        ++at_;
        current = close();
    }
    done = true;
    return true;
}

value reader::close()
{
    open_container top = std::move(open_.back());
    open_.pop_back();
    return top.object ? value::object(std::move(top.members)) : value::array(std::move(top.items));
}

bool reader::read_literal(std::string_view word, std::string_view name)
{
    for (const char expected : word) {
        if (at_ == text_.size() || text_[at_] != expected)
            return fail_at("in literal " + std::string(name) + " (expecting '" + expected + "')");
        ++at_;
    }
    return true;
}

bool reader::read_number(value& out)
{
    const std::size_t start = at_;
    const auto digits = [&] {
        while (at_ < text_.size() && is_digit(text_[at_]))
            ++at_;
    };
    if (text_[at_] == '-')
        ++at_;
    if (at_ == text_.size() || !is_digit(text_[at_]))
        return fail_at("in numeric literal");
    if (text_[at_] == '0')
        ++at_;
    else
        digits();
    if (at_ < text_.size() && text_[at_] == '.') {
        ++at_;
        if (at_ == text_.size() || !is_digit(text_[at_]))
            return fail_at("after decimal point in numeric literal");
        digits();
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
        ++at_;
        if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-'))
            ++at_;
        if (at_ == text_.size() || !is_digit(text_[at_]))
            return fail_at("in exponent of numeric literal");
        digits();
    }
    const std::string_view literal = text_.substr(start, at_ - start);
    if (options_.keep_number_text) {
        out = value::number(literal);
        return true;
    }
    const auto f = float64_of(literal);
    if (!f && too_large_.empty())
        too_large_ = "json: cannot unmarshal number " + std::string(literal) + " into Go value of type float64";
    out = value(f.value_or(0));
    return true;
}

bool reader::read_string(value& out)
{
    const std::size_t start = ++at_;
    while (at_ < text_.size()) {
        const auto c = static_cast<unsigned char>(text_[at_]);
        if (c == '"') {
            out = value(text_.substr(start, at_ - start));
            ++at_;
            return true;
        }
        if (c < 0x20 || c == '\\' || c >= 0x80)
            break;
        ++at_;
    }
    std::string decoded(text_.substr(start, at_ - start));
    while (at_ < text_.size()) {
        const auto c = static_cast<unsigned char>(text_[at_]);
        if (c == '"') {
            ++at_;
            out = value(decoded);
            return true;
        }
        if (c < 0x20)
            return fail_at("in string literal");
        if (c == '\\') {
            ++at_;
            if (!read_escape(decoded))
                return false;
        } else if (c < 0x80) {
            decoded.push_back(text_[at_++]);
        } else {
            const decoded_rune r = decode_utf8(text_.substr(at_));
            append_utf8(decoded, r.code);
            at_ += r.size;
        }
    }
    return fail("unexpected EOF");
}

bool reader::read_hex(unsigned& out)
{
    out = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = at_ < text_.size() ? text_[at_] : '\0';
        unsigned digit = 0;
        if (is_digit(c))
            digit = static_cast<unsigned>(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = static_cast<unsigned>(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
            digit = static_cast<unsigned>(c - 'A') + 10;
        else
            return fail_at("in \\u hexadecimal character escape");
        out = out * 16 + digit;
        ++at_;
    }
    return true;
}

/// After the backslash. A lone surrogate becomes U+FFFD; a second half that does not fit is read again on its own.
bool reader::read_escape(std::string& out)
{
    static constexpr std::string_view names = "\"\\/bfnrt";
    static constexpr std::string_view codes = "\"\\/\b\f\n\r\t";
    const std::size_t named = at_ < text_.size() ? names.find(text_[at_]) : std::string_view::npos;
    if (named != std::string_view::npos) {
        ++at_;
        out.push_back(codes[named]);
        return true;
    }
    if (at_ == text_.size() || text_[at_] != 'u')
        return fail_at("in string escape code");
    ++at_;
    unsigned code = 0;
    if (!read_hex(code))
        return false;
    if (code >= 0xd800 && code < 0xe000) {
        const std::size_t back = at_;
        unsigned low = 0;
        if (code < 0xdc00 && text_.substr(at_).starts_with("\\u")) {
            at_ += 2;
            if (!read_hex(low))
                return false;
        }
        if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        } else {
            at_ = back;
            code = 0xfffd;
        }
    }
    append_utf8(out, code);
    return true;
}

} // namespace

core::result<value> read_json(std::string_view text, const json_read_options& options)
{
    if (!options.eager && options.keep_number_text && options.whole) {
        if (detail::document* checked = detail::document::index(text, options.depth_max))
            return detail::document::adopted(checked);
    }
    reader source(text, options);
    core::result<value> first = source.read_one();
    if (!first || !options.whole || source.at_end())
        return first;
    const core::result<value> second = source.read_one();
    if (!second)
        return second;
    if (!source.at_end()) { // the original looks once more: what is no document there is its error
        core::result<value> third = source.read_one();
        if (!third)
            return third;
    }
    return core::error{core::errc::closed, "message contains multiple valid documents"};
}

bool is_json_number(std::string_view text) noexcept
{
    std::size_t at = text.starts_with('-') ? 1 : 0;
    const auto digits = [&] {
        const std::size_t start = at;
        while (at < text.size() && is_digit(text[at]))
            ++at;
        return at - start;
    };
    const std::size_t first = at;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[first] == '0'))
        return false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0)
            return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-'))
            ++at;
        if (digits() == 0)
            return false;
    }
    return at == text.size();
}

} // namespace lambent::data
