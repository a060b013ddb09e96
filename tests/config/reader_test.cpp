#include <support/catch.hpp>

#include <lambent/config/errc.hpp>
#include <lambent/config/spec.hpp>

using namespace lambent;
using namespace std::chrono_literals;
using config::field_type;
using config::node;
using config::reader;
using config::spec;

namespace {

const spec& sample()
{
    static const spec made = spec("sample")
        .field("parallel", field_type::boolean).fallback("false")
        .field("function", field_type::string)
        .field("region", field_type::string).fallback("")
        .field("timeout", field_type::duration).fallback("5s")
        .field("expiry", field_type::duration).optional()
        .field("retries", field_type::integer).fallback("3")
        .field("ratio", field_type::real).fallback("0.5")
        .list("parts", field_type::integer).fallback("[]")
        .list("names", field_type::string).fallback("[a, b]")
        .lists("order", field_type::string).fallback("[]")
        .table("labels", field_type::interpolated).optional()
        .object("credentials", spec("credentials")
            .field("id", field_type::string).fallback("")
            .field("from_ec2_role", field_type::boolean).fallback("false"))
        .objects("cases", spec("case")
            .field("check", field_type::bloblang)
            .field("fallthrough", field_type::boolean).fallback("false"))
        .fallback("[]");
    return made;
}

node parsed(std::string_view text)
{
    auto read = node::parse(text, "f.yaml");
    REQUIRE(read.has_value());
    return *read;
}

std::string flaw_of(std::string_view text)
{
    auto checked = reader(sample(), parsed(text)).check();
    return checked ? "" : checked.error().detail;
}

} // namespace

TEST_CASE("reader: defaults stand in for what is not written", "[config]")
{
    const reader read(sample(), parsed("function: foo\ncredentials: {id: x}\n"));
    CHECK(*read.boolean("parallel") == false);
    CHECK(*read.string("function") == "foo");
    CHECK(read.string("region")->empty());
    CHECK(*read.duration("timeout") == 5s);
    CHECK(*read.optional_duration("expiry") == std::nullopt);
    CHECK(*read.integer("retries") == 3);
    CHECK(*read.real("ratio") == 0.5);
    CHECK(read.integers("parts")->empty());
    CHECK(*read.strings("names") == std::vector<std::string>{"a", "b"});
    CHECK(*read.string("credentials.id") == "x");
    CHECK(*read.boolean("credentials.from_ec2_role") == false);
    CHECK(read.string_map("labels")->empty());
    CHECK(read.objects("cases").empty());
    CHECK(read.has("credentials.id"));
    CHECK_FALSE(read.has("credentials.from_ec2_role"));
    CHECK(read.check().has_value());
}

TEST_CASE("reader: scalars are converted as the original converts them", "[config]")
{
    const reader read(sample(), parsed("function: 0x10\nparallel: \"yes\"\nretries: 1.5\nratio: 2\nexpiry: 1m\nregion: null\n"
                                       "parts: [1, 0o7, -2]\nlabels: {a: 5, b: x}\n"));
    CHECK(*read.string("function") == "0x10");
    CHECK(*read.boolean("parallel") == true);
    CHECK(*read.integer("retries") == 1);
    CHECK(*read.real("ratio") == 2.0);
    CHECK(*read.optional_duration("expiry") == 60s);
    CHECK(read.string("region")->empty());
    CHECK(*read.integers("parts") == std::vector<std::int64_t>{1, 7, -2});
    CHECK(*read.string_map("labels") == std::vector<std::pair<std::string, std::string>>{{"a", "5"}, {"b", "x"}});
    CHECK(read.check().has_value());
}

TEST_CASE("reader: the original's words for what does not fit", "[config]")
{
    const std::pair<const char*, const char*> samples[] = {
        {"function: foo\nretries: many\n", "field 'retries': yaml: unmarshal errors:\n  line 2: cannot unmarshal !!str `many` into int"},
        {"function: foo\nretries: verylongtextindeed\n", "field 'retries': yaml: unmarshal errors:\n  line 2: cannot unmarshal !!str `verylon...` into int"},
        {"function: foo\nretries: '5'\n", "field 'retries': yaml: unmarshal errors:\n  line 2: cannot unmarshal !!str `5` into int"},
        {"function: foo\nretries: 99999999999999999999\n", "field 'retries': yaml: unmarshal errors:\n  line 2: cannot unmarshal !!float `9999999...` into int"},
        {"function: foo\nparallel: 5\n", "field 'parallel': yaml: unmarshal errors:\n  line 2: cannot unmarshal !!int `5` into bool"},
        {"function: foo\nparallel: 'true'\n", "field 'parallel': yaml: unmarshal errors:\n  line 2: cannot unmarshal !!str `true` into bool"},
        {"function: foo\nratio: x\n", "field 'ratio': yaml: unmarshal errors:\n  line 2: cannot unmarshal !!str `x` into float64"},
        {"function: {a: b}\n", "field 'function': yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string"},
        {"parallel: true\n", "field 'function' is required and was not present in the config"},
        {"parallel: maybe\n", "field 'parallel': yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `maybe` into bool"},
        {"function: foo\nparts: 5\n", "field 'parts': line 2: expected array value, got !!int"},
        {"function: foo\nparts: [a]\n", "field 'parts': yaml: unmarshal errors:\n  line 2: cannot unmarshal !!str `a` into int"},
        {"function: foo\norder: [a]\n", "field 'order': line 2: expected array value, got !!str"},
        {"function: foo\nlabels: [a]\n", "field 'labels': line 2: expected map value, got !!seq"},
        {"function: foo\ncredentials: {from_ec2_role: 5}\n",
            "field 'credentials': field 'from_ec2_role': yaml: unmarshal errors:\n  line 2: cannot unmarshal !!int `5` into bool"},
        {"function: foo\ncredentials: none\n", ""},
        {"function: foo\ncases: [{fallthrough: 5, check: x}]\n",
            "field 'cases': field 'fallthrough': yaml: unmarshal errors:\n  line 2: cannot unmarshal !!int `5` into bool"},
        {"function: foo\ncases: [{}]\n", "field 'cases': field 'check' is required and was not present in the config"},
    };
    for (const auto& [text, words] : samples)
        CHECK(flaw_of(text) == words);
}

TEST_CASE("reader: single reads carry the same words as check", "[config]")
{
    const reader read(sample(), parsed("retries: many\ncredentials: {from_ec2_role: 5}\ntimeout: 5\n"));
    CHECK(read.integer("retries").error().detail == "field 'retries': yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `many` into int");
    CHECK(read.boolean("credentials.from_ec2_role").error().detail
        == "field 'credentials': field 'from_ec2_role': yaml: unmarshal errors:\n  line 2: cannot unmarshal !!int `5` into bool");
    CHECK(read.string("function").error().detail == "field 'function' is required and was not present in the config");
    CHECK(read.string("function").error().code == config::errc::field_missing);
    CHECK(read.duration("timeout").error().detail == "failed to parse 'timeout' as a duration string: time: missing unit in duration \"5\"");
}

TEST_CASE("reader: objects and elements are read in order", "[config]")
{
    const reader read(sample(), parsed("function: f\ncases: [{check: a}, {check: b, fallthrough: true}]\nlabels: {x: 1, y: 2}\n"));
    const auto cases = read.objects("cases");
    REQUIRE(cases.size() == 2);
    CHECK(*cases[0].string("check") == "a");
    CHECK(*cases[1].boolean("fallthrough"));
    CHECK(read.elements("labels").size() == 2);
    CHECK(*read.object("credentials").boolean("from_ec2_role") == false);
}

TEST_CASE("reader: a component whose value is the field itself", "[config]")
{
    const spec mapping = spec::scalar("mapping", field_type::bloblang);
    CHECK(*reader(mapping, parsed("root = this")).string() == "root = this");
    CHECK(*reader(mapping, parsed("5")).string() == "5");
    CHECK(reader(mapping, parsed("[a]")).check().error().detail == "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string");
    const spec tries = spec::array("try", field_type::processor, "[]");
    CHECK(reader(tries, parsed("[{a: b}, {c: d}]")).elements().size() == 2);
    CHECK(reader(tries, {}).elements().empty());
    CHECK(reader(tries, parsed("{}")).check().error().detail == "line 1: expected array value, got !!map");
    const spec cases = spec::array_of("switch", spec("case").field("check", field_type::bloblang).fallback(""));
    CHECK(*reader(cases, parsed("[{check: a}]")).objects()[0].string("check") == "a");
}

TEST_CASE("reader: a default that is no YAML is taken as text", "[config]")
{
    const spec odd = spec("odd").field("a", field_type::string).fallback("%v: x").field("b", field_type::string).fallback("{a}");
    const reader read(odd, parsed("{}"));
    CHECK(*read.string("a") == "%v: x");
    CHECK(*read.string("b") == "{a}");
}
