#include <support/catch.hpp>

#include <support/spec_match.hpp>

using namespace lambent;
using config::field_type;
using lines = std::vector<std::string>;

TEST_CASE("spec match: a spec equals its own table, durations counting as strings", "[config]")
{
    for (const field_type kind : {field_type::input, field_type::output, field_type::processor})
        for (const std::string& name : config::known_components(kind))
            CHECK(support::differences(kind, name, *config::known_component(kind, name)).empty());
    const config::spec own = config::spec("local").field("count", field_type::integer).fallback("1000").field("interval", field_type::duration).fallback("1s");
    CHECK(support::differences(field_type::rate_limit, "local", own).empty());
}

TEST_CASE("spec match: every kind of difference is told", "[config]")
{
    const config::spec own = config::spec("dedupe")
        .field("cache", field_type::integer)
        .list("key", field_type::interpolated)
        .field("drop_on_err", field_type::boolean).fallback("false")
        .field("extra", field_type::string).fallback("");
    const lines found = support::differences(field_type::processor, "dedupe", own);
    CHECK(found == lines{"dedupe.cache: another type", "dedupe.key: another shape", "dedupe.drop_on_err: default false, not true",
        "dedupe.extra: not in config/schema"});
    CHECK(support::differences(field_type::processor, "nope", own) == lines{"nope: not in config/schema"});
    const config::spec bare("dedupe");
    CHECK(support::differences(field_type::processor, "dedupe", bare).size() == 3);
    CHECK(support::differences(field_type::processor, "mapping", bare) == lines{"mapping: an object of fields on one side, a value on the other"});
}
