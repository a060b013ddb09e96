#include <lambent/config/spec.hpp>

#include <lambent/core/assert.hpp>


namespace lambent::config {
namespace {

field_spec made(std::string name, field_type type, config::shape shape, std::string about)
{
    field_spec out;
    out.name = std::move(name);
    out.type = type;
    out.shape = shape;
    out.about = std::move(about);
    return out;
}

} // namespace

spec& spec::field(std::string name, field_type type, std::string about)
{
    fields_.push_back(made(std::move(name), type, shape::one, std::move(about)));
    return *this;
}

spec& spec::list(std::string name, field_type type, std::string about)
{
    fields_.push_back(made(std::move(name), type, shape::array, std::move(about)));
    return *this;
}

spec& spec::lists(std::string name, field_type type, std::string about)
{
    fields_.push_back(made(std::move(name), type, shape::array_of_arrays, std::move(about)));
    return *this;
}

spec& spec::table(std::string name, field_type type, std::string about)
{
    fields_.push_back(made(std::move(name), type, shape::map, std::move(about)));
    return *this;
}

spec& spec::object(std::string name, spec children, std::string about)
{
    fields_.push_back(made(std::move(name), field_type::object, shape::one, std::move(about)));
    fields_.back().children = std::make_shared<const spec>(std::move(children));
    return *this;
}

spec& spec::objects(std::string name, spec children, std::string about)
{
    fields_.push_back(made(std::move(name), field_type::object, shape::array, std::move(about)));
    fields_.back().children = std::make_shared<const spec>(std::move(children));
    return *this;
}

spec& spec::object_table(std::string name, spec children, std::string about)
{
    fields_.push_back(made(std::move(name), field_type::object, shape::map, std::move(about)));
    fields_.back().children = std::make_shared<const spec>(std::move(children));
    return *this;
}

field_spec& spec::last()
{
    LAMBENT_ASSERT(self_ || !fields_.empty(), "a field is added before it is edited");
    return self_ ? *self_ : fields_.back();
}

spec& spec::fallback(std::string yaml)
{
    last().default_value = std::move(yaml);
    return *this;
}

spec& spec::optional()
{
    last().is_optional = true;
    return *this;
}

spec& spec::deprecated()
{
    last().is_deprecated = true;
    return *this;
}

spec& spec::secret()
{
    last().is_secret = true;
    return *this;
}

spec& spec::advanced()
{
    last().is_advanced = true;
    return *this;
}

spec& spec::one_of(std::vector<std::string> options)
{
    last().options = std::move(options);
    return *this;
}

spec& spec::checked(field_rule rule)
{
    last().rule = rule;
    return *this;
}

spec& spec::include(const spec& other)
{
    fields_.insert(fields_.end(), other.fields_.begin(), other.fields_.end());
    return *this;
}

spec& spec::deprecated_component()
{
    component_deprecated_ = true;
    return *this;
}

spec spec::scalar(std::string name, field_type type, std::optional<std::string> fallback, std::string about)
{
    spec out(std::move(name), about);
    out.self_ = made({}, type, shape::one, std::move(about));
    out.self_->default_value = std::move(fallback);
    return out;
}

spec spec::array(std::string name, field_type type, std::optional<std::string> fallback, std::string about)
{
    spec out(std::move(name), about);
    out.self_ = made({}, type, shape::array, std::move(about));
    out.self_->default_value = std::move(fallback);
    return out;
}

spec spec::array_of(std::string name, spec children, std::optional<std::string> fallback, std::string about)
{
    spec out(std::move(name), about);
    out.self_ = made({}, field_type::object, shape::array, std::move(about));
    out.self_->children = std::make_shared<const spec>(std::move(children));
    out.self_->default_value = std::move(fallback);
    return out;
}

spec spec::self_field(std::string name, field_spec field, std::string about)
{
    spec out(std::move(name), std::move(about));
    field.name.clear();
    out.self_ = std::move(field);
    return out;
}

spec& spec::add(field_spec field)
{
    fields_.push_back(std::move(field));
    return *this;
}

const field_spec* spec::find(std::string_view name) const noexcept
{
    for (const field_spec& field : fields_)
        if (field.name == name)
            return &field;
    return nullptr;
}

} // namespace lambent::config
