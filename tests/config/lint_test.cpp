#include <support/catch.hpp>

#include <lambent/config/known.hpp>
#include <lambent/config/lint.hpp>

using namespace lambent;
using config::field_type;
using config::text_flaw;

namespace {

/// Every component of the tables; a Bloblang text is wrong where it says "wrong".
class table_host final : public config::lint_host
{
public:
    const config::spec* component(field_type kind, std::string_view name) const override { return config::known_component(kind, name); }
    std::vector<std::string> component_names(field_type kind) const override { return config::known_components(kind); }
    std::optional<text_flaw> check_bloblang(std::string_view text) const override { return flaw_in(text, "mapping"); }
    std::optional<text_flaw> check_interpolated(std::string_view text) const override { return flaw_in(text, "text"); }

private:
    static std::optional<text_flaw> flaw_in(std::string_view text, const char* what)
    {
        const std::size_t at = text.find("wrong");
        if (at == std::string_view::npos)
            return {};
        text_flaw out;
        out.column = at + 1;
        for (std::size_t i = 0; i < at; ++i) {
            if (text[i] == '\n') {
                ++out.line;
                out.column = at - i;
            }
        }
        out.message = std::string("bad ") + what;
        return out;
    }
};

std::optional<std::string> variable(std::string_view name)
{
    if (name == "SET")
        return "1s";
    return {};
}

std::vector<std::string> lints(std::string_view text, const config::lint_options& options = {})
{
    INFO(text);
    std::vector<std::string> out;
    for (const auto& f : config::check_text(text, "f", variable, config::stream_spec(), table_host(), options).findings)
        out.push_back(f.text());
    return out;
}

using lines = std::vector<std::string>;

std::vector<std::string> processor_lints(const std::string& object, const config::lint_options& options = {})
{
    return lints("pipeline:\n  processors:\n  - " + object + "\n", options);
}

} // namespace

TEST_CASE("lint: a sound file has no findings", "[config][lint]")
{
    CHECK(lints("input:\n  stdin: {}\npipeline:\n  processors:\n    - aws_lambda: {function: foo, tcp: {connect_timeout: 1s}, "
                "credentials: {expiry_window: 5s}}\noutput:\n  stdout: {}\n").empty());
    CHECK(lints("{}").empty());
}

TEST_CASE("lint: unknown fields are named where they stand, with the name that was meant", "[config][lint]")
{
    CHECK(processor_lints("aws_lambda:\n      function: foo\n      retrys: 1\n      tiemout: 5s\n      zzz: 1")
        == lines{"f(5,1) field retrys not recognised\n    did you mean `retries`?", "f(6,1) field tiemout not recognised\n    did you mean `timeout`?",
            "f(7,1) field zzz not recognised"});
    CHECK(lints("http:\n  addr: x\n") == lines{"f(2,1) field addr not recognised\n    did you mean `address`?"});
    CHECK(lints("inputs:\n  stdin: {}\n") == lines{"f(1,1) field inputs not recognised\n    did you mean `input`?"});
    // The original says nothing of an unknown key with an alias.
    CHECK(lints("input: &x {stdin: {}}\nfoo: *x\n").empty());
}

TEST_CASE("lint: required single values are asked for at their object", "[config][lint]")
{
    CHECK(processor_lints("aws_lambda:\n      parallel: true") == lines{"f(4,1) field function is required"});
    CHECK(processor_lints("dedupe: {bogus: 1, cache: {}}")
        == lines{"f(3,1) field bogus not recognised", "f(3,1) expected string value", "f(3,1) field key is required"});
    CHECK(processor_lints("branch: {}").empty());
    CHECK(lints("output: {retry: {}}").empty());
}

TEST_CASE("lint: kinds of values", "[config][lint]")
{
    CHECK(processor_lints("insert_part: {index: {}, content: []}") == lines{"f(3,1) expected int value", "f(3,1) expected string value"});
    CHECK(processor_lints("insert_part: {index: a, content: 5}").empty());
    CHECK(processor_lints("retry: {processors: null, parallel: {}, backoff: null}")
        == lines{"f(3,1) expected array value", "f(3,1) expected bool value", "f(3,1) expected object value, got !!null"});
    CHECK(processor_lints("workflow: {order: [a, [b]]}") == lines{"f(3,1) expected array value"});
    CHECK(processor_lints("select_parts: {parts: [a, [b]]}") == lines{"f(3,1) expected int value"});
    CHECK(processor_lints("log: {fields: [a]}") == lines{"f(3,1) expected object value, got !!seq"});
    CHECK(processor_lints("noop: foo") == lines{"f(3,1) expected object value, got !!str"});
    CHECK(processor_lints("noop: {any: thing}").empty());
    CHECK(lints("") == lines{"f(0,1) expected object value, got !!null"});
    CHECK(lints("- a\n") == lines{"f(1,1) expected object value, got !!seq"});
}

TEST_CASE("lint: options are compared in any case", "[config][lint]")
{
    CHECK(processor_lints("metric: {type: CounteR, name: x}").empty());
    CHECK(processor_lints("metric: {type: countr, name: x}") == lines{"f(3,1) value countr is not a valid option for this field\n    did you mean `counter`?"});
    CHECK(processor_lints("archive: {format: null}") == lines{"f(3,1) value  is not a valid option for this field"});
    CHECK(processor_lints("compress: {algorithm: rar}").empty());
}

TEST_CASE("lint: Bloblang is placed by line and by the sum of the columns", "[config][lint]")
{
    CHECK(processor_lints("mapping: root = wrong") == lines{"f(3,22) bad mapping"});
    CHECK(processor_lints("mapping: |\n      root = this\n      root.a = wrong") == lines{"f(5,24) bad mapping"});
    // Folded text is not moved down a line, as recorded.
    CHECK(processor_lints("mapping: >\n      root = wrong") == lines{"f(3,22) bad mapping"});
    CHECK(processor_lints("sleep: {duration: \"${! wrong }\"}") == lines{"f(3,28) bad text"});
    CHECK(processor_lints("log: {fields: {a: wrong}}") == lines{"f(3,24) bad text"});
    CHECK(processor_lints("mapping: \"\"").empty());
    CHECK(lints("metrics: {none: {}, mapping: wrong}") == lines{"f(1,31) bad mapping"});
}

TEST_CASE("lint: components inside components", "[config][lint]")
{
    CHECK(processor_lints("try: [{a: b}, {log: {}, c: d}]")
        == lines{"f(3,1) unable to infer component type: a", "f(3,1) field c is invalid when the component type is log (processor)"});
    CHECK(processor_lints("try: [{mapping: root = 1, log: {}}]") == lines{"f(3,1) unable to infer component type: [mapping log]"});
    CHECK(processor_lints("try: [{}, 5, null]").empty());
    CHECK(processor_lints("try: [{type: nope}]") == lines{"f(3,1) failed to obtain docs for processor type nope"});
    CHECK(processor_lints("try: [{maping: x}]") == lines{"f(3,1) unable to infer component type: maping\n    did you mean `mapping`?"});
    CHECK(processor_lints("switch: [{foo: 1}, 5]") == lines{"f(3,1) field foo not recognised", "f(3,1) expected object value, got !!int"});
    CHECK(processor_lints("workflow: {branches: {a: {bogus: 1}, b: 5}}") == lines{"f(3,1) field bogus not recognised", "f(3,1) expected object value, got !!int"});
    CHECK(lints("input: {stdin: {scanner: {nope: {}}}}") == lines{"f(1,1) unable to infer component type: nope"});
}

TEST_CASE("lint: plugin, meta and processors beside the type", "[config][lint]")
{
    CHECK(processor_lints("{log: {}, plugin: {a: b}}") == lines{"f(3,1) plugin object is ineffective"});
    CHECK(processor_lints("{type: log, plugin: {a: b}}") == lines{"f(3,1) field a not recognised"});
    CHECK(processor_lints("{log: {}, meta: 5}") == lines{"f(3,1) expected object value, got !!int"});
    CHECK(lints("input: {stdin: {}, processors: foo}") == lines{"f(1,1) field processors is empty and can be removed", "f(1,1) expected array value"});
    CHECK(lints("input: {stdin: {}, foo: 1}") == lines{"f(1,1) field foo is invalid when the component type is stdin (input)"});
    CHECK(processor_lints("{log: {}, lable: x}")
        == lines{"f(3,1) field lable is invalid when the component type is log (processor)\n    did you mean `label`?"});
    CHECK(processor_lints("{log: {}, labels: x}")
        == lines{"f(3,1) field labels is invalid when the component type is log (processor)\n    did you mean `label`?"});
    CHECK(lints("buffer: {none: {}, label: x}") == lines{"f(1,1) field label is invalid when the component type is none (buffer)"});
}

TEST_CASE("lint: labels", "[config][lint]")
{
    CHECK(processor_lints("{log: {}, label: Foo}")
        == lines{"f(3,1) invalid label 'Foo': should match the regular expression /^[a-z0-9_\\-]+$/ and must not start with an underscore"});
    CHECK(processor_lints("{log: {}, label: _a}").size() == 1);
    CHECK(processor_lints("{log: {}, label: a-b_9}").empty());
    CHECK(processor_lints("{log: {}, label: a}\n  - {log: {}, label: a}") == lines{"f(4,1) label 'a' collides with a previously defined label at line 3"});
    CHECK(processor_lints("{resource: foo, label: a}") == lines{"f(3,1) label field should be omitted when pointing to a resource"});
    CHECK(processor_lints("{log: {}, label: [a]}") == lines{"f(3,1) expected string value"});
    CHECK(lints("rate_limit_resources:\n  - local: {}\n  - {label: \"\", local: {}}\n  - {label: rl, local: {}}\n")
        == lines{"f(2,1) the label field for resources must be unique and not empty", "f(3,1) the label field for resources must be unique and not empty"});
    config::lint_options required;
    required.labels_required = true;
    CHECK(lints("input:\n  stdin: {}\npipeline:\n  processors:\n    - log: {}\n    - resource: x\noutput:\n  label: x\n  stdout: {}\n", required)
        == lines{"f(2,1) label is required for stdin", "f(5,1) label is required for log"});
}

TEST_CASE("lint: deprecated fields only when asked for, of a map and of each entry", "[config][lint]")
{
    CHECK(processor_lints("log: {fields: {a: b}}").empty());
    config::lint_options strict;
    strict.deprecated = true;
    CHECK(processor_lints("log: {fields: {a: b}}", strict) == lines{"f(3,1) field fields is deprecated", "f(3,1) field fields is deprecated"});
}

TEST_CASE("lint: rules of single components", "[config][lint]")
{
    CHECK(lints("output: {switch: {retry_until_success: true, cases: [{output: {reject: x}}]}}").size() == 1);
    CHECK(lints("output: {switch: {retry_until_success: false, cases: [{output: {reject: x}}]}}").empty());
    CHECK(processor_lints("http: {url: x, oauth2: {endpoint_params: {a: b, c: [d, 5]}}}")
        == lines{"f(3,1) field must be an object containing arrays of strings, got \"b\" (string)", "f(3,1) field values must be strings, got 5 (number)"});
    const auto found = lints("error_handling: {strict: true}\npipeline:\n  processors:\n  - catch: []\n  - try:\n    - {label: x, catch: []}\n");
    REQUIRE(found.size() == 2);
    CHECK(found[0].starts_with("f(4,1) a `catch` processor does not recover messages while `error_handling.strict` is enabled"));
    CHECK(found[1].starts_with("f(6,1) "));
}

TEST_CASE("lint: a try that never runs is advice, not a lint", "[config][lint]")
{
    // Benthos 4.78 and Bento 1.20 have the rule in their sources; neither applies it.
    CHECK(processor_lints("catch: [{log: {}}, {try: []}]").empty());
    config::lint_options verbose;
    verbose.advice = true;
    const lines found = processor_lints("catch: [{log: {}}, {try: []}]", verbose);
    REQUIRE(found.size() == 1);
    CHECK(found[0].starts_with("f(3,1) advice: 'catch' block contains a 'try' block which will never execute"));
    CHECK(processor_lints("catch: [{for_each: [{try: []}]}]", verbose).empty());
}

TEST_CASE("lint: what stops the original from reading is shown alone", "[config][lint]")
{
    CHECK(lints("foo: 1\npipeline:\n  threads: two\n")
        == lines{"f(1,1) field 'pipeline': field 'threads': yaml: unmarshal errors:\n  line 3: cannot unmarshal !!str `two` into int"});
    CHECK(processor_lints("does_not_exist: {}\n  - {log: {}, bogus: 2}") == lines{"f(3,1) unable to infer processor type from candidates: [does_not_exist]"});
    CHECK(processor_lints("aws_lamda: {}") == lines{"f(3,1) unable to infer processor type from candidates: [aws_lamda]\n    did you mean `aws_lambda`?"});
    CHECK(lints("output: {bar: {}}\ninput: {foo: {}}\n") == lines{"f(2,1) unable to infer input type from candidates: [foo]"});
    CHECK(lints("input: {stdin: {}, processors: [{}]}") == lines{"f(1,1) an explicit processor type must be specified"});
    CHECK(lints("input:\n") == lines{"f(1,1) invalid type !!null, expected object"});
    CHECK(lints("cache_resources:\n  - bogus: {}\n") == lines{"f(2,1) unable to infer cache type from candidates: [bogus]"});
    CHECK(lints("a: [\n") == lines{"f(1,1) yaml: line 1: did not find expected node content\n    at line 2, column 1"});
    CHECK(lints("a: ${SET|nope}\n") == lines{"f(1,1) unknown env var decode function: nope"});
}

TEST_CASE("lint: variables that are not set", "[config][lint]")
{
    const std::string text = "shutdown_timeout: ${U}\nshutdown_delay: ${SET}${V:1s}\n# ${T}\n";
    CHECK(lints(text) == lines{"f(1,1) required environment variables were not set: [U T]"});
    config::lint_options skip;
    skip.skip_env_var_check = true;
    CHECK(lints(text, skip).empty());
}

TEST_CASE("lint: a file may ask not to be linted, but must be readable", "[config][lint]")
{
    CHECK(lints("# BENTHOS LINT DISABLE\nfoo: bar\n").empty());
    CHECK(lints("# BENTHOS LINT DISABLE\nfoo: ${U}\n").size() == 1);
    CHECK(lints("# BENTHOS LINT DISABLE\npipeline: {threads: two}\n").size() == 1);
}

TEST_CASE("lint: merged aliases and aliased components are looked into", "[config][lint]")
{
    CHECK(lints("input:\n  generate: &x\n    mapping: root = 1\noutput:\n  file:\n    <<: *x\n    path: y\n") == lines{"f(3,1) field mapping not recognised"});
    CHECK(lints("pipeline:\n  processors:\n    - &p\n      mapping: wrong\n    - *p\n") == lines{"f(4,17) bad mapping", "f(4,17) bad mapping"});
    CHECK(lints("input:\n  generate:\n    <<: {mapping: root = 1}\n") == lines{"f(3,1) field << not recognised", "f(3,1) field mapping is required"});
}

TEST_CASE("lint: a near name is suggested, a far one not", "[config][lint]")
{
    const std::vector<std::string> names{"retries", "timeout", "address"};
    CHECK(config::nearest_name("retrys", names) == "retries");
    CHECK(config::nearest_name("addr", names) == "address");
    CHECK(config::nearest_name("timeuot", names) == "timeout");
    CHECK(config::nearest_name("timeout", names).empty());
    CHECK(config::nearest_name("bogus", names).empty());
    CHECK(config::nearest_name("a", names).empty());
    CHECK(config::nearest_name(std::string(1000, 'a'), names).empty());
}
