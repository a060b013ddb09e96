#include <lambent/stream/stream_config.hpp>

#include <lambent/config/known.hpp>
#include <lambent/config/spec.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/paths.hpp>
#include <lambent/stream/schema.hpp>
#include <lambent/stream/text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

namespace lambent::stream {

namespace {

constexpr std::array default_paths{"/lambent.yaml", "/etc/lambent/config.yaml", "/etc/lambent.yaml",
    "/benthos.yaml", "/etc/benthos/config.yaml", "/etc/benthos.yaml"};

core::error invalid(std::string text) { return core::error{errc::invalid_config, std::move(text)}; }

core::result<config::checked_text> read_and_check(
    const std::string& file, const aws::environment& environment, const config::spec& sections)
{
    const auto raw = environment.read_file(file);
    if (!raw) {
        const core::error_code& why = raw.error().code;
        const bool by_system = why.category() == boost::system::generic_category() || why.category() == boost::system::system_category();
        return core::error{errc::file_failed,
            "configuration file read error: " + file + ": " + (by_system ? "open " + file + ": " + errno_text(why.value()) : raw.error().text())};
    }
    const auto variable = [&](std::string_view name) { return environment.variable(name); };
    config::checked_text checked = config::check_text(*raw, file, variable, sections, schema(), config::lint_options{});
    for (const config::finding& finding : checked.findings)
        if (finding.fatal)
            return invalid(finding.text());
    return checked;
}

/// `--set`: applied to the document, which is then linted again as a whole.
core::result<void> apply_sets(stream_config& into, const std::vector<std::string>& sets)
{
    if (sets.empty())
        return {};
    const std::string name = into.file.empty() ? "--set" : into.file;
    for (const std::string& set : sets) {
        const std::size_t equals = set.find('=');
        if (equals == std::string::npos || equals == 0)
            return invalid("invalid set expression '" + set + "': expected foo=bar syntax");
        const auto value = config::node::parse(set.substr(equals + 1), "--set " + set.substr(0, equals));
        if (!value)
            return invalid("configuration file read error: " + name + ": invalid value in set expression '" + set + "': " + value.error().text());
        auto changed = into.document.with(set.substr(0, equals), *value);
        if (!changed)
            return invalid("configuration file read error: " + name + ": failed to set config field override: " + changed.error().text());
        into.document = std::move(*changed);
    }
    std::vector<config::finding> findings = config::lint(into.document, config::stream_spec(), schema(), config::lint_options{});
    for (const config::finding& finding : findings)
        if (finding.fatal)
            return invalid(finding.text());
    // Unset variables are a matter of the text, which is no more.
    for (config::finding& finding : into.findings)
        if (finding.message.starts_with("required environment variables"))
            findings.push_back(std::move(finding));
    into.findings = std::move(findings);
    return {};
}

core::result<void> read_resources(stream_config& into, const std::vector<std::string>& patterns, const aws::environment& environment)
{
    auto paths = expand(patterns);
    if (!paths)
        return paths.error();
    for (const std::string& path : *paths) {
        auto checked = read_and_check(path, environment, resources_spec());
        if (!checked)
            return checked.error();
        into.resource_files.push_back(checked->document);
        into.findings.insert(into.findings.end(), checked->findings.begin(), checked->findings.end());
    }
    return {};
}

core::result<void> read_logger(stream_config& into, const config::reader& read, const std::string& level_flag)
{
    const auto level = read.string("logger.level");
    if (!level)
        return level.error();
    const auto parsed = parse_log_level(level_flag.empty() ? *level : level_flag);
    if (!parsed)
        return parsed.error();
    into.logger.level = *parsed;
    const auto format = read.string("logger.format");
    if (!format)
        return format.error();
    const auto known = parse_log_format(*format);
    if (!known)
        return known.error();
    into.logger.format = *known;
    const auto stamped = read.boolean("logger.add_timestamp");
    if (!stamped)
        return stamped.error();
    into.logger.add_timestamp = *stamped;
    for (auto [field, place] : {std::pair("logger.level_name", &into.logger.level_name),
             std::pair("logger.timestamp_name", &into.logger.timestamp_name), std::pair("logger.message_name", &into.logger.message_name),
             std::pair("logger.file.path", &into.log_file)}) {
        auto text = read.string(field);
        if (!text)
            return text.error();
        *place = std::move(*text);
    }
    if (read.has("logger.static_fields")) {
        const auto fields = read.string_map("logger.static_fields");
        if (!fields)
            return fields.error();
        into.logger.static_fields = {fields->begin(), fields->end()};
    }
    const auto rotate = read.boolean("logger.file.rotate");
    if (!rotate)
        return rotate.error();
    if (*rotate)
        return invalid("field 'logger.file.rotate' is not available in lambent yet: use logrotate with copytruncate");
    return {};
}

core::result<void> read_address(http_settings& into, const std::string& address)
{
    const std::size_t colon = address.rfind(':');
    unsigned port = 0;
    if (colon != std::string::npos) {
        const char* const end = address.data() + address.size();
        const auto [at, failed] = std::from_chars(address.data() + colon + 1, end, port);
        if (failed == std::errc() && at == end && port <= 65535) {
            into.host = address.substr(0, colon);
            if (into.host.starts_with('[') && into.host.ends_with(']'))
                into.host = into.host.substr(1, into.host.size() - 2);
            if (into.host.empty())
                into.host = "0.0.0.0";
            into.port = static_cast<std::uint16_t>(port);
            return {};
        }
    }
    return invalid("field 'http.address': expected host:port, got '" + address + "'");
}

core::result<void> read_http(stream_config& into, const config::reader& read, const aws::environment& environment)
{
    const auto enabled = read.boolean("http.enabled");
    if (!enabled)
        return enabled.error();
    into.http.enabled = *enabled;
    if (!*enabled)
        return {};
    const auto address = read.string("http.address");
    if (!address)
        return address.error();
    if (auto good = read_address(into.http, *address); !good)
        return good.error();
    auto root = read.string("http.root_path");
    if (!root)
        return root.error();
    into.http.root_path = std::move(*root);
    for (const char* field : {"http.debug_endpoints", "http.cors.enabled", "http.basic_auth.enabled"}) {
        const auto on = read.boolean(field);
        if (!on)
            return on.error();
        if (*on)
            return invalid("field '" + std::string(field) + "' is not available in lambent yet: leave it off");
    }
    const auto certificate = read.string("http.cert_file");
    if (!certificate)
        return certificate.error();
    const auto key = read.string("http.key_file");
    if (!key)
        return key.error();
    if (certificate->empty() != key->empty())
        return invalid("both cert_file and key_file must be specified, or neither");
    if (certificate->empty())
        return {};
    auto certificate_pem = environment.read_file(*certificate);
    if (!certificate_pem)
        return invalid("field 'http.cert_file': " + certificate_pem.error().text());
    auto key_pem = environment.read_file(*key);
    if (!key_pem)
        return invalid("field 'http.key_file': " + key_pem.error().text());
    into.http.certificate_pem = std::move(*certificate_pem);
    into.http.key_pem = std::move(*key_pem);
    return {};
}

std::string at(const config::node& written)
{
    const config::place place = written.key_place();
    return place.file + "(" + std::to_string(place.line) + "," + std::to_string(place.column) + ") ";
}

/// Sections whose machinery lambent does not have: known, and refused rather than ignored.
core::result<void> refuse_unavailable(const config::reader& read)
{
    for (const auto& [section, kind] : {std::pair("metrics", config::field_type::metrics), std::pair("tracer", config::field_type::tracer),
             std::pair("buffer", config::field_type::buffer)}) {
        const config::node object = read.raw(section);
        if (!object.exists() || object.is_null() || (object.is_map() && object.size() == 0))
            continue;
        const auto what = config::infer_component(schema(), kind, object);
        if (!what)
            return invalid(what.error().text());
        if (what->name != "none")
            return invalid(at(object) + "field '" + std::string(section) + "': '" + what->name + "' is not available in lambent yet: use `none: {}`");
    }
    const auto strict = read.boolean("error_handling.strict");
    if (!strict)
        return strict.error();
    if (*strict)
        return invalid("field 'error_handling.strict' is not available in lambent yet: use the outputs `reject_errored` or `switch`");
    return {};
}

core::result<void> read_settings(stream_config& into, const config_request& request, const aws::environment& environment, std::size_t processors)
{
    const config::reader read(config::stream_spec(), into.document);
    if (auto good = read_logger(into, read, request.log_level); !good)
        return good.error();
    if (auto good = read_http(into, read, environment); !good)
        return good.error();
    if (auto good = refuse_unavailable(read); !good)
        return good.error();
    const auto threads = read.integer("pipeline.threads");
    if (!threads)
        return threads.error();
    constexpr std::int64_t threads_max = 100'000;
    if (*threads > threads_max)
        return invalid("field 'pipeline.threads' must be at most " + std::to_string(threads_max));
    into.threads = *threads > 0 ? static_cast<std::size_t>(*threads) : std::max<std::size_t>(processors, 1);
    for (auto [field, place] : {std::pair("shutdown_delay", &into.shutdown_delay), std::pair("shutdown_timeout", &into.shutdown_timeout)}) {
        const auto text = read.string(field);
        if (!text)
            return text.error();
        const auto duration = config::parse_duration(*text);
        if (!duration)
            return invalid("failed to parse '" + std::string(field) + "' as a duration string: " + duration.error().text());
        *place = *duration;
    }
    const config::node output = read.raw("output");
    const bool is_stdout = !output.exists() || output.get("stdout").exists() || output.get("type").text() == "stdout" ||
                           (output.is_map() && output.size() == 0) || output.is_null();
    into.log_to_stderr = is_stdout;
    return {};
}

} // namespace

core::result<stream_config> load(const config_request& request, const aws::environment& environment, std::size_t processors)
{
    stream_config config;
    config.file = request.file;
    for (const char* path : default_paths) {
        std::error_code failed;
        if (!config.file.empty() || !std::filesystem::exists(path, failed))
            continue;
        config.file = path;
        config.found_by_default = true;
    }
    if (config.file.empty()) {
        auto nothing = config::node::parse("{}", "defaults");
        if (!nothing)
            return nothing.error();
        config.document = std::move(*nothing);
    } else {
        auto checked = read_and_check(config.file, environment, config::stream_spec());
        if (!checked)
            return checked.error();
        config.document = std::move(checked->document);
        config.findings = std::move(checked->findings);
    }
    if (auto good = apply_sets(config, request.sets); !good)
        return good.error();
    if (auto good = read_resources(config, request.resources, environment); !good)
        return good.error();
    if (auto good = read_settings(config, request, environment, processors); !good) {
        const bool placed = good.error().text().starts_with(config.file + "(");
        return core::error{good.error().code, (config.file.empty() || placed ? "" : config.file + ": ") + good.error().text()};
    }
    return config;
}

std::vector<config::node> section(const stream_config& config, std::string_view name)
{
    std::vector<config::node> lists;
    if (const config::node own = config.document.get(name); own.is_sequence())
        lists.push_back(own);
    for (const config::node& file : config.resource_files)
        if (const config::node list = file.get(name); list.is_sequence())
            lists.push_back(list);
    return lists;
}

namespace {

/// The resource that a message like "failed to init output 'x' path root.output_resources.file: ..." speaks of.
config::node labelled(const stream_config& config, std::string_view name, std::string_view label)
{
    for (const config::node& list : section(config, name))
        for (std::size_t i = 0; i < list.size(); ++i)
            if (list.at(i).get("label").text() == label)
                return list.at(i);
    return {};
}

} // namespace

std::optional<config::place> find_place(const stream_config& config, std::string_view error)
{
    constexpr std::string_view mark = " path root.";
    const std::size_t begin = error.find(mark);
    if (begin == std::string_view::npos)
        return std::nullopt;
    std::string_view path = error.substr(begin + mark.size());
    path = path.substr(0, path.find(": "));
    std::optional<config::place> place;
    config::node at = config.document;
    for (bool first = true; !path.empty(); first = false) {
        const std::string_view step = path.substr(0, path.find('.'));
        path.remove_prefix(std::min(path.size(), step.size() + 1));
        std::size_t index = 0;
        const auto [end, failed] = std::from_chars(step.data(), step.data() + step.size(), index);
        const bool numeric = failed == std::errc() && end == step.data() + step.size();
        config::node next = numeric && at.is_sequence() ? at.at(index) : at.get(step);
        if (first && step.ends_with("_resources")) {
            const std::string_view who = error.substr(0, begin);
            const std::size_t quote = who.find('\'');
            const std::size_t close = who.rfind('\'');
            next = quote == close ? config::node() : labelled(config, step, who.substr(quote + 1, close - quote - 1));
        }
        if (!next.exists())
            break;
        at = next;
        place = at.where();
    }
    return place;
}

} // namespace lambent::stream
