#include <lambent/cli/load_page.hpp>
#include <lambent/cli/load_plan.hpp>
#include <lambent/cli/load_result.hpp>

#include <lambent/aws/errc.hpp>
#include <lambent/data/json.hpp>
#include <lambent/http/errc.hpp>

#include <support/catch.hpp>

#include <chrono>
#include <string>

using namespace lambent;
using namespace std::chrono_literals;
using cli::load_plan;

namespace {

cli::load_result example()
{
    cli::load_result out;
    out.slice = 1s;
    out.counted = 2s;
    out.slices.resize(2);
    for (std::uint64_t i = 1; i <= 100; ++i)
        out.slices[i % 2].latency_ns.record(i * 10'000);
    out.slices[0].errors = 3;
    out.errors_by_class["throttled"] = 2;
    out.errors_by_class["<odd>"] = 1;
    out.first_errors["throttled"] = "429, \"Rate exceeded\"";
    out.attempts = 105;
    out.cpu_seconds = 0.00206;
    return out;
}

} // namespace

TEST_CASE("load plan: without a ramp requests are due at equal distances", "[cli][bench]")
{
    load_plan plan;
    plan.rate = 1000;
    plan.duration = 1s;
    for (std::uint64_t n = 0; n < 1000; ++n)
        CHECK(std::chrono::abs(plan.due(n) - core::duration(1ms) * static_cast<long>(n)) <= 1us);
    CHECK(plan.due_before(1s) == 1000);
    CHECK(plan.due_before(0s) == 0);
}

TEST_CASE("load plan: while the rate rises, due times fall closer together, and none is lost at the seam", "[cli][bench]")
{
    load_plan plan;
    plan.rate = 500;
    plan.ramp = 2s;
    core::duration last = -1ns;
    core::duration gap = 1h;
    for (std::uint64_t n = 0; n < 2000; ++n) {
        const core::duration due = plan.due(n);
        REQUIRE(due > last);
        if (n > 1) {
            CHECK(due - last <= gap + 1us);
            gap = due - last;
        }
        last = due;
    }
    // Half of what the full rate would have made is due while it rises.
    CHECK(plan.due_before(2s) == 500);
    CHECK(plan.due(499) < 2s);
    CHECK(plan.due(500) >= 2s - 1us);
    for (const core::duration end : {core::duration(100ms), core::duration(1s), core::duration(2s), core::duration(3s)}) {
        const std::uint64_t count = plan.due_before(end);
        CHECK(plan.due(count - 1) < end);
        CHECK(plan.due(count) + 1us >= end);
    }
}

TEST_CASE("load plan: callers are shared out, and begin one by one along the ramp", "[cli][bench]")
{
    load_plan plan;
    plan.in_flight = 10;
    plan.shards = 3;
    plan.ramp = 1s;
    CHECK(plan.callers_of(0) == 4);
    CHECK(plan.callers_of(1) == 3);
    CHECK(plan.callers_of(2) == 3);
    CHECK(plan.begins(0) == 0s);
    CHECK(plan.begins(5) == 500ms);
}

TEST_CASE("load result: parts of shards add up, CPU of the process does not", "[cli][bench]")
{
    cli::load_result all;
    all.merge(example());
    all.merge(example());
    CHECK(all.answered() == 200);
    CHECK(all.errors() == 6);
    CHECK(all.attempts == 210);
    CHECK(all.requests_per_second() == Approx(100));
    CHECK(all.cpu_us_per_request() == Approx(10));
    CHECK(all.latency_ns().quantile(0.5) == Approx(500'000).epsilon(0.02));
}

TEST_CASE("load result: the JSON has the agreed fields", "[cli][bench]")
{
    const auto read = data::read_json(cli::result_json(example()));
    REQUIRE(read);
    for (const char* name : {"requests_per_second", "requests", "errors", "errors_by_class", "attempts", "cpu_us_per_request", "latency_us", "phases_us",
             "duration_s", "machine"})
        CHECK(read->peek(name) != nullptr);
    for (const char* name : {"p50", "p90", "p99", "p999", "max"})
        CHECK(read->peek("latency_us")->peek(name) != nullptr);
    CHECK(data::write_json(*read->peek("requests")).value() == "103");
    CHECK(data::write_json(*read->peek("errors_by_class")).value() == R"({"<odd>":1,"throttled":2})");
    CHECK(data::write_json(*read->peek("first_errors")).value() == R"({"throttled":"429, \"Rate exceeded\""})");
    CHECK(cli::result_table(example(), false).find("the first throttled: 429, \"Rate exceeded\"\n") != std::string::npos);
}

TEST_CASE("load result: an error is counted under its own name", "[cli][bench]")
{
    CHECK(cli::error_class(aws::errc::throttled) == "throttled");
    CHECK(cli::error_class(aws::errc::no_credentials) == "no_credentials");
    CHECK(cli::error_class(http::errc::response_timeout) == "response_timeout");
    CHECK(cli::error_class(http::errc::unsolicited_response) == "unsolicited_response");
    CHECK(cli::error_class(core::errc::cancelled) == "cancelled");
}

TEST_CASE("load page: one page without anything from elsewhere, and nothing in it breaks out", "[cli][bench]")
{
    load_plan plan;
    const std::string page = cli::result_page(plan, example(), "https://h/<script>");
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("&lt;odd&gt;") != std::string::npos);
    CHECK(page.find("src=") == std::string::npos);
    CHECK(page.find("href=") == std::string::npos);
    std::size_t charts = 0;
    for (std::size_t at = page.find("<svg"); at != std::string::npos; at = page.find("<svg", at + 1))
        ++charts;
    CHECK(charts == 4);
    CHECK(page.find("nan") == std::string::npos);
    CHECK(page.find("inf<") == std::string::npos);
    // Nothing was answered: figures, no charts.
    CHECK(cli::result_page(plan, cli::load_result(), "x").find("<svg") == std::string::npos);
}
