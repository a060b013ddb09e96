#include <lambent/config/detail/value_check.hpp>
#include <lambent/config/spec.hpp>

#include <lambent/core/assert.hpp>

namespace lambent::config {

using namespace detail;

namespace {

bool is_text(field_type type)
{
    return type == field_type::string || type == field_type::duration || type == field_type::bloblang
        || type == field_type::interpolated;
}

/// The declared default as a node. Text that is no YAML ("%v: x") is taken as it stands.
node default_of(const field_spec& field)
{
    if (!field.default_value)
        return {};
    auto parsed = node::parse(*field.default_value, "default of " + field.name);
    if (parsed && !(is_text(field.type) && field.shape == shape::one && !parsed->is_scalar() && !parsed->is_null()))
        return *parsed;
    std::string quoted = "'";
    for (const char c : *field.default_value)
        quoted += c == '\'' ? "''" : std::string(1, c);
    auto literal = node::parse(quoted + "'", "default of " + field.name);
    return literal ? *literal : node{};
}

} // namespace

/// Walks a dotted path through sub-objects.
struct reader::target
{
    const field_spec* field = nullptr;
    node written;
};

reader::reader(const config::spec& spec, config::node value) : spec_(&spec), value_(std::move(value)) {}

reader::target reader::at(std::string_view path) const
{
    target out;
    if (path.empty()) {
        LAMBENT_ASSERT(spec_->self(), "the component's value itself is the field");
        out.field = &*spec_->self();
        out.written = value_;
        return out;
    }
    const config::spec* level = spec_;
    node value = value_;
    while (true) {
        const std::size_t dot = path.find('.');
        out.field = level->find(path.substr(0, dot));
        LAMBENT_ASSERT(out.field, "the spec has the field that is read");
        out.written = value.get(path.substr(0, dot));
        if (dot == std::string_view::npos)
            return out;
        LAMBENT_ASSERT(out.field->children, "the field is an object with fields of its own");
        level = out.field->children.get();
        value = out.written;
        path.remove_prefix(dot + 1);
    }
}

core::result<node> reader::value_at(std::string_view path) const
{
    const target t = at(path);
    if (t.written.exists())
        return t.written;
    if (t.field->default_value)
        return default_of(*t.field);
    if (!is_required(*t.field))
        return node{};
    return failed(errc::field_missing, "field '" + t.field->name + "' is required and was not present in the config");
}

core::error reader::placed(std::string_view path, core::error e) const
{
    while (!path.empty()) {
        const std::size_t dot = path.rfind('.');
        e = inside(path.substr(dot == std::string_view::npos ? 0 : dot + 1), std::move(e));
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
    }
    return e;
}

core::result<void> reader::check() const
{
    if (!spec_->self())
        return check_fields(*spec_, value_);
    const field_spec& self = *spec_->self();
    if (value_.exists())
        return check_value(self, value_);
    if (!is_required(self))
        return {};
    return failed(errc::field_missing, "a value is required for " + spec_->name());
}

bool reader::has(std::string_view path) const { return at(path).written.exists(); }

node reader::raw(std::string_view path) const { return path.empty() ? value_ : at(path).written; }

core::result<std::string> reader::string(std::string_view path) const
{
    auto value = value_at(path);
    if (!value)
        return value.error();
    auto read = to_string(*value);
    if (!read)
        return placed(path, read.error());
    return read;
}

core::result<std::int64_t> reader::integer(std::string_view path) const
{
    auto value = value_at(path);
    if (!value)
        return value.error();
    auto read = to_integer(*value);
    if (!read)
        return placed(path, read.error());
    return read;
}

core::result<double> reader::real(std::string_view path) const
{
    auto value = value_at(path);
    if (!value)
        return value.error();
    auto read = to_real(*value);
    if (!read)
        return placed(path, read.error());
    return read;
}

core::result<bool> reader::boolean(std::string_view path) const
{
    auto value = value_at(path);
    if (!value)
        return value.error();
    auto read = to_boolean(*value);
    if (!read)
        return placed(path, read.error());
    return read;
}

core::result<core::duration> reader::duration(std::string_view path) const
{
    auto text = string(path);
    if (!text)
        return text.error();
    auto parsed = parse_duration(*text);
    if (!parsed)
        return failed(errc::invalid_duration, "failed to parse '" + std::string(path) + "' as a duration string: " + parsed.error().detail);
    return *parsed;
}

core::result<std::optional<core::duration>> reader::optional_duration(std::string_view path) const
{
    using optional = std::optional<core::duration>;
    auto text = string(path);
    if (!text)
        return text.error();
    if (text->empty())
        return optional{};
    auto parsed = duration(path);
    if (!parsed)
        return parsed.error();
    return optional{*parsed};
}

core::result<std::vector<std::string>> reader::strings(std::string_view path) const
{
    auto value = value_at(path);
    if (!value)
        return value.error();
    std::vector<std::string> out;
    if (!value->exists())
        return out;
    if (!value->is_sequence())
        return placed(path, not_a("array", *value));
    for (std::size_t i = 0; i < value->size(); ++i) {
        auto read = to_string(value->at(i));
        if (!read)
            return placed(path, read.error());
        out.push_back(std::move(*read));
    }
    return out;
}

core::result<std::vector<std::int64_t>> reader::integers(std::string_view path) const
{
    auto value = value_at(path);
    if (!value)
        return value.error();
    std::vector<std::int64_t> out;
    if (!value->exists())
        return out;
    if (!value->is_sequence())
        return placed(path, not_a("array", *value));
    for (std::size_t i = 0; i < value->size(); ++i) {
        auto read = to_integer(value->at(i));
        if (!read)
            return placed(path, read.error());
        out.push_back(*read);
    }
    return out;
}

core::result<std::vector<std::pair<std::string, std::string>>> reader::string_map(std::string_view path) const
{
    auto value = value_at(path);
    if (!value)
        return value.error();
    std::vector<std::pair<std::string, std::string>> out;
    if (!value->exists())
        return out;
    if (!value->is_map())
        return placed(path, not_a("map", *value));
    for (const auto& [key, item] : value->items()) {
        auto read = to_string(item);
        if (!read)
            return placed(path, read.error());
        out.emplace_back(key, std::move(*read));
    }
    return out;
}

std::vector<node> reader::elements(std::string_view path) const
{
    std::vector<node> out;
    const auto value = value_at(path);
    if (!value)
        return out;
    if (value->is_sequence())
        for (std::size_t i = 0; i < value->size(); ++i)
            out.push_back(value->at(i));
    else
        for (auto& [key, item] : value->items())
            out.push_back(std::move(item));
    return out;
}

reader reader::object(std::string_view path) const
{
    const target t = at(path);
    LAMBENT_ASSERT(t.field->children, "the field is an object with fields of its own");
    node value = t.written;
    if (!value.exists())
        value = default_of(*t.field);
    return {*t.field->children, std::move(value)};
}

std::vector<reader> reader::objects(std::string_view path) const
{
    const target t = at(path);
    LAMBENT_ASSERT(t.field->children, "the field is an object with fields of its own");
    std::vector<reader> out;
    for (node& element : elements(path))
        out.emplace_back(*t.field->children, std::move(element));
    return out;
}

} // namespace lambent::config
