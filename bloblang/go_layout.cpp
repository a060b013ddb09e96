#include <lambent/bloblang/go_time.hpp>

#include <array>
#include <cstddef>
#include <memory>

namespace lambent::bloblang {
namespace {

bool is_digit(std::string_view text, std::size_t i) noexcept { return i < text.size() && text[i] >= '0' && text[i] <= '9'; }
bool is_lower(std::string_view text, std::size_t i) noexcept { return i < text.size() && text[i] >= 'a' && text[i] <= 'z'; }

struct found
{
    layout_piece piece = layout_piece::none;
    std::size_t size = 0;
    int digits = 0;
};

found letters_at(std::string_view rest) noexcept
{
    using enum layout_piece;
    const auto is = [&](std::string_view what) { return rest.starts_with(what); };
    switch (rest[0]) {
    case 'J':
        if (is("January"))
            return {long_month, 7};
        if (is("Jan") && !is_lower(rest, 3))
            return {month, 3};
        return {};
    case 'M':
        if (is("Monday"))
            return {long_weekday, 6};
        if (is("Mon") && !is_lower(rest, 3))
            return {weekday, 3};
        return is("MST") ? found{zone_name, 3} : found{};
    case 'P':
        return is("PM") ? found{upper_pm, 2} : found{};
    case 'p':
        return is("pm") ? found{lower_pm, 2} : found{};
    case 'Z':
        if (is("Z070000"))
            return {iso_seconds_zone, 7};
        if (is("Z07:00:00"))
            return {iso_colon_seconds_zone, 9};
        if (is("Z0700"))
            return {iso_zone, 5};
        if (is("Z07:00"))
            return {iso_colon_zone, 6};
        return is("Z07") ? found{iso_short_zone, 3} : found{};
    default:
        return {};
    }
}

found digits_at(std::string_view rest) noexcept
{
    using enum layout_piece;
    const auto is = [&](std::string_view what) { return rest.starts_with(what); };
    switch (rest[0]) {
    case '0':
        if (is("002"))
            return {zero_yearday, 3};
        if (rest.size() >= 2 && rest[1] >= '1' && rest[1] <= '6') {
            constexpr layout_piece pieces[] = {zero_month, zero_day, zero_hour12, zero_minute, zero_second, year};
            return {pieces[rest[1] - '1'], 2};
        }
        return {};
    case '1':
        return is("15") ? found{hour24, 2} : found{number_month, 1};
    case '2':
        return is("2006") ? found{long_year, 4} : found{day, 1};
    case '3':
        return {hour12, 1};
    case '4':
        return {minute, 1};
    case '5':
        return {second, 1};
    default:
        return {};
    }
}

found signs_at(std::string_view rest) noexcept
{
    using enum layout_piece;
    const auto is = [&](std::string_view what) { return rest.starts_with(what); };
    if (rest[0] == '_') {
        if (is("_2006"))
            return {long_year, 4, -1};
        if (is("__2"))
            return {space_yearday, 3};
        return is("_2") ? found{space_day, 2} : found{};
    }
    if (rest[0] == '-') {
        if (is("-070000"))
            return {number_seconds_zone, 7};
        if (is("-07:00:00"))
            return {number_colon_seconds_zone, 9};
        if (is("-0700"))
            return {number_zone, 5};
        if (is("-07:00"))
            return {number_colon_zone, 6};
        return is("-07") ? found{number_short_zone, 3} : found{};
    }
    // A fraction: , or . and zeros or nines, not followed by a digit.
    if ((rest[0] == '.' || rest[0] == ',') && rest.size() > 1 && (rest[1] == '0' || rest[1] == '9')) {
        std::size_t end = 1;
        while (end < rest.size() && rest[end] == rest[1])
            ++end;
        if (!is_digit(rest, end))
            return {rest[1] == '0' ? fraction0 : fraction9, end, static_cast<int>(end) - 1};
    }
    return {};
}

/// Which of them reads what begins with a byte; null: no piece begins so.
using reads_piece = found (*)(std::string_view) noexcept;
constexpr auto readers = [] {
    std::array<reads_piece, 256> table{};
    const auto of = [&](std::string_view bytes, reads_piece reader) {
        for (const char c : bytes)
            table[static_cast<unsigned char>(c)] = reader;
    };
    of("JMPpZ", letters_at);
    of("012345", digits_at);
    of("_-.,", signs_at);
    return table;
}();

} // namespace

layout_split split_layout(std::string_view layout) noexcept
{
    for (std::size_t i = 0; i < layout.size(); ++i) {
        const reads_piece reader = readers[static_cast<unsigned char>(layout[i])];
        if (reader == nullptr)
            continue;
        found f = reader(layout.substr(i));
        if (f.piece == layout_piece::none)
            continue;
        if (f.digits < 0) {
            // `_2006` is an underscore before a year.
            ++i;
            f.digits = 0;
        }
        return {layout.substr(0, i), f.piece, layout.substr(i, f.size), layout.substr(i + f.size), f.digits};
    }
    return {layout, layout_piece::none, {}, {}, 0};
}

const layout_pieces& pieces_of(std::string_view layout)
{
    constexpr std::size_t kept = 8;
    constexpr std::size_t kept_size_max = 256; // bytes of a layout; longer ones are split anew
    thread_local std::array<std::unique_ptr<const layout_pieces>, kept> recent;
    thread_local std::unique_ptr<const layout_pieces> long_one;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(layout[i]); };
    const std::size_t place = layout.empty() ? 0 : (layout.size() ^ byte(0) ^ byte(layout.size() / 2)) % kept;
    if (recent[place] && recent[place]->text == layout)
        return *recent[place];
    auto made = std::make_unique<layout_pieces>();
    made->text = layout;
    for (std::string_view rest = made->text;; rest = made->all.back().after) {
        made->all.push_back(split_layout(rest));
        if (made->all.back().piece == layout_piece::none)
            break;
    }
    std::unique_ptr<const layout_pieces>& home = layout.size() <= kept_size_max ? recent[place] : long_one;
    home = std::move(made);
    return *home;
}

} // namespace lambent::bloblang
