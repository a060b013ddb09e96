#include "signed_request.hpp"

#include <lambent/emulator/call_log.hpp>
#include <lambent/emulator/json_text.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

using namespace lambent;
using namespace lambent::emulator;
using namespace std::chrono_literals;

namespace {

call_record example()
{
    call_record record;
    record.at = noon() + 5ms;
    record.took = 1234us;
    record.function = "foo";
    record.qualifier = "prod";
    record.request_id = "the-id";
    record.type = "RequestResponse";
    record.payload_sha256 = sigv4::sha256_hex("{}");
    record.payload_bytes = 2;
    record.outcome = "ok";
    record.status = 200;
    record.executed = true;
    return record;
}

} // namespace

TEST_CASE("call log: a call is one line of JSON", "[emulator][log]")
{
    CHECK(to_json_line(example())
        == R"({"time":"2026-11-22T12:00:00.005Z","function":"foo","qualifier":"prod","request_id":"the-id","type":"RequestResponse",)"
           R"("payload_sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","payload_bytes":2,"outcome":"ok","status":200,)"
           R"("error_type":"","executed":true,"took_us":1234})"
           "\n");
    call_record hostile = example();
    hostile.function = "a\"\n\xff";
    const std::string line = to_json_line(hostile);
    CHECK_FALSE(find_json_flaw(line));
    CHECK(line.find('\n') == line.size() - 1);
}

TEST_CASE("call log: each line is in the file at once; a path that cannot be written is named", "[emulator][log]")
{
    const auto path = std::filesystem::temp_directory_path() / ("lambent-call-log-" + std::to_string(::getpid()) + ".jsonl");
    {
        call_log log;
        REQUIRE(log.open(path.string()));
        for (int i = 0; i < 3; ++i) {
            log.record(example());
            std::ifstream file(path);
            std::stringstream text;
            text << file.rdbuf();
            std::string expected;
            for (int lines = 0; lines <= i; ++lines)
                expected += to_json_line(example());
            CHECK(text.str() == expected);
        }
        CHECK_FALSE(log.broken());
    }
    std::filesystem::remove(path);
    call_log nowhere;
    const auto refused = nowhere.open("/nonexistent/folder/calls.jsonl");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text() == "cannot write the call log /nonexistent/folder/calls.jsonl: No such file or directory");
}
