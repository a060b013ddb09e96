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
constexpr double right = 34;
constexpr double top = 26;
constexpr double bottom = 48;

constexpr std::string_view style = R"(<meta name="viewport" content="width=device-width"><style>
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5f6b7b;--line:#d5dbe3;--paper:#fff;--tile:#f3f6f9;--a:#0b6e99;--b:#c2571a}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf2;--soft:#93a0b3;--line:#2d3645;--paper:#131820;--tile:#1b222d;--a:#5ab4dc;--b:#f0955a}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:860px;margin:2em auto;padding:0 1em}
h1{font-size:1.35em;margin:0;overflow-wrap:anywhere}h2{font-size:1.05em;margin:2em 0 .2em}p{color:var(--soft);margin:.2em 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9em,1fr));gap:.7em;margin:1.3em 0}
.tiles div{background:var(--tile);border-radius:.5em;padding:.6em .9em}.tiles b{display:block;font-size:1.5em;line-height:1.25}.tiles span{color:var(--soft);font-size:.87em}
.tables{display:flex;flex-wrap:wrap;gap:0 3em}table{border-collapse:collapse;margin:.4em 0;flex:1 1 15em;align-self:flex-start}
td,th{padding:.22em .9em .22em 0;text-align:left;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:400}td+td{text-align:right;font-variant-numeric:tabular-nums;padding-right:0}
svg{width:100%;height:auto;display:block}text{fill:var(--soft);font:12px system-ui,sans-serif}.grid{stroke:var(--line)}.axis{stroke:var(--soft)}.a{stroke:var(--a)}.b{stroke:var(--b)}
path{fill:none;stroke-width:1.8}rect.bar{fill:var(--a)}.mark{stroke:var(--b);stroke-dasharray:4 3}.key-a{fill:var(--a)}.key-b{fill:var(--b)}
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
    if (microseconds == 0)
        return "0";
    if (microseconds < 1000)
        return format("%.3g µs", microseconds);
    return microseconds < 1e6 ? format("%.3g ms", microseconds / 1000) : format("%.3g s", microseconds / 1e6);
}

/// "1,234,567"
std::string count_text(double number)
{
    std::string out = format("%.0f", number);
    for (std::size_t at = out.size(); at > 3; at -= 3)
        out.insert(at - 3, ",");
    return out;
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

    /// What the axes count, with their units.
    void titles(const char* horizontal, const char* vertical)
    {
        out_ += format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", width - right, height - 6) + horizontal + "</text>";
        out_ += format("<text x=\"%.1f\" y=\"14\">", left) + vertical + "</text>";
        out_ += format("<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", left, width - right, y(0), y(0));
    }
    /// A dashed line at a value of x, with its name above.
    void highlight(double value, const std::string& label)
    {
        out_ += format("<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", x(value), x(value), top, y(0));
        out_ += format("<text class=\"key-b\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", x(value), top - 3) + label + "</text>";
    }
    /// Names of the lines "a" and "b".
    void key(const char* of_a, const char* of_b)
    {
        out_ += format("<text class=\"key-a\" x=\"%.1f\" y=\"14\" text-anchor=\"end\">&#9644; ", width - right - 60) + of_a + "</text>";
        out_ += format("<text class=\"key-b\" x=\"%.1f\" y=\"14\" text-anchor=\"end\">&#9644; ", width - right) + of_b + "</text>";
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

/// Latencies on a logarithmic axis, 24 bars to a decade.
std::string histogram_chart(const core::histogram& latency)
{
    constexpr double per_decade = 24;
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
    for (double decade = std::floor(low); decade <= high + 1e-9; ++decade) {
        for (const double digit : {1.0, 2.0, 5.0}) {
            const double at = decade + std::log10(digit);
            if (at >= low - 1e-9 && at <= high + 1e-9)
                out.x_mark(at, time_text(std::round(std::pow(10, at))));
        }
    }
    for (std::size_t i = 0; i < bars; ++i) {
        const double from = low + static_cast<double>(i) / per_decade;
        const double to = from + 1 / per_decade;
        if (share[i] > 0)
            out.bar(from, to, share[i], time_text(std::pow(10, from)) + " to " + time_text(std::pow(10, to)) + format(": %.3f %%", share[i]));
    }
    out.highlight(std::log10(std::max(us(latency.quantile(0.5)), 1.0)), "p50");
    out.highlight(std::log10(std::max(us(latency.quantile(0.99)), 1.0)), "p99");
    out.titles("latency, logarithmic", "");
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
    out.titles("percentile: each step to the right is one nine more", "latency");
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
    out.y_lines([](double v) { return count_text(v); });
    for (double at = 0; at <= seconds * 1.0001; at += step_of(seconds))
        out.x_mark(at, format("%.3g s", at));
    out.line(points, "a");
    out.titles("time since counting began", "answered requests per second");
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
    out.titles("time since counting began", "latency");
    out.key("p50", "p99");
    return out.svg();
}

std::string tile(const std::string& value, const char* name) { return "<div><b>" + value + "</b><span>" + name + "</span></div>"; }

std::string headline(const load_result& of, const core::histogram& latency)
{
    return "<div class=\"tiles\">" + tile(count_text(of.requests_per_second()), "requests per second") + tile(time_text(us(latency.quantile(0.5))), "p50")
        + tile(time_text(us(latency.quantile(0.99))), "p99") + tile(time_text(of.cpu_us_per_request()), "CPU per request")
        + tile(count_text(static_cast<double>(of.errors())), "errors") + "</div>\n";
}

std::string figures(const load_plan& plan, const load_result& of, const core::histogram& latency)
{
    std::string out = "<div class=\"tables\">\n<table><tr><th colspan=\"2\">The load</th></tr>\n";
    out += row("Load", plan.rate > 0 ? format("open loop, %.0f requests due a second", plan.rate) : std::string("closed loop"));
    out += row("In flight at most", count_text(static_cast<double>(plan.in_flight)));
    out += row("Counted for", format("%.2f s", std::chrono::duration<double>(of.counted).count()));
    out += row("Answered requests", count_text(static_cast<double>(of.answered())));
    out += row("HTTP attempts", count_text(static_cast<double>(of.attempts)));
    out += row("Errors", count_text(static_cast<double>(of.errors())));
    for (const auto& [name, count] : of.errors_by_class)
        out += row(("&nbsp;&nbsp;" + bloblang::html_escaped(name)).c_str(), count_text(static_cast<double>(count)));
    if (of.unsent > 0)
        out += row("Due, never sent", count_text(static_cast<double>(of.unsent)));
    out += "</table>\n<table><tr><th colspan=\"2\">Latency</th></tr>\n";
    for (const auto& [name, q] : {std::pair("p50", 0.5), std::pair("p90", 0.9), std::pair("p99", 0.99), std::pair("p99.9", 0.999)})
        out += row(name, time_text(us(latency.quantile(q))));
    out += row("Longest", time_text(us(latency.max()))) + "</table>\n";
    if (of.phase_samples > 0) {
        out += "<table><tr><th colspan=\"2\">Phases, mean of " + count_text(static_cast<double>(of.phase_samples)) + " calls</th></tr>\n";
        for (std::size_t i = 0; i < phase_names.size(); ++i)
            out += row(std::string(phase_names[i]).c_str(), time_text(us(of.phase_ns[i]) / static_cast<double>(of.phase_samples)));
        out += "</table>\n";
    }
    return out + "</div>\n";
}

} // namespace

std::string result_page(const load_plan& plan, const load_result& of, const std::string& title)
{
    const core::histogram latency = of.latency_ns();
    std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>lambent bench: " + bloblang::html_escaped(title) + "</title>\n";
    out.append(style).append("</head><body>\n<h1>").append(bloblang::html_escaped(title)).append("</h1>\n<p>").append(bloblang::html_escaped(machine_facts())).append("</p>\n");
    out += headline(of, latency) + figures(plan, of, latency);
    if (latency.count() > 0) {
        const char* const from = plan.rate > 0 ? "Share of answered requests by latency, from when each was due." : "Share of answered requests by latency, from the call to its answer.";
        out += std::string("<h2>Latency histogram</h2><p>") + from + "</p>\n" + histogram_chart(latency);
        out += "<h2>Percentiles</h2>\n" + percentile_chart(latency);
        out += "<h2>Throughput over time</h2>\n" + rate_chart(of);
        out += "<h2>Latency over time</h2>\n" + latency_chart(of);
    }
    return out + "</body></html>\n";
}

} // namespace lambent::cli
