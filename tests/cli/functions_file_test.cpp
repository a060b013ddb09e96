#include <lambent/cli/functions_file.hpp>

#include <support/catch.hpp>

#include <string>

using namespace lambent;
using namespace lambent::cli;
using namespace std::chrono_literals;

namespace {

class still_world final : public bloblang::environment
{
public:
    core::wall_time now() const override { return core::wall_time(std::chrono::seconds(1795348800)); }
    std::uint64_t random() const override { return 4; }
};

const still_world world;

emulator::account_options read(std::string_view text)
{
    auto account = read_functions(text, "f.yaml", world);
    INFO((account ? std::string() : account.error().text()));
    REQUIRE(account);
    return std::move(*account);
}

std::string flaw_of(std::string_view text)
{
    const auto account = read_functions(text, "f.yaml", world);
    INFO(text);
    REQUIRE_FALSE(account);
    return account.error().text();
}

emulator::function_reply call(const emulator::account_options& account, const std::string& name, std::string_view payload = "{}")
{
    const auto found = account.functions.find(name);
    REQUIRE(found != account.functions.end());
    emulator::function_call given;
    given.function = name;
    given.version = "$LATEST";
    given.request_id = "the-id";
    given.payload = payload;
    return found->second.body->call(given);
}

} // namespace

TEST_CASE("functions file: everything in it is read", "[cli][functions]")
{
    const auto account = read(R"(
keys: [{id: AKIDEXAMPLE, secret: the-secret, token: ""}, {id: B, secret: c, token: t, expired: true}]
region: eu-west-1
account: "123456789012"
concurrency: 70
seed: 18446744073709551615
functions:
  trigger_user_update:
    mapping: 'root.ok = true'
  foo:
    mapping: |
      root = if this.doc.id % 10 == 0 { throw("bad id") } else { {"seen": this.doc.id} }
    latency: {kind: normal, mean: 12ms, stddev: 3ms}
    concurrency: 50
    timeout: 1m30s
    versions: [1, 2]
    aliases: {prod: 2, dev: $LATEST}
    faults: {throttle: 0.02, service_500: 0.01, bad_gateway_502: 0, reset_before: 0, reset_after: 0.001, truncate: 1e-3, slow_body: 0, hang: 0}
  fixed: {reply: '{"statusCode":200}'}
  slow: {latency: {kind: lognormal, median: 10ms, p99: 80ms}}
  echo:
)");
    REQUIRE(account.keys.size() == 2);
    CHECK(account.keys[0].secret == "the-secret");
    CHECK(account.keys[0].token.empty());
    CHECK(account.keys[1].expired);
    CHECK(account.region == "eu-west-1");
    CHECK(account.concurrency == 70);
    CHECK(account.seed == 18446744073709551615U);
    REQUIRE(account.functions.size() == 5);
    const auto& foo = account.functions.at("foo");
    CHECK(foo.latency.kind == emulator::latency_shape::distribution::normal);
    CHECK(foo.latency.mean == 12ms);
    CHECK(foo.latency.stddev == 3ms);
    CHECK(foo.reserved_concurrency == 50U);
    CHECK(foo.timeout == 90s);
    CHECK(foo.faults.throttle == 0.02);
    CHECK(foo.faults.reset_after == 0.001);
    CHECK(foo.faults.truncate == 0.001);
    CHECK(emulator::executed_version(foo.versions, "prod") == "2");
    CHECK(emulator::executed_version(foo.versions, "dev") == "$LATEST");
    CHECK_FALSE(emulator::executed_version(foo.versions, "3"));
    CHECK(account.functions.at("slow").latency.kind == emulator::latency_shape::distribution::lognormal);
    CHECK(account.functions.at("slow").latency.p99 == 80ms);
    CHECK(account.functions.at("fixed").timeout == 3s);
    CHECK_FALSE(account.functions.at("fixed").reserved_concurrency);
}

TEST_CASE("functions file: what is left out is the example key, any region, and an echo", "[cli][functions]")
{
    for (const char* text : {"", "# nothing\n", "{}", "concurrency: 5\n"}) {
        INFO(text);
        const auto account = read(text);
        REQUIRE(account.keys.size() == 1);
        CHECK(account.keys[0].id == "AKIDEXAMPLE");
        CHECK(account.keys[0].secret == "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        CHECK(account.region.empty());
        CHECK(call(account, "echo", "[1]").payload == "[1]");
    }
    CHECK(read("functions: {}").functions.empty());
}

TEST_CASE("functions file: a mapping answers as JSON, throws as a function error, and is null where it says nothing", "[cli][functions]")
{
    const auto account = read(R"(
functions:
  seen: {mapping: 'root = {"seen": this.id, "by": meta("function_name"), "request": meta("aws_request_id")}'}
  throws: {mapping: 'root = throw("bad \"id\"")'}
  fails: {mapping: 'root = this.a + 1'}
  text: {mapping: 'root = "a text"'}
  nothing: {mapping: 'let x = 1'}
  deleted: {mapping: 'root = deleted()'}
  fixed: {reply: 'not json'}
)");
    CHECK(call(account, "seen", R"({"id":7})").payload == R"({"by":"seen","request":"the-id","seen":7})");
    CHECK_FALSE(call(account, "seen", "{}").function_error);
    const auto thrown = call(account, "throws");
    CHECK(thrown.function_error == "Unhandled");
    CHECK(thrown.payload == R"({"errorMessage":"bad \"id\"","errorType":"Error"})");
    const auto failed = call(account, "fails", R"({"a":"x"})");
    CHECK(failed.function_error == "Unhandled");
    CHECK(failed.payload.find("cannot add types string") != std::string::npos);
    CHECK(call(account, "text").payload == "\"a text\"");
    CHECK(call(account, "nothing").payload == "null");
    CHECK(call(account, "deleted").payload == "null");
    CHECK(call(account, "fixed").payload == "not json");
}

TEST_CASE("functions file: each flaw is told once, with its place and what would be right", "[cli][functions]")
{
    struct sample
    {
        const char* text;
        const char* flaw;
    };
    const sample samples[] = {
        {"hello", "f.yaml(1,1) a functions file is a map: keys, region, account, concurrency, seed, functions"},
        {"function: {}", "f.yaml(1,1) unknown field 'function'; there are keys, region, account, concurrency, seed, functions"},
        {"functions: [a]", "f.yaml(1,12) field 'functions' must be a map of names to functions"},
        {"functions:\n  foo: {latncy: 5ms}", "f.yaml(2,9) function 'foo': unknown field 'latncy'; there are mapping, reply, latency"},
        {"functions:\n  foo: 5", "f.yaml(2,8) function 'foo': must be a map of fields"},
        {"functions:\n  'a b': {}", "f.yaml(2,3) function 'a b': a name is made of letters"},
        {"functions:\n  foo: {mapping: 'root = 1', reply: x}", "f.yaml(2,30) function 'foo': fields 'mapping' and 'reply' exclude each other"},
        {"functions:\n  foo: {mapping: [1]}", "f.yaml(2,18) function 'foo': field 'mapping' must be a text, got a list"},
        {"functions:\n  foo: {timeout: 3}", "f.yaml(2,18) function 'foo': field 'timeout': time: missing unit in duration"},
        {"functions:\n  foo: {timeout: 0s}", "f.yaml(2,18) function 'foo': field 'timeout' must be longer than nothing"},
        {"functions:\n  foo: {timeout: -1s}", "f.yaml(2,18) function 'foo': field 'timeout' must not be negative"},
        {"functions:\n  foo: {concurrency: -1}", "f.yaml(2,22) function 'foo': field 'concurrency' must be a whole number, not negative, got `-1`"},
        {"functions:\n  foo: {latency: {kind: uniform}}", "f.yaml(2,25) function 'foo': latency: field 'kind' must be fixed, normal or lognormal, got `uniform`"},
        {"functions:\n  foo: {latency: {kind: normal}}", "f.yaml(2,18) function 'foo': latency: field 'mean' is required for kind normal"},
        {"functions:\n  foo: {latency: {kind: lognormal, median: 5ms}}", "f.yaml(2,18) function 'foo': latency: kind lognormal needs 'median' and 'p99'"},
        {"functions:\n  foo: {latency: {mean: 5ms, p99: 7ms}}", "f.yaml(2,30) function 'foo': latency: unknown field 'p99'"},
        {"functions:\n  foo: {faults: {hang: 1.5}}", "f.yaml(2,24) function 'foo': faults: a fault's probability must lie between 0 and 1"},
        {"functions:\n  foo: {faults: {hang: .nan}}", "f.yaml(2,24) function 'foo': faults: field 'hang' must be a number, got `.nan`"},
        {"functions:\n  foo: {faults: {hang: 0.6, truncate: 0.6}}", "f.yaml(2,17) function 'foo': faults: the probabilities of all faults together"},
        {"functions:\n  foo: {faults: {explode: 1}}", "f.yaml(2,18) function 'foo': faults: unknown field 'explode'"},
        {"functions:\n  foo: {aliases: {prod: 3}, versions: [1]}", "f.yaml(2,25) function 'foo': alias 'prod' must name one of"},
        {"concurrency: many", "f.yaml(1,14) field 'concurrency' must be a whole number, not negative, got `many`"},
        {"account: 12", "f.yaml(1,10) field 'account' must be twelve digits, got `12`"},
        {"keys: {id: a}", "f.yaml(1,7) field 'keys' must be a list"},
        {"keys: [{id: a}]", "f.yaml(1,8) key 1: fields 'id' and 'secret' are required"},
        {"keys: [{id: a, secret: b, expired: perhaps}]", "f.yaml(1,36) key 1: field 'expired' must be true or false, got `perhaps`"},
        {"functions: [", "f.yaml("},
    };
    for (const auto& s : samples) {
        const std::string told = flaw_of(s.text);
        INFO(s.flaw << "\n" << told);
        CHECK(told.starts_with(s.flaw));
        CHECK(told.find('\n') == std::string::npos);
    }
}

TEST_CASE("functions file: a flaw in a mapping is told with its place in the file", "[cli][functions]")
{
    CHECK(flaw_of("functions:\n  foo:\n    mapping: |\n      root.a = nope()\n      root.b = 1\n")
              .starts_with("f.yaml(4,22) function 'foo': field 'mapping': unrecognised function 'nope'"));
    CHECK(flaw_of("functions:\n  foo:\n    mapping: |\n\n      root.a = this.a\n      root.b = nope()\n").starts_with("f.yaml(6,"));
    CHECK(flaw_of("functions:\n  foo:\n    mapping: |\n      root = \"a\" \"b\"\n").starts_with("f.yaml(4,18) function 'foo': field 'mapping': expected line break"));
    CHECK(flaw_of("functions:\n  foo: {mapping: 'root = \"a\" \"b\"'}\n").starts_with("f.yaml(2,30) function 'foo': field 'mapping': expected line break"));
    CHECK(flaw_of("functions:\n  foo:\n    mapping: root = \"a\" \"b\"\n").starts_with("f.yaml(3,25) function 'foo': field 'mapping': expected line break"));
}
