#include <lambent/aws/detail/call_plan.hpp>
#include <lambent/aws/errc.hpp>
#include <lambent/sigv4/amz_date.hpp>

#include <support/catch.hpp>

#include <string>
#include <vector>

using namespace lambent;
using namespace lambent::aws;
using namespace std::chrono_literals;

namespace {

const std::string url = "http://h/2015-03-31/functions/f/invocations";

/// One call, driven by hand.
struct script
{
    core::entropy chance{1};
    core::instant now{1h};
    core::wall_time wall = *sigv4::parse_amz_date("20150830T123600Z");
    core::duration offset{0};
    retry_options retries;
    invocation call;
    core::deadline until;
    core::retry_budget* budget = nullptr;
    std::optional<call_plan> made;

    call_plan& plan()
    {
        if (!made)
            made.emplace(retries, call, until, budget, url, "");
        return *made;
    }
    moment at() { return {now, wall, offset, chance}; }

    next_step answer(int status, std::string_view type = {}, http::headers fields = {})
    {
        if (!type.empty())
            fields.add("x-amzn-ErrorType", type);
        std::vector<http::field_view> views;
        for (const http::header& field : fields)
            views.push_back({field.name, field.value});
        http::response_view response;
        response.status = status;
        response.fields = views;
        response.body = R"({"Message":"m"})";
        return plan().answered(read_answer(response, 1000), at());
    }
    next_step broken(http::errc code, std::string detail, http::progress progress, int status = 0)
    {
        core::error failure{code, std::move(detail)};
        return plan().broken(std::move(failure), progress, {status, {}}, at());
    }
    core::error error()
    {
        auto outcome = plan().take();
        REQUIRE_FALSE(outcome);
        return outcome.error();
    }
};

using act = enum next_step::act;

} // namespace

TEST_CASE("plan: a first answer ends the call and says so", "[aws][plan]")
{
    script s;
    CHECK(s.answer(200).act == act::finish);
    auto reply = s.plan().take();
    REQUIRE(reply);
    CHECK(reply->attempts == 1);
    CHECK(s.plan().report().certainty == certainty::executed);
    CHECK(s.plan().report().status == 200);
}

TEST_CASE("plan: a function error is an answer and is never repeated", "[aws][plan]")
{
    script s;
    CHECK(s.answer(200, {}, {{"X-Amz-Function-Error", "Unhandled"}}).act == act::finish);
    CHECK(s.plan().take()->function_error == "Unhandled");
}

TEST_CASE("plan: a throttled call waits, within its bounds, and ends with the number of attempts", "[aws][plan]")
{
    script s;
    s.retries.retries = 3;
    core::duration ceiling = 1s;
    for (int i = 0; i < 3; ++i, ceiling *= 2) {
        const next_step next = s.answer(429, "TooManyRequestsException");
        REQUIRE(next.act == act::wait);
        CHECK(next.pause < ceiling);
        CHECK(s.plan().throttled());
    }
    CHECK(s.answer(429, "TooManyRequestsException").act == act::finish);
    const core::error error = s.error();
    CHECK(error.code == errc::throttled);
    CHECK(error.detail
        == "operation error Lambda: Invoke, exceeded maximum number of attempts, 4, https response error StatusCode: 429, RequestID: , "
           "TooManyRequestsException: m");
    CHECK(s.plan().report().attempts == 4);
    CHECK(s.plan().report().certainty == certainty::refused);
    CHECK(s.plan().report().error_type == "TooManyRequestsException");
}

TEST_CASE("plan: one attempt does not exceed anything", "[aws][plan]")
{
    script s;
    s.retries.retries = 0;
    CHECK(s.answer(429, "TooManyRequestsException").act == act::finish);
    CHECK(s.error().detail == "operation error Lambda: Invoke, https response error StatusCode: 429, RequestID: , TooManyRequestsException: m");
}

TEST_CASE("plan: a permanent error ends the call, at once or after others", "[aws][plan]")
{
    script s;
    s.retries.retries = 3;
    CHECK(s.answer(429).act == act::wait);
    CHECK(s.answer(404, "ResourceNotFoundException").act == act::finish);
    CHECK(s.error().detail == "operation error Lambda: Invoke, https response error StatusCode: 404, RequestID: , ResourceNotFoundException: m");
    CHECK(s.plan().report().attempts == 2);
}

TEST_CASE("plan: the service's wish counts, clamped to five seconds over the own wait", "[aws][plan]")
{
    script s;
    s.retries.retries = 9;
    const next_step wished = s.answer(429, {}, {{"Retry-After", "3"}});
    CHECK(wished.pause >= 2s);
    CHECK(wished.pause <= 3s);
    const next_step clamped = s.answer(429, {}, {{"Retry-After", "3600"}});
    CHECK(clamped.pause >= 5s);
    CHECK(clamped.pause < 7s);
}

TEST_CASE("plan: ambiguous failures are repeated only at the caller's risk", "[aws][plan]")
{
    SECTION("not by default")
    {
        script s;
        CHECK(s.broken(http::errc::reset_before_response, "EOF", http::progress::maybe_sent).act == act::finish);
        CHECK(s.plan().report().certainty == certainty::maybe_executed);
        CHECK(s.error().detail == "operation error Lambda: Invoke, https response error StatusCode: 0, RequestID: , request send failed, Post \"" + url + "\": EOF");
    }
    SECTION("for an idempotent call")
    {
        script s;
        s.call.idempotent = true;
        CHECK(s.broken(http::errc::reset_before_response, "EOF", http::progress::maybe_sent).act == act::wait);
    }
    SECTION("for a client that promises at-least-once")
    {
        script s;
        s.retries.ambiguous = true;
        CHECK(s.answer(500, "ServiceException").act == act::wait);
        CHECK(s.broken(http::errc::truncated_response, "unexpected EOF", http::progress::maybe_sent, 200).act == act::wait);
        CHECK(s.plan().report().certainty == certainty::executed);
        CHECK(s.answer(429).act == act::finish);
        // The last attempt was refused, an earlier one had run.
        CHECK(s.plan().report().certainty == certainty::executed);
    }
}

TEST_CASE("plan: what never left is repeated from the short base", "[aws][plan]")
{
    script s;
    const next_step next = s.broken(http::errc::connect_failed, "dial tcp h:80: connect: connection refused", http::progress::not_sent);
    CHECK(next.act == act::wait);
    CHECK(next.pause < 50ms);
    CHECK(s.plan().report().certainty == certainty::not_sent);
}

TEST_CASE("plan: a mount time-out is repeated once", "[aws][plan]")
{
    script s;
    s.retries.retries = 9;
    CHECK(s.answer(408, "EFSMountTimeoutException").act == act::wait);
    CHECK(s.answer(408, "EFSMountTimeoutException").act == act::finish);
}

TEST_CASE("plan: expired keys are renewed once", "[aws][plan]")
{
    script s;
    s.retries.retries = 9;
    CHECK(s.answer(403, "ExpiredTokenException").act == act::renew);
    CHECK(s.answer(403, "ExpiredTokenException").act == act::finish);
    CHECK(s.error().code == errc::access_denied);
    script none;
    none.retries.retries = 0;
    CHECK(none.answer(403, "ExpiredTokenException").act == act::finish);
}

TEST_CASE("plan: a skewed clock is corrected once, by the answer's date", "[aws][plan]")
{
    script s;
    s.retries.retries = 9;
    const http::headers date{{"Date", "Sun, 30 Aug 2015 12:46:00 GMT"}};
    const next_step next = s.answer(403, "InvalidSignatureException", date);
    CHECK(next.act == act::wait);
    CHECK(next.pause == 0s);
    CHECK(s.plan().take_learnt_offset() == 10min);
    CHECK_FALSE(s.plan().take_learnt_offset());
    s.offset = 10min;
    CHECK(s.answer(403, "InvalidSignatureException", date).act == act::finish);
}

TEST_CASE("plan: clocks that agree, or differ beyond belief, correct nothing", "[aws][plan]")
{
    for (const std::string_view date : {"Sun, 30 Aug 2015 12:36:30 GMT", "Tue, 01 Sep 2015 12:36:00 GMT", "not a date"}) {
        for (const std::string_view code : {"InvalidSignatureException", "RequestTimeTooSkewed"}) {
            script s;
            CHECK(s.answer(403, code, {{"Date", std::string(date)}}).act == act::finish);
            CHECK_FALSE(s.plan().take_learnt_offset());
        }
    }
    script definite;
    CHECK(definite.answer(403, "RequestTimeTooSkewed", {{"Date", "Sun, 30 Aug 2015 12:34:00 GMT"}}).act == act::wait);
    CHECK(definite.plan().take_learnt_offset() == -2min);
}

TEST_CASE("plan: a wait that outlasts the deadline is not begun", "[aws][plan]")
{
    script s;
    s.retries.retries = 9;
    s.until = core::deadline(s.now + 2s);
    CHECK(s.answer(429, {}, {{"Retry-After", "4"}}).act == act::finish);
    CHECK(s.error().detail
        == "operation error Lambda: Invoke, https response error StatusCode: 429, RequestID: , api error UnknownError: m (the call's deadline leaves "
           "no time for another attempt)");
}

TEST_CASE("plan: the call's deadline and an attempt's time-out are told apart", "[aws][plan]")
{
    script s;
    s.retries.ambiguous = true;
    CHECK(s.broken(http::errc::response_timeout, "waiting for the response", http::progress::maybe_sent).act == act::wait);
    CHECK(s.plan().timed_out());
    script ended;
    ended.retries.ambiguous = true;
    ended.until = core::deadline(ended.now);
    CHECK(ended.broken(http::errc::response_timeout, "waiting for the response", http::progress::maybe_sent).act == act::finish);
    const core::error error = ended.error();
    CHECK(error.code == core::errc::deadline_exceeded);
    CHECK(error.detail == "operation error Lambda: Invoke, the call's deadline passed waiting for the response");
}

TEST_CASE("plan: an aborted call keeps what its attempts have taught", "[aws][plan]")
{
    script s;
    s.retries.ambiguous = true;
    CHECK(s.answer(500).act == act::wait);
    core::error why{core::errc::cancelled, "request canceled, context canceled"};
    s.plan().abort(std::move(why));
    CHECK(s.error().detail == "operation error Lambda: Invoke, request canceled, context canceled");
    CHECK(s.plan().report().certainty == certainty::maybe_executed);
    CHECK(s.plan().report().attempts == 1);
}
