#include <support/catch.hpp>

#include <lambent/config/errc.hpp>
#include <lambent/config/lint.hpp>

#include <map>

using namespace lambent;
using config::field_type;
using config::node;

namespace {

class few_components final : public config::lint_host
{
public:
    const config::spec* component(field_type, std::string_view name) const override
    {
        const auto found = known_.find(name);
        return found == known_.end() ? nullptr : &found->second;
    }
    std::vector<std::string> component_names(field_type) const override { return {}; }
    std::optional<config::text_flaw> check_bloblang(std::string_view) const override { return {}; }
    std::optional<config::text_flaw> check_interpolated(std::string_view) const override { return {}; }

private:
    std::map<std::string, config::spec, std::less<>> known_{
        {"mapping", config::spec("mapping")}, {"log", config::spec("log")}, {"try", config::spec("try")}, {"processors", config::spec("processors")}};
};

std::string outcome(std::string_view text, field_type kind = field_type::processor)
{
    auto object = node::parse(text, "f");
    REQUIRE(object.has_value());
    auto made = config::infer_component(few_components(), kind, *object);
    return made ? made->name + "|" + made->label + "|" + (made->value.exists() ? made->value.to_json() : "absent") : made.error().detail;
}

} // namespace

TEST_CASE("infer: the one known key names the type", "[config]")
{
    CHECK(outcome("{mapping: root = this}") == "mapping||\"root = this\"");
    CHECK(outcome("{label: a, bogus: 1, mapping: m, meta: {}}") == "mapping|a|\"m\"");
    CHECK(outcome("{processors: [], label: x}") == "processors|x|[]");
    CHECK(outcome("{processors: [], mapping: x}", field_type::input) == "mapping||\"x\"");
}

TEST_CASE("infer: an explicit type wins", "[config]")
{
    CHECK(outcome("{type: mapping}") == "mapping||absent");
    CHECK(outcome("{type: mapping, log: {}, mapping: x}") == "mapping||\"x\"");
    CHECK(outcome("{type: log, plugin: {a: b}}") == "log||{\"a\":\"b\"}");
    CHECK(outcome("{type: nope}") == "processor type 'nope' was not recognised");
    CHECK(outcome("{type: [a]}") == "processor type '' was not recognised");
}

TEST_CASE("infer: the original's words for what is unclear", "[config]")
{
    CHECK(outcome("{try: [], mapping: x, log: {}}") == "unable to infer processor type, multiple candidates 'mapping' and 'try'");
    CHECK(outcome("{zz: 1, aa: 2, label: x}") == "unable to infer processor type from candidates: [aa zz]");
    CHECK(outcome("{zz: 1}", field_type::rate_limit) == "unable to infer rate_limit type from candidates: [zz]");
    CHECK(outcome("{label: a}") == "an explicit processor type must be specified");
    CHECK(outcome("{label: a}", field_type::buffer) == "unable to infer buffer type from candidates: [label]");
    CHECK(outcome("[a]") == "invalid type !!seq, expected object");
    CHECK(outcome("~") == "invalid type !!null, expected object");
}

TEST_CASE("infer: a finding is one line, its hint a line below", "[config]")
{
    config::finding f;
    f.where = {"a.yaml", 3, 1};
    f.message = "field retrys not recognised";
    CHECK(f.text() == "a.yaml(3,1) field retrys not recognised");
    f.hint = "did you mean `retries`?";
    CHECK(f.text() == "a.yaml(3,1) field retrys not recognised\n    did you mean `retries`?");
}
