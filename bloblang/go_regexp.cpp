#include <lambent/bloblang/ascii_matcher.hpp>
#include <lambent/bloblang/go_regexp.hpp>
#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/meter.hpp>

#include <lambent/data/utf8.hpp>

#include <array>
#include <charconv>
#include <optional>
#include <span>

#include <re2/re2.h>

namespace lambent::bloblang {

struct go_regexp::compiled
{
    explicit compiled(const std::string& pattern, const RE2::Options& options) : re(pattern, options)
    {
        if (re.ok())
            table = ascii_matcher::make(pattern);
    }
    RE2 re;
    std::unique_ptr<const ascii_matcher> table; ///< null: the expression has none
};

namespace {

problem syntax_error(std::string_view what, std::string_view where)
{
    return failed("error parsing regexp: " + std::string(what) + ": `" + std::string(where) + "`");
}

std::string_view go_words(RE2::ErrorCode code)
{
    switch (code) {
    case RE2::ErrorBadEscape:
        return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
        return "invalid character class";
    case RE2::ErrorBadCharRange:
        return "invalid character class range";
    case RE2::ErrorMissingBracket:
        return "missing closing ]";
    case RE2::ErrorMissingParen:
        return "missing closing )";
    case RE2::ErrorUnexpectedParen:
        return "unexpected )";
    case RE2::ErrorTrailingBackslash:
        return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
        return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
        return "invalid repeat count";
    case RE2::ErrorRepeatOp:
        return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
        return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
        return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
        return "invalid named capture";
    default:
        return "expression too large";
    }
}

/// The pattern as RE2 takes it, and the groups' names. RE2 refuses `(?<n>` and a name that occurs twice, and knows `\C`;
/// Go the other way round. So names are taken out here.
struct translation
{
    std::string pattern;
    std::vector<std::string> names{""};
    problem wrong;
};

bool is_name(std::string_view name)
{
    for (const char c : name) {
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return !name.empty();
}

/// At an opening bracket outside a class: takes the group's head.
void translate_group(std::string_view& rest, translation& out)
{
    const std::size_t head = rest.starts_with("(?P<") ? 4 : rest.starts_with("(?<") ? 3 : 0;
    if (head == 0) {
        if (!rest.starts_with("(?"))
            out.names.emplace_back();
        out.pattern.push_back('(');
        rest.remove_prefix(1);
        return;
    }
    const auto end = rest.find('>');
    if (end == std::string_view::npos || !is_name(rest.substr(head, end - head))) {
        out.wrong = syntax_error("invalid named capture", end == std::string_view::npos ? rest : rest.substr(0, end + 1));
        return;
    }
    out.names.emplace_back(rest.substr(head, end - head));
    out.pattern.push_back('(');
    rest.remove_prefix(end + 1);
}

translation translated(std::string_view rest)
{
    translation out;
    const auto take = [&](std::size_t n) {
        out.pattern.append(rest.substr(0, n));
        rest.remove_prefix(std::min(n, rest.size()));
    };
    bool in_class = false;
    std::size_t class_start = 0;
    while (!rest.empty() && !out.wrong) {
        if (rest.starts_with("\\Q") && !in_class) {
            const auto end = rest.find("\\E");
            take(end == std::string_view::npos ? rest.size() : end + 2);
        } else if (rest.starts_with("\\C")) {
            out.wrong = syntax_error("invalid escape sequence", "\\C");
        } else if (rest[0] == '\\') {
            take(2);
        } else if (in_class) {
            // A bracket that comes first is an ordinary character; [:name:] is one item.
            const bool first = out.pattern.size() == class_start;
            const auto named = rest.starts_with("[:") ? rest.find(":]") : std::string_view::npos;
            if (named != std::string_view::npos) {
                take(named + 2);
            } else {
                in_class = rest[0] != ']' || first;
                take(1);
            }
        } else if (rest[0] == '[') {
            in_class = true;
            take(rest.starts_with("[^") ? 2 : 1);
            class_start = out.pattern.size();
        } else if (rest[0] == '(') {
            translate_group(rest, out);
        } else {
            take(1);
        }
    }
    return out;
}

} // namespace

go_regexp::go_regexp(std::unique_ptr<compiled> made, std::vector<std::string> names)
    : compiled_(std::move(made)), names_(std::move(names))
{
}

go_regexp::~go_regexp() = default;

std::variant<std::shared_ptr<go_regexp>, problem> go_regexp::compile(std::string_view pattern)
{
    translation t = translated(pattern);
    RE2::Options options;
    options.set_log_errors(false);
    auto made = std::make_unique<compiled>(t.pattern, options);
    const RE2::ErrorCode code = made->re.error_code();
    // What was found in translation stands behind everything that is in its pattern; only what is missing comes later.
    if (t.wrong && (made->re.ok() || code == RE2::ErrorMissingParen || code == RE2::ErrorMissingBracket))
        return std::move(t.wrong);
    if (made->re.ok())
        return std::shared_ptr<go_regexp>(new go_regexp(std::move(made), std::move(t.names)));
    // Go shows the whole expression where a bracket is missing, nothing for a backslash at the end.
    std::string where = made->re.error_arg();
    if (code == RE2::ErrorMissingParen || code == RE2::ErrorUnexpectedParen)
        where = pattern;
    else if (code == RE2::ErrorTrailingBackslash)
        where.clear();
    return syntax_error(go_words(code), where);
}

template <class Visit>
void go_regexp::each_match(std::string_view text, int groups, Visit visit) const
{
    constexpr int few = 8;
    std::array<re2::StringPiece, few> room;
    std::vector<re2::StringPiece> more(static_cast<std::size_t>(groups > few ? groups : 0));
    const std::span<re2::StringPiece> pieces(groups > few ? more.data() : room.data(), static_cast<std::size_t>(groups));
    const re2::StringPiece whole(text.data(), text.size());
    std::optional<ascii_matcher::search> quick;
    if (groups == 1 && compiled_->table != nullptr && data::is_ascii(text))
        quick.emplace(*compiled_->table, text);
    const auto next_match = [&](std::size_t at) {
        if (quick) {
            const ascii_matcher::outcome seen = quick->next(at);
            if (seen == ascii_matcher::outcome::found)
                pieces[0] = whole.substr(quick->from(), quick->end() - quick->from());
            if (seen != ascii_matcher::outcome::undecided)
                return seen == ascii_matcher::outcome::found;
            quick.reset();
        }
        return compiled_->re.Match(whole, at, text.size(), RE2::UNANCHORED, pieces.data(), groups);
    };
    std::ptrdiff_t previous_end = -1;
    for (std::size_t at = 0; at <= text.size();) {
        if (!next_match(at))
            return;
        const std::ptrdiff_t from = pieces[0].data() - text.data();
        const std::ptrdiff_t end = from + static_cast<std::ptrdiff_t>(pieces[0].size());
        const bool counts = from != end || from != previous_end;
        if (end > static_cast<std::ptrdiff_t>(at))
            at = static_cast<std::size_t>(end);
        else
            at += at < text.size() ? data::decode_utf8(text.substr(at)).size : 1;
        previous_end = end;
        // Beside the match its texts, which most callers make of it.
        if (!spend(1, pieces.size() * (sizeof(match::value_type) + sizeof(data::value))))
            return;
        if (counts && !visit(std::span<const re2::StringPiece>(pieces)))
            return;
    }
}

bool go_regexp::matches(std::string_view text) const
{
    bool found = false;
    each_match(text, 1, [&](std::span<const re2::StringPiece>) {
        found = true;
        return false;
    });
    return found;
}

std::vector<std::string_view> go_regexp::find_texts(std::string_view text) const
{
    std::vector<std::string_view> out;
    each_match(text, 1, [&](std::span<const re2::StringPiece> pieces) {
        out.emplace_back(pieces[0].data(), pieces[0].size());
        return true;
    });
    return out;
}

std::vector<go_regexp::match> go_regexp::find_all(std::string_view text, std::size_t at_most) const
{
    std::vector<match> out;
    if (at_most == 0)
        return out;
    each_match(text, compiled_->re.NumberOfCapturingGroups() + 1, [&](std::span<const re2::StringPiece> pieces) {
        match m;
        m.reserve(pieces.size());
        for (const re2::StringPiece& p : pieces) {
            const bool took_part = p.data() != nullptr;
            const std::ptrdiff_t from = took_part ? p.data() - text.data() : -1;
            m.emplace_back(from, took_part ? from + static_cast<std::ptrdiff_t>(p.size()) : -1);
        }
        out.push_back(std::move(m));
        return out.size() < at_most;
    });
    return out;
}

void go_regexp::expand(std::string& out, std::string_view text, const match& m, std::string_view with) const
{
    const auto add = [&](std::size_t group) {
        if (group < m.size() && m[group].first >= 0)
            out.append(text.substr(static_cast<std::size_t>(m[group].first), static_cast<std::size_t>(m[group].second - m[group].first)));
    };
    while (!with.empty()) {
        const auto dollar = with.find('$');
        out.append(with.substr(0, dollar));
        if (dollar == std::string_view::npos)
            return;
        with.remove_prefix(dollar + 1);
        if (with.starts_with('$')) {
            out.push_back('$');
            with.remove_prefix(1);
            continue;
        }
        const bool braces = with.starts_with('{');
        std::string_view name = braces ? with.substr(1) : with;
        std::size_t size = 0;
        while (size < name.size()) {
            const data::decoded_rune r = data::decode_utf8(name.substr(size));
            if (!is_letter_or_digit(r.code) && r.code != '_')
                break;
            size += r.size;
        }
        name = name.substr(0, size);
        if (name.empty() || (braces && !with.substr(1 + size).starts_with('}'))) {
            out.push_back('$');
            continue;
        }
        with.remove_prefix(size + (braces ? 2 : 0));
        std::size_t number = 0;
        const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
        if (read.ptr == name.data() + name.size() && (name.size() == 1 || name[0] != '0')) {
            add(read.ec == std::errc{} ? number : m.size());
            continue;
        }
        for (std::size_t i = 0; i < names_.size(); ++i) {
            if (names_[i] == name && i < m.size() && m[i].first >= 0) {
                add(i);
                break;
            }
        }
    }
}

data::value go_regexp::replace_all(std::string_view text, std::string_view with) const
{
    if (with.find('$') == std::string_view::npos)
        return replace_by(text, with);
    std::string out;
    std::size_t copied = 0;
    for (const match& m : find_all(text)) {
        out.append(text.substr(copied, static_cast<std::size_t>(m[0].first) - copied));
        expand(out, text, m, with);
        copied = static_cast<std::size_t>(m[0].second);
        if (!can_make(out.size()))
            break;
    }
    return data::value(out.append(text.substr(copied)));
}

/// Without groups: looking for those of a match costs more than the match.
data::value go_regexp::replace_by(std::string_view text, std::string_view with) const
{
    constexpr std::size_t kept_max = 64 * 1024;
    thread_local std::string out;
    out.clear();
    std::size_t copied = 0;
    each_match(text, 1, [&](std::span<const re2::StringPiece> pieces) {
        const auto from = static_cast<std::size_t>(pieces[0].data() - text.data());
        out.append(text.substr(copied, from - copied)).append(with);
        copied = from + pieces[0].size();
        return can_make(out.size());
    });
    data::value made(out.append(text.substr(copied)));
    if (out.capacity() > kept_max)
        std::string().swap(out);
    return made;
}

} // namespace lambent::bloblang
