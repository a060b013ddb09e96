#include <lambent/cli/load_result.hpp>

#include <lambent/aws/errc.hpp>
#include <lambent/data/json.hpp>
#include <lambent/http/errc.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sys/utsname.h>
#include <unistd.h>

namespace lambent::cli {
namespace {

constexpr std::string_view aws_names[] = {"throttled", "access_denied", "function_not_found", "payload_too_large", "refused", "service_error",
    "misconfigured_function", "malformed_response", "invalid_call", "invalid_configuration", "no_credentials"};
constexpr std::string_view http_names[] = {"invalid_url", "invalid_request", "resolve_failed", "resolve_timeout", "connect_failed",
    "connect_timeout", "tls_handshake_failed", "tls_handshake_timeout", "certificate_refused", "queue_full", "queue_timeout", "write_failed",
    "write_timeout", "response_timeout", "body_timeout", "reset_before_response", "truncated_response", "malformed_response",
    "header_too_large", "body_too_large", "unsolicited_response"};
constexpr std::string_view core_names[] = {"deadline_exceeded", "cancelled", "shutting_down", "limit_exceeded", "closed"};

template <std::size_t N>
std::string named(const std::string_view (&names)[N], const core::error_code& code)
{
    const int value = code.value();
    if (value < 1 || static_cast<std::size_t>(value) > N)
        return std::string(code.category().name()) + ":" + std::to_string(value);
    return std::string(names[value - 1]);
}

double microseconds(std::uint64_t ns) { return static_cast<double>(ns) / 1000; }

std::string fixed(double value, int digits)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string json_text(std::string_view text)
{
    std::string out;
    data::write_json_string(out, text, false);
    return out;
}

std::string processor_name()
{
    std::ifstream facts("/proc/cpuinfo");
    for (std::string line; std::getline(facts, line);) {
        if (line.starts_with("model name"))
            return line.substr(std::min(line.find(':') + 2, line.size()));
    }
    return "unknown processor";
}

} // namespace

std::string error_class(const core::error_code& code)
{
    if (code.category() == aws::category())
        return named(aws_names, code);
    if (code.category() == http::category())
        return named(http_names, code);
    if (code.category() == core::category())
        return named(core_names, code);
    return std::string(code.category().name()) + ":" + std::to_string(code.value());
}

std::string machine_facts()
{
    utsname system{};
    ::uname(&system);
    return processor_name() + ", " + std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)) + " cores, " + system.sysname + " " + system.release + " "
        + system.machine;
}

void load_result::merge(const load_result& other)
{
    slices.resize(std::max(slices.size(), other.slices.size()));
    for (std::size_t i = 0; i < other.slices.size(); ++i) {
        slices[i].latency_ns.merge(other.slices[i].latency_ns);
        slices[i].errors += other.slices[i].errors;
    }
    for (const auto& [name, count] : other.errors_by_class)
        errors_by_class[name] += count;
    first_errors.insert(other.first_errors.begin(), other.first_errors.end());
    for (std::size_t i = 0; i < phase_ns.size(); ++i)
        phase_ns[i] += other.phase_ns[i];
    phase_samples += other.phase_samples;
    attempts += other.attempts;
    unsent += other.unsent;
    slice = std::max(slice, other.slice);
    counted = std::max(counted, other.counted);
    cpu_seconds = std::max(cpu_seconds, other.cpu_seconds); // of the process: each shard saw the same
}

core::histogram load_result::latency_ns() const
{
    core::histogram all;
    for (const load_slice& one : slices)
        all.merge(one.latency_ns);
    return all;
}

std::uint64_t load_result::answered() const
{
    std::uint64_t all = 0;
    for (const load_slice& one : slices)
        all += one.latency_ns.count();
    return all;
}

std::uint64_t load_result::errors() const
{
    std::uint64_t all = 0;
    for (const auto& [name, count] : errors_by_class)
        all += count;
    return all;
}

double load_result::requests_per_second() const
{
    const double seconds = std::chrono::duration<double>(counted).count();
    return seconds <= 0 ? 0 : static_cast<double>(answered()) / seconds;
}

double load_result::cpu_us_per_request() const
{
    const std::uint64_t requests = answered() + errors();
    return requests == 0 ? 0 : cpu_seconds * 1e6 / static_cast<double>(requests);
}

std::string result_table(const load_result& of, bool open_loop)
{
    const core::histogram latency = of.latency_ns();
    const double seconds = std::chrono::duration<double>(of.counted).count();
    std::string out = "requests    " + std::to_string(of.answered()) + " answered in " + fixed(seconds, 2) + " s, " + fixed(of.requests_per_second(), 0)
        + "/s, " + std::to_string(of.attempts) + " attempts\n";
    out += "latency     p50 " + fixed(microseconds(latency.quantile(0.5)), 0) + "  p90 " + fixed(microseconds(latency.quantile(0.9)), 0) + "  p99 "
        + fixed(microseconds(latency.quantile(0.99)), 0) + "  p99.9 " + fixed(microseconds(latency.quantile(0.999)), 0) + "  max "
        + fixed(microseconds(latency.max()), 0) + " us" + (open_loop ? ", from when each request was due\n" : "\n");
    out += "CPU         " + fixed(of.cpu_us_per_request(), 2) + " us per request\n";
    if (of.phase_samples > 0) {
        out += "phases     ";
        for (std::size_t i = 0; i < phase_names.size(); ++i) {
            out += " " + std::string(phase_names[i]) + " "
                + fixed(microseconds(of.phase_ns[i]) / static_cast<double>(of.phase_samples), 1);
        }
        out += " us, mean of " + std::to_string(of.phase_samples) + " sampled calls\n";
    }
    out += "errors      " + std::to_string(of.errors());
    for (const auto& [name, count] : of.errors_by_class)
        out += "  " + name + " " + std::to_string(count);
    out += '\n';
    for (const auto& [name, text] : of.first_errors)
        out += "            the first " + name + ": " + text + "\n";
    if (of.unsent > 0)
        out += "unsent      " + std::to_string(of.unsent) + " requests were due and never sent: all callers were busy (-c)\n";
    return out;
}

std::string result_json(const load_result& of)
{
    const core::histogram latency = of.latency_ns();
    std::string out = "{\"requests_per_second\":" + fixed(of.requests_per_second(), 1) + ",\"requests\":" + std::to_string(of.answered() + of.errors())
        + ",\"errors\":" + std::to_string(of.errors()) + ",\"errors_by_class\":{";
    bool first = true;
    for (const auto& [name, count] : of.errors_by_class) {
        out += (first ? "" : ",") + json_text(name) + ":" + std::to_string(count);
        first = false;
    }
    out += "},\"first_errors\":{";
    first = true;
    for (const auto& [name, text] : of.first_errors) {
        out += (first ? "" : ",") + json_text(name) + ":" + json_text(text);
        first = false;
    }
    out += "},\"attempts\":" + std::to_string(of.attempts) + ",\"unsent\":" + std::to_string(of.unsent) + ",\"cpu_us_per_request\":"
        + fixed(of.cpu_us_per_request(), 3) + ",\"latency_us\":{\"p50\":" + fixed(microseconds(latency.quantile(0.5)), 1) + ",\"p90\":"
        + fixed(microseconds(latency.quantile(0.9)), 1) + ",\"p99\":" + fixed(microseconds(latency.quantile(0.99)), 1) + ",\"p999\":"
        + fixed(microseconds(latency.quantile(0.999)), 1) + ",\"max\":" + fixed(microseconds(latency.max()), 1) + "},\"phases_us\":{";
    for (std::size_t i = 0; i < phase_names.size(); ++i) {
        const double mean = of.phase_samples == 0 ? 0 : microseconds(of.phase_ns[i]) / static_cast<double>(of.phase_samples);
        out += (i == 0 ? "" : ",") + json_text(phase_names[i]) + ":" + fixed(mean, 2);
    }
    return out + "},\"duration_s\":" + fixed(std::chrono::duration<double>(of.counted).count(), 3) + ",\"machine\":" + json_text(machine_facts()) + "}";
}

} // namespace lambent::cli
