#include <lambent/bloblang/ascii_matcher.hpp>

#include <algorithm>
#include <bitset>
#include <charconv>
#include <map>
#include <optional>
#include <string>

namespace lambent::bloblang {
namespace {

using bytes = std::bitset<128>;

constexpr std::size_t steps_max = 200; ///< of the machine that the table is made of
constexpr std::size_t states_max = 100;
constexpr std::size_t sets_max = 64;
constexpr unsigned depth_max = 20;
constexpr int repeat_max = 100;

bytes range(char from, char to)
{
    bytes out;
    for (int c = from; c <= to; ++c)
        out.set(static_cast<std::size_t>(c));
    return out;
}

bytes only(char c) { return range(c, c); }

/// Of \d \w \s and their complements; nothing for other letters.
std::optional<bytes> perl_class(char letter)
{
    const char small = static_cast<char>(letter | 0x20);
    bytes out;
    if (small == 'd')
        out = range('0', '9');
    else if (small == 'w')
        out = range('0', '9') | range('A', 'Z') | range('a', 'z') | only('_');
    else if (small == 's')
        out = only('\t') | only('\n') | only('\f') | only('\r') | only(' ');
    else
        return std::nullopt;
    return small == letter ? out : ~out;
}

/// The one character that an escape stands for.
std::optional<char> escaped(char letter)
{
    static constexpr std::string_view names = "tnrfv";
    static constexpr std::string_view codes = "\t\n\r\f\v";
    if (const auto i = names.find(letter); i != std::string_view::npos)
        return codes[i];
    const bool plain = (letter >= '0' && letter <= '9') || ((letter | 0x20) >= 'a' && (letter | 0x20) <= 'z');
    return letter > ' ' && letter < 0x7f && !plain ? std::optional(letter) : std::nullopt;
}

/// One step of a machine that goes several ways at once, the preferred one first.
struct step
{
    enum class kind { take, fork, done };
    kind what;
    std::size_t set = 0;  ///< of `take`: which bytes
    std::size_t next = 0; ///< of `fork`: the preferred way
    std::size_t other = 0;
};

} // namespace

class ascii_matcher_maker
{
public:
    explicit ascii_matcher_maker(std::string_view pattern) : rest_(pattern) {}

    std::unique_ptr<const ascii_matcher> made();

private:
    struct part
    {
        enum class kind { empty, set, sequence, choice, repeat };
        kind what = kind::empty;
        std::size_t set = 0;
        std::vector<part> parts{};
        int least = 0;
        int most = 0; ///< -1: any number
        bool greedy = true;
        bool may_be_empty = true;
    };
    using list = std::vector<std::size_t>;

    part fail()
    {
        good_ = false;
        return {};
    }
    bool take(std::string_view word)
    {
        if (!rest_.starts_with(word))
            return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    part of_set(const bytes& set);
    part choice(unsigned depth);
    part sequence(unsigned depth);
    part atom(unsigned depth);
    part repeated(part inner);
    part in_brackets();
    bool bounds(int& least, int& most);

    std::size_t emit(step s);
    std::size_t emit(const part& p, std::size_t next);
    std::size_t emit_repeat(const part& p, std::size_t next);

    bool follow(list& into, std::size_t at);
    void find_columns(ascii_matcher& out) const;
    bool fill_table(ascii_matcher& out, std::size_t begin);

    std::string_view rest_;
    bool good_ = true;
    bool to_end_ = false;
    std::vector<bytes> sets_;
    std::vector<step> steps_;
    std::vector<bool> seen_;
};

ascii_matcher_maker::part ascii_matcher_maker::of_set(const bytes& set)
{
    const auto known = std::find(sets_.begin(), sets_.end(), set);
    part p{.what = part::kind::set, .set = static_cast<std::size_t>(known - sets_.begin()), .may_be_empty = false};
    if (known == sets_.end())
        sets_.push_back(set);
    return sets_.size() > sets_max ? fail() : p;
}

ascii_matcher_maker::part ascii_matcher_maker::choice(unsigned depth)
{
    if (depth > depth_max)
        return fail();
    part first = sequence(depth);
    if (!rest_.starts_with('|'))
        return first;
    part all{.what = part::kind::choice, .may_be_empty = first.may_be_empty};
    all.parts.push_back(std::move(first));
    while (good_ && take("|")) {
        all.parts.push_back(sequence(depth));
        all.may_be_empty = all.may_be_empty || all.parts.back().may_be_empty;
    }
    return all;
}

ascii_matcher_maker::part ascii_matcher_maker::sequence(unsigned depth)
{
    part all{.what = part::kind::sequence};
    while (good_ && !rest_.empty() && rest_[0] != '|' && rest_[0] != ')') {
        if (depth == 0 && rest_ == "$") {
            rest_ = {};
            to_end_ = true;
            break;
        }
        all.parts.push_back(repeated(atom(depth)));
        all.may_be_empty = all.may_be_empty && all.parts.back().may_be_empty;
    }
    return all;
}

ascii_matcher_maker::part ascii_matcher_maker::atom(unsigned depth)
{
    if (take("(?:") || take("(")) {
        if (rest_.starts_with('?'))
            return fail();
        part inner = choice(depth + 1);
        return take(")") ? inner : fail();
    }
    if (take("["))
        return in_brackets();
    const char c = rest_[0];
    rest_.remove_prefix(1);
    if (c == '.')
        return of_set(~only('\n'));
    if (c == '\\') {
        if (rest_.empty())
            return fail();
        const char letter = rest_[0];
        rest_.remove_prefix(1);
        if (const auto set = perl_class(letter))
            return of_set(*set);
        const auto one = escaped(letter);
        return one ? of_set(only(*one)) : fail();
    }
    const bool special = std::string_view("*+?{}[]()|^$").find(c) != std::string_view::npos;
    return special || static_cast<unsigned char>(c) >= 0x80 ? fail() : of_set(only(c));
}

ascii_matcher_maker::part ascii_matcher_maker::in_brackets()
{
    const bool others = take("^");
    bytes set;
    for (bool first = true; !rest_.starts_with(']') || first; first = false) {
        if (rest_.size() < 2 || rest_[0] == '[' || rest_[0] == ']' || static_cast<unsigned char>(rest_[0]) >= 0x80)
            return fail();
        std::optional<char> from = rest_[0];
        rest_.remove_prefix(1);
        if (from == '-' && !first && !rest_.starts_with(']'))
            return fail();
        if (from == '\\') {
            const char letter = rest_[0];
            rest_.remove_prefix(1);
            if (const auto some = perl_class(letter)) {
                set |= *some;
                continue;
            }
            from = escaped(letter);
        }
        if (!from)
            return fail();
        char to = *from;
        if (rest_.size() >= 2 && rest_[0] == '-' && rest_[1] != ']') {
            to = rest_[1];
            rest_.remove_prefix(2);
            const bool plain = (to >= '0' && to <= '9') || ((to | 0x20) >= 'a' && (to | 0x20) <= 'z');
            if (!plain || to < *from)
                return fail();
        }
        set |= range(*from, to);
    }
    rest_.remove_prefix(1);
    return of_set(others ? ~set : set);
}

/// At a `{`: false where that is not a repetition.
bool ascii_matcher_maker::bounds(int& least, int& most)
{
    const auto number = [&](int& n) {
        const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), n);
        const bool digits = !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9' && read.ec == std::errc{};
        rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
        return digits && n <= repeat_max;
    };
    if (!number(least))
        return false;
    most = least;
    if (take(",")) {
        most = -1;
        if (!rest_.starts_with('}') && !number(most))
            return false;
    }
    return take("}") && (most < 0 || most >= least);
}

ascii_matcher_maker::part ascii_matcher_maker::repeated(part inner)
{
    part p{.what = part::kind::repeat};
    if (take("*"))
        p.most = -1;
    else if (take("+"))
        p.least = 1, p.most = -1;
    else if (take("?"))
        p.most = 1;
    else if (!take("{"))
        return inner;
    else if (!bounds(p.least, p.most))
        return fail();
    p.greedy = !take("?");
    // What is empty and repeated, and repetitions of repetitions, have rules of their own.
    if (inner.may_be_empty || (!rest_.empty() && std::string_view("*+?{").find(rest_[0]) != std::string_view::npos))
        return fail();
    p.may_be_empty = p.least == 0;
    p.parts.push_back(std::move(inner));
    return p;
}

std::size_t ascii_matcher_maker::emit(step s)
{
    if (steps_.size() >= steps_max) {
        good_ = false;
        return 0;
    }
    steps_.push_back(s);
    return steps_.size() - 1;
}

/// The first step of `p`, after which `next` follows.
std::size_t ascii_matcher_maker::emit(const part& p, std::size_t next)
{
    if (!good_)
        return next;
    switch (p.what) {
    case part::kind::empty:
        return next;
    case part::kind::set:
        return emit(step{.what = step::kind::take, .set = p.set, .next = next});
    case part::kind::sequence:
        for (auto at = p.parts.rbegin(); at != p.parts.rend(); ++at)
            next = emit(*at, next);
        return next;
    case part::kind::choice: {
        std::size_t all = emit(p.parts.back(), next);
        for (auto at = p.parts.rbegin() + 1; at != p.parts.rend(); ++at) {
            const std::size_t one = emit(*at, next);
            all = emit(step{.what = step::kind::fork, .next = one, .other = all});
        }
        return all;
    }
    case part::kind::repeat:
        return emit_repeat(p, next);
    }
    return next;
}

std::size_t ascii_matcher_maker::emit_repeat(const part& p, std::size_t next)
{
    const part& inner = p.parts.front();
    const auto fork = [&](std::size_t more, std::size_t enough) {
        return step{.what = step::kind::fork, .next = p.greedy ? more : enough, .other = p.greedy ? enough : more};
    };
    std::size_t at = next;
    int copies = p.least;
    if (p.most < 0) {
        const std::size_t loop = emit(step{.what = step::kind::fork});
        const std::size_t body = emit(inner, loop);
        if (!good_)
            return next;
        steps_[loop] = fork(body, next);
        at = copies > 0 ? body : loop;
        copies = std::max(copies - 1, 0);
    } else {
        for (int i = p.least; i < p.most && good_; ++i)
            at = emit(fork(emit(inner, at), next));
    }
    for (; copies > 0 && good_; --copies)
        at = emit(inner, at);
    return at;
}

/// Adds where `at` leads without a byte, in order. True once a match is among it: nothing after it is preferred to it.
bool ascii_matcher_maker::follow(list& into, std::size_t at)
{
    list open{at};
    while (!open.empty()) {
        const std::size_t i = open.back();
        open.pop_back();
        if (seen_[i])
            continue;
        seen_[i] = true;
        const step& s = steps_[i];
        if (s.what == step::kind::fork) {
            open.push_back(s.other);
            open.push_back(s.next);
            continue;
        }
        into.push_back(i);
        // With `$` a match counts at the end only, so that the others go on.
        if (s.what == step::kind::done && !to_end_)
            return true;
    }
    return false;
}

void ascii_matcher_maker::find_columns(ascii_matcher& out) const
{
    std::vector<std::uint64_t> known;
    for (std::size_t c = 0; c < out.column_.size(); ++c) {
        std::uint64_t in = 0;
        for (std::size_t i = 0; i < sets_.size(); ++i)
            in |= std::uint64_t{sets_[i][c]} << i;
        const auto at = std::find(known.begin(), known.end(), in);
        out.column_[c] = static_cast<std::uint8_t>(at - known.begin());
        if (at == known.end())
            known.push_back(in);
    }
    out.columns_ = known.size();
}

/// Every list of steps that can be reached is a state.
bool ascii_matcher_maker::fill_table(ascii_matcher& out, std::size_t begin)
{
    std::array<std::size_t, 128> byte_of{};
    for (std::size_t c = 0; c < byte_of.size(); ++c)
        byte_of[out.column_[c]] = c;
    std::map<list, std::size_t> known{{list{}, ascii_matcher::dead}};
    std::vector<list> states{{}, {}};
    seen_.assign(steps_.size(), false);
    follow(states[ascii_matcher::start], begin);
    known.emplace(states[ascii_matcher::start], ascii_matcher::start);
    out.table_.assign(out.columns_, ascii_matcher::dead);
    for (std::size_t s = ascii_matcher::start; s < states.size(); ++s) {
        for (std::size_t column = 0; column < out.columns_; ++column) {
            list reached;
            seen_.assign(steps_.size(), false);
            for (const std::size_t i : states[s]) {
                const step& one = steps_[i];
                if (one.what == step::kind::take && sets_[one.set][byte_of[column]] && follow(reached, one.next))
                    break;
            }
            const auto [place, is_new] = known.emplace(reached, states.size());
            if (is_new)
                states.push_back(std::move(reached));
            if (states.size() > states_max)
                return false;
            out.table_.push_back(static_cast<ascii_matcher::state>(place->second));
        }
    }
    for (const list& s : states)
        out.accepts_.push_back(std::any_of(s.begin(), s.end(), [&](std::size_t i) { return steps_[i].what == step::kind::done; }));
    std::size_t begins = 0;
    for (std::size_t c = 0; c < out.begins_.size(); ++c) {
        out.begins_[c] = out.accepts_[ascii_matcher::start] || out.after(ascii_matcher::start, static_cast<char>(c)) != ascii_matcher::dead;
        if (out.begins_[c] && ++begins == 1)
            out.only_begin_ = static_cast<int>(c);
    }
    if (begins != 1)
        out.only_begin_ = -1;
    return true;
}

std::unique_ptr<const ascii_matcher> ascii_matcher_maker::made()
{
    const bool from_start = take("^");
    const part whole = choice(0);
    // Beside an alternative, ^ and $ belong to the first and the last one only.
    if (!good_ || !rest_.empty() || ((from_start || to_end_) && whole.what == part::kind::choice))
        return nullptr;
    const std::size_t done = emit(step{.what = step::kind::done});
    const std::size_t begin = emit(whole, done);
    if (!good_)
        return nullptr;
    std::unique_ptr<ascii_matcher> out(new ascii_matcher);
    out->from_start_ = from_start;
    out->to_end_ = to_end_;
    find_columns(*out);
    if (!fill_table(*out, begin))
        return nullptr;
    return out;
}

std::unique_ptr<const ascii_matcher> ascii_matcher::make(std::string_view pattern) { return ascii_matcher_maker(pattern).made(); }

/// The first place from `at` on where a match may begin; the text's end may always be one.
std::size_t ascii_matcher::search::next_begin(std::size_t at) const noexcept
{
    if (by_.only_begin_ >= 0) {
        const auto found = text_.find(static_cast<char>(by_.only_begin_), at);
        return std::min(found, text_.size());
    }
    while (at < text_.size() && !by_.begins_[static_cast<unsigned char>(text_[at])])
        ++at;
    return at;
}

ascii_matcher::outcome ascii_matcher::search::next(std::size_t at) noexcept
{
    constexpr std::size_t never = static_cast<std::size_t>(-1);
    const std::size_t size = text_.size();
    for (from_ = at; from_ <= size; ++from_) {
        if (!by_.from_start_)
            from_ = next_begin(from_);
        else if (from_ > 0)
            return outcome::none;
        state s = start;
        std::size_t i = from_;
        std::size_t found = by_.accepts_[s] && (!by_.to_end_ || i == size) ? i : never;
        while (i < size && (s = by_.after(s, text_[i])) != dead) {
            ++i;
            if (by_.accepts_[s] && (!by_.to_end_ || i == size))
                found = i;
        }
        // What was read for nothing: all of a place without a match, and what is behind a match's end.
        const std::size_t wasted = i - (found != never ? found : from_);
        if (wasted > steps_left_)
            return outcome::undecided;
        steps_left_ -= wasted;
        if (found != never) {
            end_ = found;
            return outcome::found;
        }
    }
    return outcome::none;
}

} // namespace lambent::bloblang
