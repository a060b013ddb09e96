#include <lambent/data/json.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <algorithm>
#include <utility>

namespace lambent::processor {
namespace {

/// What a field of a log line shows of a value: texts as they are, everything else as JSON.
std::string shown(const data::value& v)
{
    if (v.is_text())
        return std::string(v.text());
    auto text = data::write_json(v);
    return text ? std::move(*text) : text.error().text();
}

/// Prints one line per message; changes nothing, and a failing expression only costs the line.
class log_stage final : public stage
{
public:
    struct options
    {
        core::log_level level = core::log_level::info;
        bloblang::interpolation message;
        std::optional<bloblang::mapping> fields_mapping;
        std::vector<std::pair<std::string, bloblang::interpolation>> fields;
    };

    log_stage(const context& who, options o) : who_(who), options_(std::move(o)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        for (std::size_t i = 0; i < batch.size(); ++i)
            print(batch, i);
        co_return as_batches(std::move(batch));
    }

private:
    void complain(const std::string& what) const
    {
        who_.log(core::log_level::error, what, {{"custom_source", "true"}});
    }

    /// False: the mapping failed, which was logged.
    bool mapped_fields(const data::batch& batch, std::size_t i, core::log_fields& into) const
    {
        auto made = options_.fields_mapping->evaluate(batch, i);
        if (!made) {
            complain("Failed to execute fields mapping: " + made.error().text());
            return false;
        }
        data::value fields = std::move(*made);
        if (fields.is_nothing()) {
            // A mapping without root is the message itself.
            auto whole = batch[i].structured();
            if (!whole) {
                complain("Failed to extract fields object: " + whole.error().text());
                return false;
            }
            fields = std::move(*whole);
        }
        if (!fields.is_object()) {
            complain("Fields mapping yielded a non-object result: " + std::string(go_type_name(fields)));
            return false;
        }
        for (const data::member& m : fields.members())
            into.emplace_back(std::string(m.name()), shown(m.item));
        return true;
    }

    void print(const data::batch& batch, std::size_t i) const
    {
        core::log_fields fields{{"custom_source", "true"}};
        if (options_.fields_mapping && !mapped_fields(batch, i, fields))
            return;
        for (const auto& [name, text] : options_.fields) {
            auto value = text.resolve(batch, i);
            if (!value)
                return complain("Field " + name + " interpolation error: " + value.error().text());
            const auto same = [&](const auto& field) { return field.first == name; };
            std::erase_if(fields, same);
            fields.emplace_back(name, std::move(*value));
        }
        auto message = options_.message.resolve(batch, i);
        if (!message)
            return complain("Message interpolation error: " + message.error().text());
        who_.log(options_.level, *message, std::move(fields));
    }

    context who_;
    options options_;
};

core::result<core::log_level> level_named(std::string name)
{
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    if (name == "TRACE")
        return core::log_level::trace;
    if (name == "DEBUG")
        return core::log_level::debug;
    if (name == "INFO")
        return core::log_level::info;
    if (name == "WARN")
        return core::log_level::warn;
    if (name == "ERROR")
        return core::log_level::error;
    return unusable("log level not recognised: " + name);
}

const config::spec& log_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("log", "Prints a line for each message.")
        .field("level", field_type::string, "TRACE, DEBUG, INFO, WARN or ERROR.")
        .fallback("INFO")
        .field("fields_mapping", field_type::bloblang, "An object of further fields.")
        .optional()
        .field("message", field_type::interpolated, "The line's text.")
        .fallback(R"("")")
        .table("fields", field_type::interpolated, "Further fields.")
        .optional()
        .deprecated();
    return spec;
}

core::result<stage_ptr> make_log(const context& who, const config::reader& read)
{
    log_stage::options o;
    auto text = read.string("message");
    if (!text)
        return text.error();
    auto message = parse_text(who, *text, "failed to parse message expression: ");
    if (!message)
        return message.error();
    o.message = std::move(*message);
    if (read.has("fields")) {
        auto fields = read.string_map("fields");
        if (!fields)
            return fields.error();
        for (const auto& [name, field_text] : *fields) {
            auto field = parse_text(who, field_text, "failed to parse field '" + name + "' expression: ");
            if (!field)
                return field.error();
            o.fields.emplace_back(name, std::move(*field));
        }
    }
    if (read.has("fields_mapping")) {
        auto mapping_text = read.string("fields_mapping");
        if (!mapping_text)
            return mapping_text.error();
        auto mapping = parse_optional_mapping(who, *mapping_text, "failed to parse fields mapping: ");
        if (!mapping)
            return mapping.error();
        o.fields_mapping = std::move(*mapping);
    }
    auto name = read.string("level");
    if (!name)
        return name.error();
    auto level = level_named(*name);
    if (!level)
        return level.error();
    o.level = *level;
    return std::make_unique<log_stage>(who, std::move(o));
}

} // namespace

entry log_entry() { return {&log_spec, &make_log}; }

} // namespace lambent::processor
