#include <lambent/processor/jmespath/lexer.hpp>

#include <lambent/bloblang/go_text.hpp>
#include <lambent/data/json.hpp>
#include <lambent/data/utf8.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace lambent::processor::jmespath {
namespace {

constexpr std::array<std::string_view, 31> names{"tUnknown", "tStar", "tDot", "tFilter", "tFlatten", "tLparen", "tRparen",
    "tLbracket", "tRbracket", "tLbrace", "tRbrace", "tOr", "tPipe", "tNumber", "tUnquotedIdentifier",
    "tQuotedIdentifier", "tComma", "tColon", "tLT", "tLTE", "tGT", "tGTE", "tEQ", "tNE", "tJSONLiteral",
    "tStringLiteral", "tCurrent", "tExpref", "tAnd", "tNot", "tEOF"};

constexpr bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

class lexer
{
public:
    explicit lexer(std::string_view text) : text_(text) {}

    core::result<std::vector<token>> run()
    {
        std::vector<token> found;
        while (at_ < text_.size()) {
            if (core::result<void> ok = one(found); !ok)
                return ok.error();
        }
        found.push_back({token_kind::end, {}});
        return found;
    }

private:
    core::result<void> one(std::vector<token>& found)
    {
        const char c = text_[at_];
        if (starts_name(c)) {
            const std::size_t from = at_;
            while (at_ < text_.size() && (starts_name(text_[at_]) || is_digit(text_[at_])))
                ++at_;
            found.push_back({token_kind::unquoted, std::string(text_.substr(from, at_ - from))});
            return {};
        }
        if (c == '-' || is_digit(c)) {
            const std::size_t from = at_++;
            while (at_ < text_.size() && is_digit(text_[at_]))
                ++at_;
            found.push_back({token_kind::number, std::string(text_.substr(from, at_ - from))});
            return {};
        }
        if (c == '"' || c == '`' || c == '\'')
            return quoted(found, c);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            ++at_;
            return {};
        }
        const token_kind kind = sign();
        if (kind == token_kind::end) {
            const char32_t code = data::decode_utf8(text_.substr(at_)).code;
            return syntax_error("Unknown char: " + bloblang::go_quote_rune(code, true));
        }
        found.push_back({kind, {}});
        return {};
    }

    bool followed_by(char next)
    {
        if (at_ >= text_.size() || text_[at_] != next)
            return false;
        ++at_;
        return true;
    }

    /// A sign of one or two characters; `end`: none.
    token_kind sign()
    {
        using enum token_kind;
        switch (text_[at_++]) {
        case '.': return dot;
        case '*': return star;
        case ',': return comma;
        case ':': return colon;
        case '{': return left_brace;
        case '}': return right_brace;
        case ']': return right_bracket;
        case '(': return left_paren;
        case ')': return right_paren;
        case '@': return current;
        case '[': return followed_by('?') ? filter : followed_by(']') ? flatten : left_bracket;
        case '|': return followed_by('|') ? or_ : pipe;
        case '<': return followed_by('=') ? at_most : less;
        case '>': return followed_by('=') ? at_least : more;
        case '!': return followed_by('=') ? unequal : not_;
        case '=': return followed_by('=') ? equal : unknown;
        case '&': return followed_by('&') ? and_ : reference;
        default: --at_; return end;
        }
    }

    core::result<void> quoted(std::vector<token>& found, char quote)
    {
        const std::size_t from = ++at_;
        std::string plain; // of a raw string: only its own quote is escaped
        while (at_ < text_.size() && text_[at_] != quote) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                if (text_[at_ + 1] != quote || quote == '"')
                    plain += '\\';
                // A raw string's backslash stands for itself before anything but its quote, another backslash too.
                if (quote == '\'' && text_[at_ + 1] != quote) {
                    ++at_;
                    continue;
                }
                ++at_;
            }
            plain += text_[at_++];
        }
        if (at_ >= text_.size())
            return syntax_error(std::string("Unclosed delimiter: ") + quote);
        const std::string_view source = text_.substr(from, at_ - from);
        ++at_;
        if (quote == '\'') {
            found.push_back({token_kind::raw, std::move(plain)});
        } else if (quote == '`') {
            found.push_back({token_kind::json, std::move(plain)});
        } else {
            auto decoded = read_literal('"' + std::string(source) + '"');
            if (!decoded)
                return decoded.error();
            found.push_back({token_kind::quoted, std::string(decoded->text())});
        }
        return {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

std::string_view name_of(token_kind kind) noexcept { return names[static_cast<std::size_t>(kind)]; }

core::result<std::vector<token>> tokens_of(std::string_view expression) { return lexer(expression).run(); }

core::error syntax_error(std::string what) { return unusable("SyntaxError: " + std::move(what)); }

core::result<data::value> read_literal(std::string_view text)
{
    auto read = data::read_json(text, {.keep_number_text = false});
    if (read)
        return read;
    std::string why = read.error().text();
    if (why == "EOF" || why == "unexpected EOF")
        why = "unexpected end of JSON input";
    if (why == "message contains multiple valid documents") {
        // The second one begins after the shortest beginning of the text that is a document.
        for (std::size_t i = 1; i < text.size(); ++i) {
            if (!data::read_json(text.substr(0, i)))
                continue;
            const std::size_t next = text.find_first_not_of(" \t\r\n", i);
            why = "invalid character " + bloblang::go_quote_rune(data::decode_utf8(text.substr(next)).code) + " after top-level value";
            break;
        }
    }
    return unusable(std::move(why));
}

} // namespace lambent::processor::jmespath
