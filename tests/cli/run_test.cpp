// `lambent run` as a user sees it: exit code, stdout, stderr.

#include <support/catch.hpp>
#include <support/child_process.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdlib.h>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

class folder
{
public:
    folder()
    {
        std::string pattern = (fs::temp_directory_path() / "lambent_run.XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    ~folder()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    const fs::path& path() const { return path_; }
    std::string read(const std::string& name) const
    {
        std::ifstream file(path_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name, std::ios::binary) << text; }

private:
    fs::path path_;
};

struct ended
{
    int exit = -1;
    std::string out;
    std::string err;
};

lambent::support::child_options shell(const folder& in, const std::string& command)
{
    lambent::support::child_options options;
    options.arguments = {"/bin/sh", "-c", command};
    options.directory = in.path().string();
    options.environment = {{"TZ", "UTC"}, {"lambent", LAMBENT_BIN_DIR "/lambent"}, {"AWS_ACCESS_KEY_ID", "x"}};
    options.life = 60s;
    return options;
}

/// Runs a shell command in which $lambent is the program.
ended run(const folder& in, const std::string& command)
{
    lambent::support::child_process process(shell(in, "{ " + command + "\n} >.out 2>.err"));
    ended result;
    result.exit = process.wait(50s);
    result.out = in.read(".out");
    result.err = in.read(".err");
    return result;
}

/// The same with a config of its own.
ended run_config(const std::string& yaml, const std::string& arguments = "", const std::string& input = "")
{
    const folder here;
    here.write("c.yaml", yaml);
    here.write("in", input);
    return run(here, "$lambent run " + arguments + " c.yaml <in");
}

constexpr const char* quiet = "http: {enabled: false}\nlogger: {level: \"OFF\"}\n";

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::size_t count_lines(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

std::uint64_t summary_number(const std::string& err, const std::string& key)
{
    const std::size_t at = err.find("\"" + key + "\":");
    INFO(err);
    REQUIRE(at != std::string::npos);
    return std::stoull(err.substr(at + key.size() + 3));
}

} // namespace

TEST_CASE("run: lines from stdin through a mapping to stdout, in order", "[cli][run]")
{
    const ended result = run_config(std::string(quiet) + "pipeline:\n  threads: 1\n  processors:\n    - mapping: 'root = content().uppercase()'\n", "", "a\nb\r\n\nlast");
    CHECK(result.exit == 0);
    CHECK(result.out == "A\nB\n\nLAST\n");
    CHECK(result.err.empty());
}

TEST_CASE("run: without input and output it is a pipe, and logs go to stderr", "[cli][run]")
{
    const ended result = run_config("http: {enabled: false}\n", "", "x\n");
    CHECK(result.exit == 0);
    CHECK(result.out == "x\n");
    CHECK(contains(result.err, "level=info msg=\"Running main config from specified file\" @service=lambent lambent_version="));
    CHECK(contains(result.err, "msg=\"Launching a lambent instance, use CTRL+C to close\""));
    CHECK(contains(result.err, "msg=\"Input type stdin is now active\" @service=lambent label=\"\" path=root.input"));
    CHECK(contains(result.err, "msg=\"Output type stdout is now active\" @service=lambent label=\"\" path=root.output"));
    CHECK(contains(result.err, "msg=\"Pipeline has terminated. Shutting down the service\""));
}

TEST_CASE("run: logs go to stdout where messages do not", "[cli][run]")
{
    const ended result = run_config("http: {enabled: false}\nlogger: {format: json}\noutput: {drop: {}}\n", "", "x\n");
    CHECK(result.exit == 0);
    CHECK(contains(result.out, "\"msg\":\"Input type stdin is now active\""));
    CHECK(result.err.empty());
}

TEST_CASE("run: -c, --set, -r and variables make the configuration", "[cli][run]")
{
    const folder here;
    here.write("c.yaml", std::string(quiet) + "output: {resource: '${WHERE:there}'}\n");
    here.write("r/one.yaml", "");
    fs::create_directory(here.path() / "r");
    here.write("r/one.yaml", "output_resources: [{label: there, file: {path: out}}]\n");
    here.write("r/two.yaml", "output_resources: [{label: other, file: {path: other}}]\n");
    CHECK(run(here, "echo a | $lambent -c c.yaml -r 'r/*.yaml'").exit == 0);
    CHECK(here.read("out") == "a\n");
    CHECK(run(here, "echo b | WHERE=other $lambent run -r r/two.yaml c.yaml").exit == 0);
    CHECK(here.read("other") == "b\n");
    CHECK(run(here, "echo c | $lambent run -r r/one.yaml -s 'output.file.path=set' -s output.file.codec=append c.yaml; true").exit == 0);
    CHECK(run(here, "$lambent run -s 'input.generate.mapping=root = \"made\"' -s input.generate.count=2 -s 'input.generate.interval=' -s http.enabled=false -s logger.level=off").out ==
          "made\nmade\n");
}

TEST_CASE("run: what is wrong with a configuration is one clear message with its place, exit 1", "[cli][run]")
{
    struct wrong
    {
        const char* yaml;
        const char* said;
    };
    const std::vector<wrong> all = {
        {"pipeline: [\n", "c.yaml(1,1) yaml: line 1: did not find expected node content"},
        {"input: {stdin: {}}\npipelin: {}\n", "c.yaml(2,1) field pipelin not recognised"},
        {"pipeline:\n  processors:\n    - aws_lambda: {parallel: true}\n", "c.yaml(3,1) field function is required"},
        {"pipeline:\n  threads: lots\n", "cannot unmarshal !!str `lots` into int"},
        {"pipeline:\n  processors:\n    - mapping: 'root = nope()'\n", "unrecognised function 'nope'"},
        {"pipeline:\n  processors:\n    - resource: nobody\n", "processor resource 'nobody' was not found"},
        {"output:\n  resource: nobody\n", "service closing due to: failed to init output <no label> path root.output: output resource 'nobody' was not found"},
        {"input:\n  file:\n    paths: [nothing.txt]\n", "open nothing.txt: no such file or directory"},
        {"input: {bogus: {}}\n", "unable to infer input type from candidates: [bogus]"},
        {"input: {file: {paths: ['${NOT_SET_ANYWHERE}']}}\n", "required environment variables were not set: [NOT_SET_ANYWHERE]"},
        {"rate_limit_resources: [{label: a, local: {count: 0}}]\n", "failed to initialise resources: failed to init rate_limit 'a' path root.rate_limit_resources: count must be larger than zero"},
        {"buffer: {memory: {}}\n", "c.yaml(1,1) field 'buffer': 'memory' is not available in lambent yet"},
    };
    for (const wrong& one : all) {
        INFO(one.yaml);
        const ended result = run_config(one.yaml);
        CHECK(result.exit == 1);
        INFO(result.err);
        CHECK(contains(result.err, one.said));
        CHECK(result.err.size() < 1200);
    }
    CHECK(run_config("output:\n  switch:\n    cases:\n      - output: {drop: {}}\n      - output: {resource: nobody}\n").err.find("at c.yaml(") != std::string::npos);
}

TEST_CASE("run: a file that is missing is named, exit 1", "[cli][run]")
{
    const folder here;
    const ended result = run(here, "$lambent run missing.yaml");
    CHECK(result.exit == 1);
    CHECK(result.err == "configuration file read error: missing.yaml: open missing.yaml: no such file or directory\n");
    CHECK(run(here, "$lambent run a.yaml b.yaml").err == "a maximum of one config must be specified with the run command\n");
    CHECK(run(here, "$lambent run --nonsense").exit == 1);
}

TEST_CASE("run: lints stop the start, and with --chilled they do not", "[cli][run]")
{
    const std::string yaml = "http: {enabled: false}\nunknown: 1\n";
    const ended strict = run_config(yaml, "", "x\n");
    CHECK(strict.exit == 1);
    CHECK(strict.out.empty());
    CHECK(contains(strict.err, "level=error msg=\"Config lint error\" @service=lambent lint=\"c.yaml(2,1) field unknown not recognised\""));
    const ended chilled = run_config(yaml, "--chilled", "x\n");
    CHECK(chilled.exit == 0);
    CHECK(chilled.out == "x\n");
    CHECK(contains(chilled.err, "level=warning msg=\"Config lint error\""));
}

TEST_CASE("run: bad messages are flagged and delivered, nothing is lost", "[cli][run]")
{
    const ended result = run_config(std::string(quiet) + "pipeline:\n  threads: 1\n  processors:\n    - mapping: 'root.id = this.id'\n    - mapping: |\n"
                                                         "        root = if errored() { \"failed: \" + error() } else { this }\n",
        "", "{\"id\":1}\nnot JSON\n\n{\"id\":2}\n");
    CHECK(result.exit == 0);
    CHECK(count_lines(result.out) == 4);
    CHECK(contains(result.out, "{\"id\":1}\nfailed: "));
    CHECK(contains(result.out, "{\"id\":2}\n"));
}

TEST_CASE("run: a line longer than the buffer ends the stream with its reason, after what came before", "[cli][run]")
{
    const ended result = run_config("http: {enabled: false}\ninput: {stdin: {scanner: {lines: {max_buffer_size: 8}}}}\n", "", "short\nmuch too long\n");
    CHECK(result.exit == 1);
    CHECK(result.out == "short\n");
    CHECK(contains(result.err, "Failed to read message: bufio.Scanner: token too long"));
}

TEST_CASE("run: rejected messages are counted, logged and kept aside; the run is clean", "[cli][run]")
{
    const folder here;
    here.write("c.yaml", "http: {enabled: false}\ninput: {stdin: {auto_replay_nacks: false}}\noutput: {reject: 'no ${! content() }'}\n");
    const ended result = run(here, "printf 'a\\nb\\n' | $lambent run --summary=json --rejected rejected c.yaml");
    CHECK(result.exit == 0);
    CHECK(here.read("rejected") == "{\"content\":\"a\",\"error\":\"no a\"}\n{\"content\":\"b\",\"error\":\"no b\"}\n");
    CHECK(summary_number(result.err, "messages_in") == 2);
    CHECK(summary_number(result.err, "rejected") == 2);
    CHECK(summary_number(result.err, "delivered") == 0);
}

TEST_CASE("run: output batching delivers the tail of a finite input", "[cli][run]")
{
    const ended result = run_config(std::string(quiet) + "output: {broker: {outputs: [{stdout: {}}], batching: {count: 2}}}\n", "", "1\n2\n3\n");
    CHECK(result.exit == 0);
    CHECK(count_lines(result.out) == 3);
}

TEST_CASE("run: SIGTERM delivers what was read and exits 0", "[cli][run]")
{
    const folder here;
    here.write("c.yaml", "http: {enabled: false}\ninput: {generate: {mapping: 'root = count(\"drain\")', interval: 1ms}}\npipeline: {threads: 8, processors: [{sleep: {duration: 50ms}}]}\n"
                         "output: {file: {path: out}}\n");
    lambent::support::child_options options = shell(here, "exec $lambent run --summary=json c.yaml 2>.err");
    options.read_output = true;
    lambent::support::child_process process(options);
    while (!contains(process.line(), "Output type file is now active")) {}
    while (count_lines(here.read("out")) < 20)
        ;
    process.signal(SIGTERM);
    CHECK(process.wait(30s) == 0);
    const std::string err = here.read(".err");
    CHECK(summary_number(err, "messages_in") == count_lines(here.read("out")));
    CHECK(summary_number(err, "undelivered") == 0);
}

TEST_CASE("run: what cannot be delivered within the shutdown's time is given up, and the exit code says so", "[cli][run]")
{
    const folder here;
    here.write("c.yaml", "http: {enabled: false}\nshutdown_timeout: 400ms\ninput: {generate: {mapping: 'root = 1', interval: 10ms}}\noutput: {reject: never}\n");
    lambent::support::child_options options = shell(here, "exec $lambent run --summary=json c.yaml 2>.err");
    options.read_output = true;
    lambent::support::child_process process(options);
    while (!contains(process.line(), "Output type reject is now active")) {}
    process.signal(SIGINT);
    while (!contains(process.line(), "Some components prevented forced termination")) {}
    CHECK(process.wait(30s) == 1);
    const std::string err = here.read(".err");
    CHECK(summary_number(err, "messages_in") == summary_number(err, "undelivered"));
}

TEST_CASE("run: a second signal ends at once", "[cli][run]")
{
    const folder here;
    here.write("c.yaml", "http: {enabled: false}\nshutdown_timeout: 1h\ninput: {generate: {mapping: 'root = 1', interval: ''}}\npipeline: {threads: 2, processors: [{sleep: {duration: 1h}}]}\noutput: {drop: {}}\n");
    lambent::support::child_options options = shell(here, "exec $lambent run c.yaml 2>.err");
    options.read_output = true;
    lambent::support::child_process process(options);
    while (!contains(process.line(), "Output type drop is now active")) {}
    process.signal(SIGTERM);
    while (!contains(process.line(), "Received SIGTERM, the service is closing")) {}
    process.signal(SIGTERM);
    CHECK(process.wait(30s) == 1);
}

TEST_CASE("run: a reader that goes away ends the stream, exit 1", "[cli][run]")
{
    const folder here;
    here.write("c.yaml", std::string(quiet) + "input: {generate: {mapping: 'root = \"x\"', interval: ''}}\n");
    const ended result = run(here, "{ $lambent run c.yaml; echo $? >code; } | head -n 2");
    CHECK(result.out == "x\nx\n");
    CHECK(here.read("code") == "1\n");
}

TEST_CASE("run: the service endpoints answer, under the root path too", "[cli][run]")
{
    const folder here;
    here.write("c.yaml", "http: {address: '127.0.0.1:0'}\ninput: {label: gen, generate: {mapping: 'root = 1', interval: 1h}}\noutput: {drop: {}}\n");
    lambent::support::child_options options = shell(here, "exec $lambent run c.yaml 2>.err");
    options.read_output = true;
    lambent::support::child_process process(options);
    std::string line;
    while (!contains(line, "Listening for HTTP requests at: "))
        line = process.line();
    const std::string begin = line.substr(line.find("http://"));
    const std::string url = begin.substr(0, begin.find('"'));
    while (!contains(process.line(), "Output type drop is now active")) {}
    const auto get = [&](const std::string& path) {
        return run(here, "python3 -c 'import sys,urllib.request,urllib.error\ntry: r=urllib.request.urlopen(sys.argv[1])\nexcept urllib.error.HTTPError as e: r=e\nprint(r.status,r.headers[\"Content-Type\"],r.read().decode())' " + url + path).out;
    };
    CHECK(get("/ping") == "200 text/plain; charset=utf-8 pong\n");
    CHECK(get("/benthos/ping") == "200 text/plain; charset=utf-8 pong\n");
    CHECK(get("/ready") == "200 application/json {\"statuses\":[{\"label\":\"gen\",\"path\":\"input\",\"connected\":true},{\"label\":\"\",\"path\":\"output\",\"connected\":true}]}\n\n");
    CHECK(contains(get("/version"), "200 application/json {\"version\":\""));
    CHECK(contains(get("/endpoints"), "\"/ready\""));
    CHECK(get("/nothing") == "404 text/plain; charset=utf-8 404 page not found\n\n");
    process.signal(SIGTERM);
    CHECK(process.wait(30s) == 0);
}

TEST_CASE("run: a port that is taken is logged, and the stream runs", "[cli][run]")
{
    const folder here;
    here.write("c.yaml", "http: {address: '256.0.0.1:4195'}\n");
    const ended result = run(here, "echo x | $lambent run c.yaml");
    CHECK(result.exit == 0);
    CHECK(result.out == "x\n");
    CHECK(contains(result.err, "level=error msg=\"HTTP Server error: "));
}

namespace {

/// A documented config as it is written, against an emulated Lambda; rejected messages end in the file `rejected`.
ended run_documented(const folder& here, const std::string& config, const std::string& functions, const std::string& more = "")
{
    here.write("functions.yaml", functions);
    here.write("resources.yaml", "output_resources: [{label: somewhere_else, file: {path: delivered}}]\n");
    return run(here, "$lambent run --emulate functions.yaml --summary=json --rejected rejected -r resources.yaml -s http.enabled=false -s logger.level=off "
                     "-s input.stdin.auto_replay_nacks=false -s pipeline.threads=1 " + more + " " LAMBENT_SOURCE_DIR "/examples/pipelines/" + config + " <in");
}

const std::string documents = "{\"doc\":{\"id\":1},\"user\":{\"name\":\"ann\"}}\n{\"doc\":{\"id\":2},\"user\":{\"name\":\"bob\"}}\nnot JSON\n";

} // namespace

TEST_CASE("run: the documented request map sends what it says and leaves the messages alone", "[cli][run][lambda]")
{
    const folder here;
    here.write("in", documents);
    const ended result = run_documented(here, "trigger_user_update.yaml",
        "functions:\n  trigger_user_update:\n    mapping: 'root = if this.keys().sort() == [\"id\",\"username\"] { {\"ok\":true} } else { throw(\"unexpected\") }'\n",
        "-s output.resource=somewhere_else");
    CHECK(result.exit == 0);
    CHECK(here.read("delivered") == documents);
    CHECK(summary_number(result.err, "invocations") == 2);
    CHECK(summary_number(result.err, "function_errors") == 0);
    CHECK(summary_number(result.err, "delivered") == 3);
}

TEST_CASE("run: the documented error handling tells success, function errors and failures apart", "[cli][run][lambda]")
{
    const folder here;
    here.write("in", documents);
    const ended result = run_documented(here, "error_handling.yaml",
        "functions:\n  foo:\n    mapping: 'root = if this.doc.id == 2 { throw(\"bad id\") } else { {\"seen\":this.doc.id} }'\n");
    CHECK(result.exit == 0);
    CHECK(here.read("delivered") == "{\"seen\":1}\n");
    const std::string rejected = here.read("rejected");
    CHECK(count_lines(rejected) == 2);
    CHECK(contains(rejected, "{\"content\":\"{\\\"doc\\\":{\\\"id\\\":2},\\\"user\\\":{\\\"name\\\":\\\"bob\\\"}}\",\"error\":"
                             "\"result mapping failed: failed assignment (line 1): Invocation failed due to Error: bad id\"}"));
    CHECK(summary_number(result.err, "invocations") == 3);
    CHECK(summary_number(result.err, "attempts") == 3);
    CHECK(summary_number(result.err, "rejected") == 2);
}

TEST_CASE("run: a function that does not exist is asked for once, and the message is rejected with AWS's words", "[cli][run][lambda]")
{
    const folder here;
    here.write("in", "{\"id\":1}\n");
    const ended result = run_documented(here, "error_handling.yaml", "functions: {other: {reply: '{}'}}\n");
    CHECK(result.exit == 0);
    CHECK(contains(here.read("rejected"), "processors failed: operation error Lambda: Invoke, https response error StatusCode: 404, RequestID: "));
    CHECK(contains(here.read("rejected"), "ResourceNotFoundException: "));
    CHECK(summary_number(result.err, "attempts") == 1);
}

TEST_CASE("run: throttling and time-outs are retried, and end with their words", "[cli][run][lambda]")
{
    const folder here;
    here.write("in", "{\"id\":1}\n");
    const std::string field = "-s pipeline.processors.0.branch.processors.0.aws_lambda.";
    const ended throttled = run_documented(here, "error_handling.yaml", "functions: {foo: {reply: '{}', faults: {throttle: 1}}}\n", field + "retries=1");
    CHECK(throttled.exit == 0);
    CHECK(contains(here.read("rejected"), "processors failed: operation error Lambda: Invoke, exceeded maximum number of attempts, 2, https response error StatusCode: 429"));
    CHECK(summary_number(throttled.err, "attempts") == 2);
    CHECK(summary_number(throttled.err, "throttled") == 2);

    const folder there;
    there.write("in", "{\"id\":1}\n");
    const ended late = run_documented(there, "error_handling.yaml", "functions: {foo: {reply: '{}', faults: {hang: 1}}}\n", field + "retries=1 " + field + "timeout=50ms");
    CHECK(late.exit == 0);
    CHECK(contains(there.read("rejected"), "processors failed: operation error Lambda: Invoke, "));
    CHECK(summary_number(late.err, "attempts") == 2);
    CHECK(summary_number(late.err, "timed_out") == 2);
}

TEST_CASE("run: a permanently failing message is replayed for ever, until the stream is stopped", "[cli][run][lambda]")
{
    const folder here;
    here.write("functions.yaml", "functions: {foo: {mapping: 'root = throw(\"always\")'}}\n");
    here.write("resources.yaml", "output_resources: [{label: somewhere_else, file: {path: delivered}}]\n");
    lambent::support::child_options options = shell(here, "echo '{\"id\":1}' >in; exec $lambent run --emulate functions.yaml --summary=json -r resources.yaml "
                                                          "-s http.enabled=false -s shutdown_timeout=200ms " LAMBENT_SOURCE_DIR "/examples/pipelines/error_handling.yaml <in 2>.err");
    options.read_output = true;
    lambent::support::child_process process(options);
    for (int failures = 0; failures < 5;)
        failures += contains(process.line(), "Invocation failed due to Error: always") ? 1 : 0;
    process.signal(SIGTERM);
    CHECK(process.wait(30s) == 1);
    const std::string err = here.read(".err");
    CHECK(summary_number(err, "messages_in") == 1);
    CHECK(summary_number(err, "undelivered") == 1);
    CHECK(summary_number(err, "replays") >= 4);
}
