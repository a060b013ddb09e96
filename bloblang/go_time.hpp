#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lambent::bloblang {

/// The pieces of a Go layout (package time, format.go's constants by meaning).
enum class layout_piece {
    none, long_month, month, number_month, zero_month, long_weekday, weekday, day, space_day, zero_day, space_yearday,
    zero_yearday, hour24, hour12, zero_hour12, minute, zero_minute, second, zero_second, long_year, year, upper_pm, lower_pm,
    zone_name, iso_zone, iso_seconds_zone, iso_short_zone, iso_colon_zone, iso_colon_seconds_zone, number_zone,
    number_seconds_zone, number_short_zone, number_colon_zone, number_colon_seconds_zone, fraction0, fraction9,
};

struct layout_split
{
    std::string_view before; ///< literal text
    layout_piece piece = layout_piece::none;
    std::string_view text;   ///< the piece as written
    std::string_view after;
    int digits = 0;          ///< of fractions
};

/// The first piece of a layout and what is around it; piece none: all is literal.
layout_split split_layout(std::string_view layout) noexcept;

/// A whole layout in pieces, which view its text; the last one is `none`.
struct layout_pieces
{
    std::string text;
    std::vector<layout_split> all;
};
/// A thread keeps those of the layouts that it used last: valid until it asks for the next ones.
const layout_pieces& pieces_of(std::string_view layout);

} // namespace lambent::bloblang
