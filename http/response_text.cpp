#include <lambent/http/response_text.hpp>

#include <lambent/http/status.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace lambent::http {
namespace {

bool stays_in_line(const header& field) noexcept
{
    const auto harmless = [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return (u >= 0x20 && u != 0x7f) || u == '\t';
    };
    return !field.name.empty() && field.name.find_first_of(": \t") == std::string::npos
        && std::all_of(field.name.begin(), field.name.end(), harmless)
        && std::all_of(field.value.begin(), field.value.end(), harmless);
}

bool has_no_content(int status) noexcept { return status < 200 || status == 204 || status == 304; }

} // namespace

bool carries_body(const server_response& response, const response_frame& frame) noexcept
{
    return !frame.to_head && !has_no_content(response.status);
}

bool append_head(std::string& out, const server_response& response, const response_frame& frame, std::string_view date)
{
    bool has_length = false;
    bool has_date = false;
    for (const header& field : response.fields) {
        if (!stays_in_line(field))
            return false;
        has_length |= equal_ignoring_case(field.name, "content-length");
        has_date |= equal_ignoring_case(field.name, "date");
    }
    out += "HTTP/1.1 ";
    out += std::to_string(response.status);
    out += ' ';
    out += reason_phrase(response.status);
    out += "\r\n";
    for (const header& field : response.fields) {
        // The frame's alone: two opinions about the connection's end would be one too many.
        if (equal_ignoring_case(field.name, "connection"))
            continue;
        out += field.name;
        out += ": ";
        out += field.value;
        out += "\r\n";
    }
    if (!has_date) {
        out += "Date: ";
        out += date;
        out += "\r\n";
    }
    if (!has_length && !has_no_content(response.status)) {
        out += "Content-Length: ";
        out += std::to_string(response.body.size());
        out += "\r\n";
    }
    if (frame.closes)
        out += "Connection: close\r\n";
    else if (frame.announces_keep_alive)
        out += "Connection: keep-alive\r\n";
    out += "\r\n";
    return true;
}

std::string_view date_text::at(core::wall_time now)
{
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second == second_)
        return text_;
    second_ = second;
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(second - day);
    std::array<char, 64> line{};
    const int n = std::snprintf(line.data(), line.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
        days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
        months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()), static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
    text_.assign(line.data(), static_cast<std::size_t>(n));
    return text_;
}

} // namespace lambent::http
