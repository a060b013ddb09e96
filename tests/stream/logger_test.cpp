#include <lambent/stream/logger.hpp>

#include <support/catch.hpp>

#include <cstdlib>
#include <ctime>

using namespace lambent;
using namespace lambent::stream;

namespace {

const core::wall_time noon{std::chrono::seconds(1795351010)}; // 2026-11-22T12:36:50Z

std::string plain_line(core::log_level level, std::string_view message, const core::log_fields& fields)
{
    logger_options how;
    how.add_timestamp = false;
    return log_line(how, noon, level, message, fields);
}

} // namespace

TEST_CASE("logger: logfmt puts time, level and message first, then fields by name", "[stream][logger]")
{
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    logger_options how;
    how.static_fields = {{"@service", "benthos"}};
    CHECK(log_line(how, noon, core::log_level::info, "Launching a Benthos instance, use CTRL+C to close", {}) ==
          "time=\"2026-11-22T12:36:50Z\" level=info msg=\"Launching a Benthos instance, use CTRL+C to close\" @service=benthos\n");
    CHECK(log_line(how, noon, core::log_level::error, "x", {{"path", "root.pipeline.processors.0"}, {"label", "m"}}) ==
          "time=\"2026-11-22T12:36:50Z\" level=error msg=x @service=benthos label=m path=root.pipeline.processors.0\n");
}

TEST_CASE("logger: the zone is shown as an offset where it is not UTC", "[stream][logger]")
{
    ::setenv("TZ", "XYZ-5:30", 1);
    ::tzset();
    CHECK(log_line(logger_options(), noon, core::log_level::info, "x", {}).starts_with("time=\"2026-11-22T18:06:50+05:30\" "));
    ::setenv("TZ", "UTC", 1);
    ::tzset();
}

TEST_CASE("logger: values are quoted as Go's %q when empty or beyond the plain characters", "[stream][logger]")
{
    CHECK(plain_line(core::log_level::warn, "", {{"a", "b c"}, {"d", "é"}, {"e", "x\ny\"\\\x01\xff"}, {"f", "a/b@c^d+e_f"}}) ==
          "level=warning msg=\"\" @service=lambent a=\"b c\" d=\"é\" e=\"x\\ny\\\"\\\\\\x01\\xff\" f=a/b@c^d+e_f\n");
}

TEST_CASE("logger: one line feed at the message's end goes", "[stream][logger]")
{
    CHECK(plain_line(core::log_level::info, "x\n", {}) == "level=info msg=x @service=lambent\n");
}

TEST_CASE("logger: JSON has sorted keys and escapes HTML as Go does", "[stream][logger]")
{
    logger_options how;
    how.format = logger_options::line_format::json;
    CHECK(log_line(how, noon, core::log_level::error, "<a&b>", {{"label", "foo"}, {"path", "root.x"}}) ==
          "{\"@service\":\"lambent\",\"label\":\"foo\",\"level\":\"error\",\"msg\":\"\\u003ca\\u0026b\\u003e\",\"path\":\"root.x\","
          "\"time\":\"2026-11-22T12:36:50Z\"}\n");
}

TEST_CASE("logger: levels and formats have the original's names", "[stream][logger]")
{
    CHECK(parse_log_level("wArN").value() == core::log_level::warn);
    CHECK(parse_log_level("NONE").value() == core::log_level::off);
    CHECK(parse_log_level("ALL").value() == core::log_level::trace);
    CHECK_FALSE(parse_log_level("LOUD"));
    CHECK(parse_log_format("xml").error().text() == "log format 'xml' not recognized");
}
