#include <lambent/emulator/json_text.hpp>

#include <vector>

namespace lambent::emulator {
namespace {

constexpr std::string_view valid_value = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }

std::string named(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    std::string out = "(";
    if (byte < 0x20)
        out += "(CTRL-CHAR, code " + std::to_string(byte) + ")";
    else
        out += (byte < 0x80 ? std::string("'") + c + "'" : std::string("non-ASCII byte")) + " (code " + std::to_string(byte) + ")";
    return out + ")";
}

/// One pass, no recursion: open containers are a stack of their closing marks.
class scanner
{
public:
    explicit scanner(std::string_view text) : text_(text) {}

    std::optional<json_flaw> run()
    {
        for (;;) {
            skip_white();
            if (next_ == expect::after_value && open_.empty()) {
                if (!at_end())
                    wrong("Expected nothing after the document");
                return flaw_;
            }
            if (!step())
                return flaw_;
        }
    }

private:
    enum class expect { value, value_or_close, key, key_or_close, after_value };

    bool at_end() const noexcept { return at_ >= text_.size(); }
    char here() const noexcept { return text_[at_]; }
    bool here_is(char c) const noexcept { return !at_end() && here() == c; }
    void skip_white() noexcept
    {
        while (here_is(' ') || here_is('\t') || here_is('\n') || here_is('\r'))
            ++at_;
    }

    bool fail(std::string message)
    {
        flaw_ = json_flaw{std::move(message), at_};
        return false;
    }
    bool wrong(std::string_view why)
    {
        return at_end() ? fail("Unexpected end-of-input") : fail("Unexpected character " + named(here()) + ": " + std::string(why));
    }

    bool step()
    {
        switch (next_) {
        case expect::value_or_close:
            return here_is(']') ? close() : value();
        case expect::value:
            return value();
        case expect::key_or_close:
            return here_is('}') ? close() : key();
        case expect::key:
            return key();
        case expect::after_value:
            break;
        }
        const bool in_object = open_.back() == '}';
        if (here_is(open_.back()))
            return close();
        if (!here_is(','))
            return wrong(in_object ? "was expecting comma to separate Object entries" : "was expecting comma to separate Array entries");
        ++at_;
        next_ = in_object ? expect::key : expect::value;
        return true;
    }

    bool value()
    {
        next_ = expect::after_value;
        if (at_end())
            return wrong({});
        switch (here()) {
        case '{':
            next_ = expect::key_or_close;
            return open('}');
        case '[':
            next_ = expect::value_or_close;
            return open(']');
        case '"':
            return string();
        default:
            return here() == '-' || is_digit(here()) ? number() : word();
        }
    }

    bool open(char closing)
    {
        if (open_.size() >= json_depth_max)
            return fail("Document nesting depth (" + std::to_string(open_.size() + 1) + ") exceeds the maximum allowed ("
                + std::to_string(json_depth_max) + ")");
        open_.push_back(closing);
        ++at_;
        return true;
    }

    bool close()
    {
        ++at_;
        open_.pop_back();
        next_ = expect::after_value;
        return true;
    }

    /// `"key" :`
    bool key()
    {
        if (!here_is('"'))
            return wrong("was expecting double-quote to start field name");
        if (!string())
            return false;
        skip_white();
        if (!here_is(':'))
            return wrong("was expecting a colon to separate field name and value");
        ++at_;
        next_ = expect::value;
        return true;
    }

    bool string()
    {
        ++at_;
        while (!at_end()) {
            const char c = here();
            if (c == '"') {
                ++at_;
                return true;
            }
            if (c == '\\') {
                if (!escape())
                    return false;
                continue;
            }
            if (static_cast<unsigned char>(c) < 0x20)
                return fail("Illegal unquoted character (" + named(c) + "): has to be escaped using backslash to be included in string value");
            const std::size_t length = utf8_length(text_.substr(at_));
            if (length == 0)
                return fail("Invalid UTF-8 byte " + std::to_string(static_cast<unsigned char>(c)));
            at_ += length;
        }
        return fail("Unexpected end-of-input: was expecting closing quote for a string value");
    }

    bool escape()
    {
        ++at_;
        if (at_end())
            return wrong({});
        const char c = here();
        if (std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos) {
            ++at_;
            return true;
        }
        if (c != 'u')
            return fail("Unrecognized character escape " + named(c));
        ++at_;
        for (int i = 0; i < 4; ++i, ++at_)
            if (at_end() || !is_hex(here()))
                return wrong("expected a hex-digit for character escape sequence");
        return true;
    }

    bool digits()
    {
        if (at_end() || !is_digit(here()))
            return wrong("Expected a digit in a number");
        while (!at_end() && is_digit(here()))
            ++at_;
        return true;
    }

    bool number()
    {
        if (here() == '-')
            ++at_;
        const bool zero = !at_end() && here() == '0';
        const std::size_t start = at_;
        if (!digits())
            return false;
        if (zero && at_ - start > 1) {
            at_ = start;
            return fail("Invalid numeric value: Leading zeroes not allowed");
        }
        if (!at_end() && here() == '.') {
            ++at_;
            if (!digits())
                return false;
        }
        if (!at_end() && (here() == 'e' || here() == 'E')) {
            ++at_;
            if (!at_end() && (here() == '+' || here() == '-'))
                ++at_;
            if (!digits())
                return false;
        }
        return true;
    }

    bool word()
    {
        std::size_t end = at_;
        while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end])))
            ++end;
        const std::string_view token = text_.substr(at_, end - at_);
        if (token == "true" || token == "false" || token == "null") {
            at_ = end;
            return true;
        }
        if (token.empty())
            return wrong("expected a valid value " + std::string(valid_value));
        return fail("Unrecognized token '" + std::string(token.substr(0, 50)) + "': was expecting " + std::string(valid_value));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<char> open_;
    expect next_ = expect::value;
    std::optional<json_flaw> flaw_;
};

} // namespace

std::size_t utf8_length(std::string_view text) noexcept
{
    if (text.empty())
        return 0;
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned first = byte(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        // No overlong forms, no surrogates (RFC 3629 §4).
        const bool second = follows(1) && !(first == 0xE0 && byte(1) < 0xA0) && !(first == 0xED && byte(1) > 0x9F);
        return second && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool second = follows(1) && !(first == 0xF0 && byte(1) < 0x90) && !(first == 0xF4 && byte(1) > 0x8F);
        return second && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

std::optional<json_flaw> find_json_flaw(std::string_view text)
{
    return scanner(text).run();
}

void append_quoted(std::string& out, std::string_view text)
{
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    while (!text.empty()) {
        const char c = text.front();
        const std::size_t length = utf8_length(text);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00";
            out += hex[static_cast<unsigned char>(c) >> 4];
            out += hex[static_cast<unsigned char>(c) & 15U];
        } else if (length == 0) {
            out += "\xEF\xBF\xBD";
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out += '"';
}

} // namespace lambent::emulator
