#include <lambent/cli/load_page.hpp>

#include <lambent/bloblang/html.hpp>

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

namespace lambent::cli {
namespace {

constexpr double width = 760;   // of a chart, in SVG units
constexpr double height = 260;
constexpr double left = 70;
constexpr double right = 16;
constexpr double top = 16;
constexpr double bottom = 40;

constexpr std::string_view style = R"(<style>
:root{color-scheme:light dark;--ink:#1c2430;--soft:#6b7686;--line:#d5dbe3;--paper:#fff;--a:#0b6e99;--b:#c2571a}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf2;--soft:#93a0b3;--line:#2d3645;--paper:#131820;--a:#5ab4dc;--b:#f0955a}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:860px;margin:2em auto;padding:0 1em}
h1{font-size:1.35em;margin:0}h2{font-size:1.05em;margin:1.8em 0 .3em}p{color:var(--soft);margin:.2em 0}
table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em .9em .25em 0;text-align:left;border-bottom:1px solid var(--line)}td+td{text-align:right;font-variant-numeric:tabular-nums}
svg{width:100%;height:auto}text{fill:var(--soft);font:12px system-ui,sans-serif}.grid{stroke:var(--line)}.a{stroke:var(--a)}.b{stroke:var(--b)}path{fill:none;stroke-width:1.8}rect.bar{fill:var(--a)}
</style>)";

[[gnu::format(printf, 1, 2)]] std::string format(const char* how, ...)
{
    char text[512];
    va_list values;
    va_start(values, how);
    std::vsnprintf(text, sizeof text, how, values);
    va_end(values);
    return text;
}

double us(std::uint64_t ns) { return static_cast<double>(ns) / 1000; }

std::string time_text(double microseconds)
{
    if (microseconds < 1000)
        return format("%.3g us", microseconds);
    return microseconds < 1e6 ? format("%.3g ms", microseconds / 1000) : format("%.3g s", microseconds / 1e6);
}

/// A step of 1, 2 or 5 times a power of ten that gives about five lines.
double step_of(double range)
{
    const double rough = std::max(range / 5, 1e-9);
    const double power = std::pow(10, std::floor(std::log10(rough)));
    const double digit = rough / power;
    return power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
}

/// A frame with its scales; what is drawn is in the units of the data.
class chart
{
public:
    chart(double x_low, double x_high, double y_high) : x_low_(x_low), x_high_(std::max(x_high, x_low + 1e-9)), y_high_(std::max(y_high, 1e-9))
    {
        out_ = format("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">", width, height);
    }

    double x(double value) const { return left + (value - x_low_) / (x_high_ - x_low_) * (width - left - right); }
    double y(double value) const { return height - bottom - value / y_high_ * (height - top - bottom); }

    template <class Label>
    void y_lines(Label label)
    {
        const double step = step_of(y_high_);
        for (double value = 0; value <= y_high_ * 1.0001; value += step) {
            out_ += format("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", left, width - right, y(value), y(value));
            out_ += format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", left - 8, y(value) + 4) + label(value) + "</text>";
        }
    }
    void x_mark(double value, const std::string& label)
    {
        out_ += format("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", x(value), x(value), top, height - bottom);
        out_ += format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", x(value), height - bottom + 18) + label + "</text>";
    }
    void bar(double from, double to, double value, const std::string& tip)
    {
        out_ += format("<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">", x(from), y(value), std::max(x(to) - x(from) - 0.6, 0.4),
                    std::max(y(0) - y(value), 0.0)) +
            "<title>" + tip + "</title></rect>";
    }
    void line(const std::vector<std::pair<double, double>>& points, const char* which)
    {
        out_ += std::string("<path class=\"") + which + "\" d=\"";
        for (std::size_t i = 0; i < points.size(); ++i)
            out_ += format("%c%.1f %.1f", i == 0 ? 'M' : 'L', x(points[i].first), y(std::min(points[i].second, y_high_)));
        out_ += "\"/>";
    }
    std::string svg() const { return out_ + "</svg>\n"; }

private:
    double x_low_;
    double x_high_;
    double y_high_;
    std::string out_;
};

std::string row(const char* name, const std::string& value) { return std::string("<tr><td>") + name + "</td><td>" + value + "</td></tr>\n"; }

/// Latencies on a logarithmic axis, 12 bars to a decade.
std::string histogram_chart(const core::histogram& latency)
{
    constexpr double per_decade = 12;
    const double low = std::floor(std::log10(std::max(us(latency.min()), 1.0)) * per_decade) / per_decade;
    const double high = std::ceil(std::log10(std::max(us(latency.max()), 2.0)) * per_decade + 0.01) / per_decade;
    const auto bars = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround((high - low) * per_decade)));
    std::vector<double> share(bars);
    double before = 0;
    double most = 0;
    for (std::size_t i = 0; i < bars; ++i) {
        const double until = std::pow(10, low + static_cast<double>(i + 1) / per_decade);
        const double below = latency.fraction_up_to(static_cast<std::uint64_t>(until * 1000));
        share[i] = (below - before) * 100;
        before = below;
        most = std::max(most, share[i]);
    }
    chart out(low, high, most * 1.05);
    out.y_lines([](double v) { return format("%.3g %%", v); });
    for (double decade = std::ceil(low); decade <= high + 1e-9; ++decade)
        out.x_mark(decade, time_text(std::pow(10, decade)));
    for (std::size_t i = 0; i < bars; ++i) {
        const double from = low + static_cast<double>(i) / per_decade;
        const double to = from + 1 / per_decade;
        if (share[i] > 0)
            out.bar(from, to, share[i], time_text(std::pow(10, from)) + " to " + time_text(std::pow(10, to)) + format(": %.3f %%", share[i]));
    }
    return out.svg();
}

/// Percentiles with one unit of x for each further nine.
std::string percentile_chart(const core::histogram& latency)
{
    const double nines = std::clamp(std::log10(static_cast<double>(std::max<std::uint64_t>(latency.count(), 10))), 1.0, 6.0);
    std::vector<std::pair<double, double>> points;
    constexpr int steps = 240;
    for (int i = 0; i <= steps; ++i) {
        const double at = nines * i / steps;
        points.emplace_back(at, us(latency.quantile(1 - std::pow(10, -at))));
    }
    chart out(0, nines, points.back().second * 1.05);
    out.y_lines([](double v) { return time_text(v); });
    static constexpr std::pair<double, const char*> marks[]
        = {{0.30103, "50 %"}, {1, "90 %"}, {2, "99 %"}, {3, "99.9 %"}, {4, "99.99 %"}, {5, "99.999 %"}, {6, "99.9999 %"}};
    for (const auto& [at, label] : marks) {
        if (at <= nines + 1e-9)
            out.x_mark(at, label);
    }
    out.line(points, "a");
    return out.svg();
}

std::string rate_chart(const load_result& of)
{
    const double slice = std::chrono::duration<double>(of.slice).count();
    const double seconds = std::chrono::duration<double>(of.counted).count();
    std::vector<std::pair<double, double>> points;
    double most = 0;
    for (std::size_t i = 0; i < of.slices.size() && static_cast<double>(i + 1) * slice <= seconds * 1.001; ++i) {
        const double rate = static_cast<double>(of.slices[i].latency_ns.count()) / slice;
        points.emplace_back((static_cast<double>(i) + 0.5) * slice, rate);
        most = std::max(most, rate);
    }
    chart out(0, seconds, most * 1.1);
    out.y_lines([](double v) { return format("%.0f/s", v); });
    for (double at = 0; at <= seconds * 1.0001; at += step_of(seconds))
        out.x_mark(at, format("%.3g s", at));
    out.line(points, "a");
    return out.svg();
}

std::string latency_chart(const load_result& of)
{
    const double slice = std::chrono::duration<double>(of.slice).count();
    const double seconds = std::chrono::duration<double>(of.counted).count();
    std::vector<std::pair<double, double>> middle;
    std::vector<std::pair<double, double>> high;
    double most = 0;
    for (std::size_t i = 0; i < of.slices.size(); ++i) {
        const core::histogram& one = of.slices[i].latency_ns;
        if (one.count() == 0)
            continue;
        const double at = (static_cast<double>(i) + 0.5) * slice;
        middle.emplace_back(at, us(one.quantile(0.5)));
        high.emplace_back(at, us(one.quantile(0.99)));
        most = std::max(most, high.back().second);
    }
    chart out(0, seconds, most * 1.1);
    out.y_lines([](double v) { return time_text(v); });
    for (double at = 0; at <= seconds * 1.0001; at += step_of(seconds))
        out.x_mark(at, format("%.3g s", at));
    out.line(middle, "a");
    out.line(high, "b");
    return out.svg();
}

std::string figures(const load_plan& plan, const load_result& of)
{
    const core::histogram latency = of.latency_ns();
    std::string out = "<table>\n";
    out += row("Answered requests", std::to_string(of.answered()));
    out += row("Requests per second", format("%.0f", of.requests_per_second()));
    for (const auto& [name, q] : {std::pair("p50", 0.5), std::pair("p90", 0.9), std::pair("p99", 0.99), std::pair("p99.9", 0.999)})
        out += row(name, time_text(us(latency.quantile(q))));
    out += row("Longest", time_text(us(latency.max())));
    out += row("CPU per request", time_text(of.cpu_us_per_request()));
    out += row("HTTP attempts", std::to_string(of.attempts));
    out += row("Errors", std::to_string(of.errors()));
    for (const auto& [name, count] : of.errors_by_class)
        out += row(("&nbsp;&nbsp;" + bloblang::html_escaped(name)).c_str(), std::to_string(count));
    if (of.unsent > 0)
        out += row("Due, never sent", std::to_string(of.unsent));
    if (of.phase_samples > 0) {
        for (std::size_t i = 0; i < phase_names.size(); ++i)
            out += row(("Phase: " + std::string(phase_names[i])).c_str(), time_text(us(of.phase_ns[i]) / static_cast<double>(of.phase_samples)));
    }
    out += row("In flight at most", std::to_string(plan.in_flight));
    out += row("Load", plan.rate > 0 ? format("open loop, %.0f requests due a second", plan.rate) : std::string("closed loop"));
    return out + "</table>\n";
}

} // namespace

std::string result_page(const load_plan& plan, const load_result& of, const std::string& title)
{
    const core::histogram latency = of.latency_ns();
    std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>lambent bench: " + bloblang::html_escaped(title) + "</title>\n";
    out.append(style).append("</head><body>\n<h1>").append(bloblang::html_escaped(title)).append("</h1>\n<p>").append(bloblang::html_escaped(machine_facts())).append("</p>\n");
    out += figures(plan, of);
    if (latency.count() > 0) {
        out += "<h2>Latency histogram</h2><p>Share of answered requests; logarithmic axis.</p>\n" + histogram_chart(latency);
        out += "<h2>Percentiles</h2><p>One step to the right is one nine more.</p>\n" + percentile_chart(latency);
        out += "<h2>Throughput over time</h2><p>Answered requests per second.</p>\n" + rate_chart(of);
        out += "<h2>Latency over time</h2><p>p50 (blue) and p99 (orange) of each slice.</p>\n" + latency_chart(of);
    }
    return out + "</body></html>\n";
}

} // namespace lambent::cli
