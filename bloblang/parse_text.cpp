#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/parse_text.hpp>

#include <lambent/data/utf8.hpp>

#include <algorithm>

namespace lambent::bloblang {
namespace {

/// The next five characters, as messages show them.
std::string snippet(std::string_view rest)
{
    std::string out;
    for (int i = 0; i < 5 && !rest.empty(); ++i) {
        const data::decoded_rune r = data::decode_utf8(rest);
        data::append_utf8(out, r.code);
        rest.remove_prefix(r.size);
    }
    return out;
}

std::string expectation(const std::vector<std::string>& all)
{
    std::vector<std::string> names;
    for (const std::string& n : all) {
        if (std::find(names.begin(), names.end(), n) == names.end())
            names.push_back(n);
    }
    std::string out = "expected ";
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0)
            out += i + 1 < names.size() ? ", " : names.size() > 2 ? ", or " : " or ";
        out += names[i];
    }
    return out;
}

} // namespace

parse_error place_of(std::string_view text, std::size_t at)
{
    std::size_t left = 0;
    for (std::string_view before = text.substr(0, at); !before.empty(); ++left)
        before.remove_prefix(data::decode_utf8(before).size);
    parse_error e;
    for (;;) {
        const auto end = text.find('\n');
        const std::size_t length = std::min(end, text.size());
        if (left <= length || end == std::string_view::npos)
            break;
        left -= length + 1;
        text.remove_prefix(end + 1);
        ++e.line;
    }
    e.column = left + 1;
    return e;
}

std::string parse_error::text() const
{
    return "line " + std::to_string(line) + " char " + std::to_string(column) + ": " + bare;
}

parse_error fault::told(std::string_view text) const
{
    parse_error e = place_of(text, at);
    const std::string next = snippet(text.substr(at));
    if (expected.empty()) {
        e.bare = fatal;
        e.message = next.empty() ? fatal : fatal + ": " + next;
    } else {
        e.bare = (fatal.empty() ? "" : fatal + ": ") + expectation(expected);
        e.message = e.bare + (next.empty() ? ", but reached end of input" : ", got: " + next);
    }
    e.lint = e.message;
    return e;
}

bool parse_cursor::token(std::string_view what)
{
    if (!rest().starts_with(what))
        return expect(std::string(what));
    at_ += what.size();
    return true;
}

void parse_cursor::skip_spaces() noexcept
{
    while (peek() == ' ' || peek() == '\t')
        ++at_;
}

bool parse_cursor::spaces()
{
    const std::size_t start = at_;
    skip_spaces();
    return at_ > start || expect("whitespace");
}

bool parse_cursor::line_break()
{
    if (peek() == '#') {
        const auto end = rest().find('\n');
        at_ = end == std::string_view::npos ? text_.size() : at_ + end;
    }
    if (peek() == '\r')
        ++at_;
    if (peek() != '\n')
        return expect("line break");
    ++at_;
    return true;
}

void parse_cursor::skip_blank()
{
    for (;;) {
        const std::size_t start = at_;
        skip_spaces();
        const std::size_t before = at_;
        if (!line_break())
            at_ = before;
        if (at_ == start)
            return;
    }
}

bool parse_cursor::raw_quoted(std::string& out)
{
    // What is too short to hold the end, too, is an empty text in plain quotes and something else.
    std::string_view inside = rest();
    if (!inside.starts_with("\"\"\""))
        return expect("quoted string");
    inside.remove_prefix(3);
    std::size_t runes = 0;
    for (std::string_view left = inside; !left.empty() && runes < 3; ++runes)
        left.remove_prefix(data::decode_utf8(left).size);
    if (runes < 3)
        return expect("quoted string");
    const auto end = inside.find("\"\"\"");
    if (end == std::string_view::npos) {
        at_ = text_.size();
        expect("end triple-quote");
        return required();
    }
    out = inside.substr(0, end);
    at_ += end + 6;
    return true;
}

bool parse_cursor::quoted(std::string& out)
{
    const std::size_t start = at_;
    if (peek() != '"')
        return expect("quoted string");
    ++at_;
    while (!at_end() && peek() != '"')
        at_ += peek() == '\\' && at_ + 1 < text_.size() ? 2 : 1;
    if (at_end()) {
        expect("end quote");
        return required();
    }
    ++at_;
    const auto text = go_unquote(text_.substr(start, at_ - start));
    if (!text)
        return fatal_at(start, "failed to unescape quoted string contents: invalid syntax");
    out = *text;
    return true;
}

bool parse_cursor::word(std::string& out, std::string what)
{
    const std::size_t start = at_;
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    while (!at_end() && fits(peek()))
        ++at_;
    out = text_.substr(start, at_ - start);
    return at_ > start || expect(std::move(what));
}

bool parse_cursor::snake_word(std::string& out, std::string what)
{
    const std::size_t start = at_;
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    while (!at_end() && fits(peek()))
        ++at_;
    out = text_.substr(start, at_ - start);
    return at_ > start || expect(std::move(what));
}

} // namespace lambent::bloblang
