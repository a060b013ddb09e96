#include <lambent/bloblang/expression.hpp>
#include <lambent/bloblang/go_format.hpp>
#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/time_values.hpp>

#include <lambent/data/number_text.hpp>
#include <lambent/data/utf8.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

/// Go refuses larger widths and precisions too.
constexpr int width_max = 1'000'000;
/// Containers deeper than this are cut off with "...", where Go would go on.
constexpr int depth_max = 1'000;

struct flags
{
    bool minus = false;
    bool plus = false;
    bool sharp = false;
    bool space = false;
    bool zero = false;
    bool sharp_v = false;
    int width = -1;
    int precision = -1;
};

std::size_t rune_count(std::string_view text)
{
    std::size_t n = 0;
    while (!text.empty()) {
        text.remove_prefix(data::decode_utf8(text).size);
        ++n;
    }
    return n;
}

/// Prints one value after another by Go's package fmt.
class printer
{
public:
    std::string out;
    flags f;

    void print(const value& v, char32_t verb, int depth);
    void bad_verb(char32_t verb, const value& v);

private:
    void pad(std::string_view text, bool zeros_allowed = true);
    void print_text(const value& v, char32_t verb, std::string_view text);
    void print_hex(std::string_view text, bool upper);
    void print_quoted(std::string_view text);
    void print_bytes(const value& v, char32_t verb);
    void print_integer(const value& v, char32_t verb);
    void print_whole(std::uint64_t size, bool negative, unsigned base, char32_t verb, bool upper);
    void print_float(const value& v, char32_t verb);
    void print_list(const value& v, char32_t verb, int depth);
    void print_map(const value& v, char32_t verb, int depth);
};

void printer::pad(std::string_view text, bool zeros_allowed)
{
    const std::size_t have = rune_count(text);
    const std::size_t want = f.width < 0 ? 0 : static_cast<std::size_t>(f.width);
    const std::size_t lack = want > have ? want - have : 0;
    const char filler = f.zero && !f.minus && zeros_allowed ? '0' : ' ';
    if (!f.minus)
        out.append(lack, filler);
    out.append(text);
    if (f.minus)
        out.append(lack, ' ');
}

void printer::bad_verb(char32_t verb, const value& v)
{
    out += "%!";
    data::append_utf8(out, verb);
    out.push_back('(');
    if (v.is_null()) {
        out += "<nil>";
    } else {
        out += go_type(v);
        out.push_back('=');
        print(v, 'v', 0); // with the flags of the verb
    }
    out.push_back(')');
}

void printer::print_hex(std::string_view text, bool upper)
{
    const std::size_t length = f.precision >= 0 ? std::min<std::size_t>(text.size(), static_cast<std::size_t>(f.precision)) : text.size();
    const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string hex;
    for (std::size_t i = 0; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (f.space && i > 0)
            hex.push_back(' ');
        if (f.sharp && (f.space || i == 0))
            hex += upper ? "0X" : "0x";
        hex.push_back(digits[byte >> 4]);
        hex.push_back(digits[byte & 15]);
    }
    pad(hex);
}

void printer::print_quoted(std::string_view text)
{
    const bool raw = f.sharp && text.find_first_of("`\x7f") == std::string_view::npos &&
        std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\t'; }) &&
        data::is_utf8(text);
    pad(raw ? "`" + std::string(text) + "`" : go_quote(text, f.plus));
}

/// What %s and %q see of a text: the first `precision` code points.
std::string_view cut(std::string_view text, int precision)
{
    if (precision < 0)
        return text;
    std::size_t at = 0;
    for (int i = 0; i < precision && at < text.size(); ++i)
        at += data::decode_utf8(text.substr(at)).size;
    return text.substr(0, at);
}

void printer::print_text(const value& v, char32_t verb, std::string_view text)
{
    switch (verb) {
    case 'v':
        if (f.sharp_v)
            pad(go_quote(cut(text, f.precision)));
        else
            pad(cut(text, f.precision));
        return;
    case 's':
        pad(cut(text, f.precision));
        return;
    case 'x':
    case 'X':
        print_hex(text, verb == 'X');
        return;
    case 'q':
        print_quoted(cut(text, f.precision));
        return;
    default:
        bad_verb(verb, v);
    }
}

void printer::print_bytes(const value& v, char32_t verb)
{
    if (verb == 's' || verb == 'x' || verb == 'X' || verb == 'q') {
        print_text(v, verb, v.text());
        return;
    }
    if (verb != 'v' && verb != 'd') {
        out.push_back('[');
        for (std::size_t i = 0; i < v.text().size(); ++i) {
            if (i > 0)
                out.push_back(' ');
            print(value::unsigned_integer(static_cast<unsigned char>(v.text()[i])).narrowed(8), verb, 1);
        }
        out.push_back(']');
        return;
    }
    if (f.sharp_v) {
        out += "[]byte{";
        for (std::size_t i = 0; i < v.text().size(); ++i) {
            if (i > 0)
                out += ", ";
            f.sharp = true;
            print_whole(static_cast<unsigned char>(v.text()[i]), false, 16, 'v', false);
            f.sharp = false;
        }
        out.push_back('}');
        return;
    }
    out.push_back('[');
    bool first = true;
    for (const char c : v.text()) {
        if (!first)
            out.push_back(' ');
        first = false;
        print_whole(static_cast<unsigned char>(c), false, 10, verb, false);
    }
    out.push_back(']');
}

void printer::print_whole(std::uint64_t size, bool negative, unsigned base, char32_t verb, bool upper)
{
    int precision = f.precision;
    if (precision == 0 && size == 0) {
        pad("", false);
        return;
    }
    if (precision < 0 && f.zero && !f.minus && f.width >= 0) {
        precision = f.width;
        if (negative || f.plus || f.space)
            --precision;
    }
    const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string text;
    do {
        text.push_back(digits[size % base]);
        size /= base;
    } while (size > 0);
    while (static_cast<int>(text.size()) < precision)
        text.push_back('0');
    if (f.sharp && base == 2)
        text += "b0";
    else if (f.sharp && base == 8 && text.back() != '0')
        text += "0";
    else if (f.sharp && base == 16)
        text += upper ? "X0" : "x0";
    if (verb == 'O')
        text += "o0";
    if (negative)
        text.push_back('-');
    else if (f.plus)
        text.push_back('+');
    else if (f.space)
        text.push_back(' ');
    std::reverse(text.begin(), text.end());
    pad(text, false);
}

void printer::print_integer(const value& v, char32_t verb)
{
    const bool is_unsigned = v.kind() == kind::uint64;
    const bool negative = !is_unsigned && v.as_int64() < 0;
    const std::uint64_t bits = is_unsigned ? v.as_uint64() : static_cast<std::uint64_t>(v.as_int64());
    const std::uint64_t size = negative ? 0 - bits : bits;
    const char32_t code = negative || size > 0x10ffff ? 0xfffd : static_cast<char32_t>(size);
    switch (verb) {
    case 'v':
        if (f.sharp_v && is_unsigned) {
            f.sharp = true;
            print_whole(size, negative, 16, 'v', false);
            return;
        }
        [[fallthrough]];
    case 'd':
        print_whole(size, negative, 10, verb, false);
        return;
    case 'b':
        print_whole(size, negative, 2, verb, false);
        return;
    case 'o':
    case 'O':
        print_whole(size, negative, 8, verb, false);
        return;
    case 'x':
    case 'X':
        print_whole(size, negative, 16, verb, verb == 'X');
        return;
    case 'c': {
        std::string text;
        data::append_utf8(text, code);
        pad(text);
        return;
    }
    case 'q':
        pad(go_quote_rune(code, f.plus));
        return;
    case 'U': {
        char room[24];
        const int digits = std::snprintf(room, sizeof room, "%04llX", static_cast<unsigned long long>(bits));
        std::string text = "U+" + std::string(static_cast<std::size_t>(std::max(std::min(f.precision, width_max) - digits, 0)), '0') + room;
        if (f.sharp && bits <= 0x10ffff && is_printable(code)) {
            text += " '";
            data::append_utf8(text, code);
            text += "'";
        }
        pad(text, false);
        return;
    }
    default:
        bad_verb(verb, v);
    }
}

/// Go's %b of a float: mantissa and binary exponent in decimal.
std::string binary_float(double d, bool narrow)
{
    int exponent = 0;
    const double mantissa = std::frexp(std::fabs(d), &exponent);
    const int bits = narrow ? 24 : 53;
    const auto whole = static_cast<unsigned long long>(std::ldexp(mantissa, bits));
    char room[48];
    std::snprintf(room, sizeof room, "%llup%+d", whole, d == 0 ? (narrow ? -149 : -1074) : exponent - bits);
    return room;
}

/// %x of a float: 0x1.8p+00, at least two exponent digits.
std::string hex_float(double d, int precision, bool upper, bool sharp)
{
    // A double has 13 digits behind the point; what is asked for beyond is noughts.
    constexpr int digits_max = 30;
    char room[64];
    if (precision >= 0)
        std::snprintf(room, sizeof room, upper ? "%.*A" : "%.*a", std::min(precision, digits_max), d);
    else
        std::snprintf(room, sizeof room, upper ? "%A" : "%a", d);
    std::string text = room;
    if (precision > digits_max)
        text.insert(std::min(text.find_first_of("pP"), text.size()), static_cast<std::size_t>(std::min(precision, width_max) - digits_max), '0');
    auto p = text.find_first_of("pP");
    if (text.size() > 2 && text[2] == '2' && p != std::string::npos) {
        // Rounded up to 2: the C library leaves it so.
        text = text.substr(0, 2) + "1" + text.substr(3, p - 3 + 1) + (text[p + 1] == '-' ? "-" : "+")
            + std::to_string(std::abs(std::atoi(text.c_str() + p + 1) + 1));
        p = text.find_first_of("pP");
    }
    if (sharp && p != std::string::npos && text.find('.') == std::string::npos) {
        text.insert(p, ".");
        ++p;
    }
    if (sharp && !upper && p != std::string::npos) {
        // Six digits at least, or as many as asked for, of which Go counts the x as one.
        const std::size_t wanted = precision < 0 ? 6 : static_cast<std::size_t>(std::min(precision, digits_max));
        const std::size_t there = p - 2; // the x, and the digits without their point
        if (wanted > there) {
            text.insert(p, wanted - there, '0');
            p += wanted - there;
        }
    }
    if (p != std::string::npos && text.size() - p == 3)
        text.insert(p + 2, "0");
    return text;
}

std::string float_text(double d, char32_t verb, const flags& f, bool narrow)
{
    const double size = std::fabs(d);
    const bool general = verb == 'v' || verb == 'g' || verb == 'G';
    if (verb == 'b')
        return binary_float(size, narrow);
    if (verb == 'x' || verb == 'X')
        return hex_float(size, f.precision, verb == 'X', f.sharp);
    if (general && f.precision < 0 && !f.sharp) {
        std::string text = data::shortest_float(size, narrow);
        if (verb == 'G')
            std::replace(text.begin(), text.end(), 'e', 'E');
        return text;
    }
    const char letter = general ? (verb == 'G' ? 'G' : 'g') : verb == 'F' ? 'f' : static_cast<char>(verb);
    const std::string form = std::string("%") + (f.sharp ? "#" : "") + ".*" + letter;
    const int precision = std::min(f.precision < 0 ? 6 : f.precision, width_max);
    std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, form.c_str(), precision, size)), '\0');
    std::snprintf(text.data(), text.size() + 1, form.c_str(), precision, size);
    return text;
}

void printer::print_float(const value& v, char32_t verb)
{
    static constexpr std::u32string_view known = U"vbgGxXfFeE";
    if (known.find(verb) == std::u32string_view::npos) {
        bad_verb(verb, v);
        return;
    }
    const double d = v.as_float64();
    const bool finite = std::isfinite(d);
    const std::string text = std::isnan(d) ? "NaN" : finite ? float_text(d, verb, f, v.width() == 32) : "Inf";
    std::string sign = std::signbit(d) && !std::isnan(d) ? "-" : f.plus ? "+" : f.space ? " " : std::isinf(d) ? "+" : "";
    const auto width = static_cast<std::size_t>(std::max(f.width, 0));
    if (!sign.empty() && finite && f.zero && !f.minus && width > sign.size() + text.size())
        out += sign + std::string(width - sign.size() - text.size(), '0') + text;
    else
        pad(sign + text, finite);
}

void printer::print_list(const value& v, char32_t verb, int depth)
{
    if (f.sharp_v)
        out += "[]interface {}{";
    else
        out.push_back('[');
    bool first = true;
    for (const value& item : v.items()) {
        if (!first)
            out += f.sharp_v ? ", " : " ";
        first = false;
        print(item, verb, depth + 1);
    }
    out.push_back(f.sharp_v ? '}' : ']');
}

void printer::print_map(const value& v, char32_t verb, int depth)
{
    out += f.sharp_v ? "map[string]interface {}{" : "map[";
    bool first = true;
    for (const data::member& m : v.members()) {
        if (!first)
            out += f.sharp_v ? ", " : " ";
        first = false;
        print(m.key, verb, depth + 1);
        out.push_back(':');
        print(m.item, verb, depth + 1);
    }
    out.push_back(f.sharp_v ? '}' : ']');
}

void printer::print(const value& v, char32_t verb, int depth)
{
    if (depth > depth_max) {
        out += "...";
        return;
    }
    if (!spend(1) || !can_make(out.size()))
        return;
    if (verb == 'T') {
        pad(v.is_null() ? "<nil>" : cut(go_type(v), f.precision));
        return;
    }
    switch (v.kind()) {
    case kind::boolean:
        if (verb == 't' || verb == 'v')
            pad(v.as_bool() ? "true" : "false");
        else
            bad_verb(verb, v);
        return;
    case kind::int64:
    case kind::uint64:
        print_integer(v, verb);
        return;
    case kind::float64:
        print_float(v, verb);
        return;
    case kind::number:
    case kind::string:
        print_text(v, verb, v.text());
        return;
    case kind::bytes:
        print_bytes(v, verb);
        return;
    case kind::timestamp:
        print_text(v, verb, go_time_string(v.as_timestamp()));
        return;
    case kind::array:
        print_list(v, verb, depth);
        return;
    case kind::object:
        print_map(v, verb, depth);
        return;
    default:
        if (depth > 0)
            out += f.sharp_v ? "interface {}(nil)" : "<nil>";
        else if (verb == 'v')
            pad("<nil>");
        else
            bad_verb(verb, v);
    }
}

/// The format string with its place, and which argument comes next.
class formatter
{
public:
    formatter(std::string_view format, std::span<const value> args) : rest_(format), args_(args) {}

    std::string run();

private:
    bool take(char c)
    {
        if (!rest_.starts_with(c))
            return false;
        rest_.remove_prefix(1);
        return true;
    }
    void read_flags();
    int read_number();
    void read_index();
    int from_argument(bool& good);
    void read_width();
    void read_precision();
    void print_verb();

    std::string_view rest_;
    std::span<const value> args_;
    std::size_t next_ = 0;
    bool reordered_ = false;
    bool good_index_ = true;
    bool after_index_ = false;
    printer p_;
};

void formatter::read_flags()
{
    p_.f = {};
    for (;;) {
        if (take('#'))
            p_.f.sharp = true;
        else if (take('0'))
            p_.f.zero = true;
        else if (take('+'))
            p_.f.plus = true;
        else if (take('-'))
            p_.f.minus = true;
        else if (take(' '))
            p_.f.space = true;
        else
            return;
    }
}

int formatter::read_number()
{
    int n = -1;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
        n = std::max(n, 0) * 10 + (rest_[0] - '0');
        rest_.remove_prefix(1);
        if (n > width_max)
            return -1;
    }
    return n;
}

/// `[3]` before a verb or a `*`.
void formatter::read_index()
{
    if (!rest_.starts_with('['))
        return;
    reordered_ = true;
    after_index_ = true;
    const auto close = rest_.find(']');
    if (close == std::string_view::npos) {
        good_index_ = false;
        rest_.remove_prefix(1);
        return;
    }
    std::string_view inside = rest_.substr(1, close - 1);
    rest_.remove_prefix(close + 1);
    std::size_t n = 0;
    bool digits = !inside.empty();
    for (const char c : inside) {
        digits = digits && c >= '0' && c <= '9' && n < 100'000;
        n = digits ? n * 10 + static_cast<std::size_t>(c - '0') : 0;
    }
    if (!digits || n == 0 || n > args_.size())
        good_index_ = false;
    else
        next_ = n - 1;
}

int formatter::from_argument(bool& good)
{
    std::int64_t wanted = width_max + 1;
    if (next_ < args_.size() && args_[next_].kind() == kind::int64)
        wanted = args_[next_].as_int64();
    else if (next_ < args_.size() && args_[next_].kind() == kind::uint64)
        wanted = static_cast<std::int64_t>(std::min<std::uint64_t>(args_[next_].as_uint64(), width_max + 1));
    good = wanted >= -width_max && wanted <= width_max;
    const int n = good ? static_cast<int>(wanted) : 0;
    if (next_ < args_.size())
        ++next_;
    return n;
}

void formatter::read_width()
{
    if (!take('*')) {
        p_.f.width = read_number();
        if (after_index_ && p_.f.width >= 0)
            good_index_ = false;
        return;
    }
    bool good = false;
    const int n = from_argument(good);
    if (!good)
        p_.out += "%!(BADWIDTH)";
    p_.f.width = good ? std::abs(n) : -1;
    if (n < 0) {
        p_.f.minus = true;
        p_.f.zero = false;
    }
    after_index_ = false;
}

void formatter::read_precision()
{
    if (!take('.'))
        return;
    if (after_index_)
        good_index_ = false;
    read_index();
    if (!take('*')) {
        p_.f.precision = std::max(read_number(), 0);
        return;
    }
    bool good = false;
    const int n = from_argument(good);
    p_.f.precision = good && n >= 0 ? n : -1;
    if (p_.f.precision < 0)
        p_.out += "%!(BADPREC)";
    after_index_ = false;
}

void formatter::print_verb()
{
    if (rest_.empty()) {
        p_.out += "%!(NOVERB)";
        return;
    }
    const data::decoded_rune verb = data::decode_utf8(rest_);
    rest_.remove_prefix(verb.size);
    const auto complain = [&](const char* what) {
        p_.out += "%!";
        data::append_utf8(p_.out, verb.code);
        p_.out += what;
    };
    if (verb.code == '%') {
        p_.out.push_back('%');
    } else if (!good_index_) {
        complain("(BADINDEX)");
    } else if (next_ >= args_.size()) {
        complain("(MISSING)");
    } else {
        if (verb.code == 'v') {
            p_.f.sharp_v = p_.f.sharp;
            p_.f.sharp = false;
            p_.f.plus = false;
        }
        p_.print(args_[next_++], verb.code, 0);
    }
}

std::string formatter::run()
{
    while (!rest_.empty()) {
        const auto percent = rest_.find('%');
        p_.out.append(rest_.substr(0, percent));
        if (percent == std::string_view::npos)
            break;
        rest_.remove_prefix(percent + 1);
        good_index_ = true;
        after_index_ = false;
        read_flags();
        read_index();
        read_width();
        read_precision();
        if (!after_index_)
            read_index();
        print_verb();
    }
    if (!reordered_ && next_ < args_.size()) {
        p_.f = {};
        p_.out += "%!(EXTRA ";
        for (std::size_t i = next_; i < args_.size(); ++i) {
            if (i > next_)
                p_.out += ", ";
            const value& v = args_[i];
            if (!v.is_null())
                p_.out += go_type(v) + "=";
            p_.print(v, 'v', 0);
        }
        p_.out.push_back(')');
    }
    return std::move(p_.out);
}

} // namespace

std::string go_format(std::string_view format, std::span<const value> args) { return formatter(format, args).run(); }

std::string go_print(const value& v)
{
    printer p;
    p.print(v, 'v', 0);
    return std::move(p.out);
}

} // namespace lambent::bloblang
