#include <support/catch.hpp>

#include <lambent/config/known.hpp>
#include <lambent/config/lint.hpp>

using namespace lambent;
using config::field_spec;
using config::field_type;

namespace {

constexpr field_type kinds[] = {field_type::input, field_type::output, field_type::processor, field_type::buffer, field_type::cache,
    field_type::rate_limit, field_type::metrics, field_type::tracer, field_type::scanner};

/// Every default must be YAML that its own field accepts.
void check_defaults(const config::spec& spec)
{
    const auto check = [&](const field_spec& field) {
        INFO(spec.name() << "." << field.name);
        CHECK((field.type != field_type::object || field.children != nullptr));
        if (field.default_value) {
            const config::spec alone = config::spec("alone").add(field);
            auto value = config::node::parse("{" + field.name + ": " + *field.default_value + "}", "default");
            REQUIRE(value.has_value());
            auto fits = config::reader(alone, *value).check();
            CHECK((fits ? std::string() : fits.error().detail).empty());
        }
        if (field.children)
            check_defaults(*field.children);
    };
    for (const field_spec& field : spec.fields())
        check(field);
}

} // namespace

TEST_CASE("known: the tables hold every component of the original, with defaults that fit", "[config]")
{
    const std::pair<field_type, std::size_t> least[] = {{field_type::input, 17}, {field_type::output, 20}, {field_type::processor, 44},
        {field_type::buffer, 3}, {field_type::cache, 6}, {field_type::rate_limit, 1}, {field_type::metrics, 3}, {field_type::tracer, 1},
        {field_type::scanner, 11}};
    for (const auto& [kind, count] : least)
        CHECK(config::known_components(kind).size() >= count);
    for (const field_type kind : kinds)
        for (const std::string& name : config::known_components(kind))
            check_defaults(*config::known_component(kind, name));
    check_defaults(config::stream_spec());
}

TEST_CASE("known: nested fields, shapes, options and flags survive the table", "[config]")
{
    const config::spec* lambda = config::known_component(field_type::processor, "aws_lambda");
    REQUIRE(lambda);
    CHECK(lambda->find("function")->default_value == std::nullopt);
    CHECK(lambda->find("timeout")->default_value == "\"5s\"");
    CHECK(lambda->find("credentials")->children->find("secret")->is_secret);
    CHECK(lambda->find("credentials")->children->find("expiry_window"));
    CHECK(lambda->find("tcp")->children->find("keep_alive")->children->find("count")->type == field_type::integer);
    CHECK(lambda->find("tcp")->is_optional);
    const config::spec* cases = config::known_component(field_type::processor, "switch");
    REQUIRE(cases->self());
    CHECK(cases->self()->shape == config::shape::array);
    CHECK(cases->self()->children->find("check")->type == field_type::bloblang);
    CHECK(config::known_component(field_type::processor, "workflow")->find("order")->shape == config::shape::array_of_arrays);
    CHECK(config::known_component(field_type::processor, "workflow")->find("branches")->shape == config::shape::map);
    CHECK(config::known_component(field_type::processor, "mapping")->self()->type == field_type::bloblang);
    CHECK(config::known_component(field_type::processor, "metric")->find("type")->options.size() == 4);
    CHECK(config::known_component(field_type::processor, "log")->find("fields")->is_deprecated);
    CHECK(config::known_component(field_type::processor, "nope") == nullptr);
    CHECK(config::known_component(field_type::string, "log") == nullptr);
    const config::spec& stream = config::stream_spec();
    CHECK(stream.find("rate_limit_resources")->rule == config::field_rule::own_label);
    CHECK(stream.find("shutdown_timeout")->default_value == "\"20s\"");
    const config::reader read(stream, {});
    CHECK(*read.string("http.address") == "0.0.0.0:4195");
    CHECK(*read.integer("pipeline.threads") == -1);
    CHECK(read.check().has_value());
}
