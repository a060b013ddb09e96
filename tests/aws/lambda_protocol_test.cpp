#include <lambent/aws/errc.hpp>
#include <lambent/aws/lambda_protocol.hpp>
#include <lambent/sigv4/amz_date.hpp>

#include <support/catch.hpp>

using namespace lambent;
using namespace lambent::aws;
using namespace std::chrono_literals;

namespace {

http::response respond(int status, http::headers fields = {}, std::string body = {})
{
    http::response response;
    response.status = status;
    response.fields = std::move(fields);
    response.body = std::move(body);
    return response;
}

answer aws_read(const http::response& response)
{
    std::vector<http::field_view> fields;
    for (const http::header& field : response.fields)
        fields.push_back({field.name, field.value});
    http::response_view view;
    view.status = response.status;
    view.fields = fields;
    view.body = response.body;
    return read_answer(view, 1 << 20);
}

refusal refused(const http::response& response)
{
    answer read = aws_read(response);
    REQUIRE(std::holds_alternative<refusal>(read));
    return std::get<refusal>(read);
}

invocation_reply replied(const http::response& response)
{
    answer read = aws_read(response);
    REQUIRE(std::holds_alternative<invocation_reply>(read));
    return std::get<invocation_reply>(read);
}

invocation named(std::string_view function)
{
    invocation call;
    call.function = function;
    return call;
}

} // namespace

TEST_CASE("request: the function's name is one path segment, encoded once", "[aws][protocol]")
{
    CHECK(to_request(named("my-function"), "").value().path == "/2015-03-31/functions/my-function/invocations");
    CHECK(to_request(named("arn:aws:lambda:us-east-1:123456789012:function:f:prod"), "").value().path
        == "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af%3Aprod/invocations");
    CHECK(to_request(named("a/b c%20$\xc3\xa9~._-"), "/base").value().path == "/base/2015-03-31/functions/a%2Fb%20c%2520%24%C3%A9~._-/invocations");
}

TEST_CASE("request: what is not said is not sent", "[aws][protocol]")
{
    const auto request = to_request(named("f"), "");
    REQUIRE(request);
    CHECK(request->query.empty());
    CHECK(request->target() == request->path);
    CHECK(request->fields == http::headers{{"Content-Type", "application/octet-stream"}});
}

TEST_CASE("request: qualifier, type, log and context", "[aws][protocol]")
{
    invocation call = named("f");
    call.qualifier = "$LATEST";
    call.type = invocation_type::event;
    call.log_tail = true;
    call.client_context = "{\"custom\":{\"a\":1}}";
    const auto request = to_request(call, "");
    REQUIRE(request);
    CHECK(request->target() == "/2015-03-31/functions/f/invocations?Qualifier=%24LATEST");
    CHECK(request->fields.get("x-amz-invocation-type") == "Event");
    CHECK(request->fields.get("x-amz-log-type") == "Tail");
    CHECK(request->fields.get("x-amz-client-context") == "eyJjdXN0b20iOnsiYSI6MX19");
    call.type = invocation_type::dry_run;
    CHECK(to_request(call, "")->fields.get("x-amz-invocation-type") == "DryRun");
}

TEST_CASE("request: nothing in a call can break out of its place", "[aws][protocol]")
{
    invocation call = named("f\r\nX-Evil: 1");
    call.qualifier = "q\r\n&a=b#?";
    call.client_context = "a\r\nX-Evil: 1";
    const auto request = to_request(call, "");
    REQUIRE(request);
    CHECK(request->target() == "/2015-03-31/functions/f%0D%0AX-Evil%3A%201/invocations?Qualifier=q%0D%0A%26a%3Db%23%3F");
    for (const http::header& field : request->fields)
        CHECK(field.value.find_first_of("\r\n") == std::string::npos);
}

TEST_CASE("request: what cannot name a function is refused before anything is sent", "[aws][protocol]")
{
    const std::string long_name(function_bytes_max + 1, 'f');
    for (const std::string_view name : {std::string_view(), std::string_view("."), std::string_view(".."), std::string_view(long_name)}) {
        const auto request = to_request(named(name), "");
        REQUIRE_FALSE(request);
        CHECK(request.error().code == errc::invalid_call);
        CHECK_FALSE(request.error().detail.empty());
    }
    invocation call = named("f");
    const std::string context(2688, 'x'); // 3,584 bytes of base64
    call.client_context = context;
    CHECK(to_request(call, "").error().detail == "the client context takes 3584 bytes of base64; Lambda takes 3583");
    call.client_context = std::string_view(context).substr(0, 2685);
    CHECK(to_request(call, ""));
}

TEST_CASE("answer: every 2xx is a reply", "[aws][protocol]")
{
    const invocation_reply reply = replied(respond(200, {{"X-Amz-Executed-Version", " $LATEST "}, {"x-amzn-RequestId", "rid"}, {"X-Amz-Log-Result", "U1RBUlQ="}}, "{}"));
    CHECK(reply.status == 200);
    CHECK(reply.payload == "{}");
    CHECK(reply.executed_version == "$LATEST");
    CHECK(reply.request_id == "rid");
    CHECK(reply.log_tail == "START");
    CHECK_FALSE(reply.function_error);
    CHECK(replied(respond(202)).payload.empty());
    CHECK(replied(respond(204)).status == 204);
    CHECK(replied(respond(201, {}, "x")).payload == "x");
}

TEST_CASE("answer: a function error is a reply; an empty header is none, of two the first counts", "[aws][protocol]")
{
    CHECK(replied(respond(200, {{"X-Amz-Function-Error", " Unhandled"}}, "{}")).function_error == "Unhandled");
    CHECK_FALSE(replied(respond(200, {{"X-Amz-Function-Error", ""}})).function_error);
    CHECK(replied(respond(200, {{"X-Amz-Function-Error", "Handled"}, {"X-Amz-Function-Error", "Unhandled"}})).function_error == "Handled");
}

TEST_CASE("answer: a log that is no base64 is no log", "[aws][protocol]")
{
    CHECK_FALSE(replied(respond(200, {{"X-Amz-Log-Result", "***"}})).log_tail);
}

TEST_CASE("answer: the code comes from the header, else from the body, cut to its name", "[aws][protocol]")
{
    CHECK(refused(respond(404, {{"x-amzn-ErrorType", "ResourceNotFoundException"}}, R"({"Message":"m","code":"Other"})")).code
        == "ResourceNotFoundException");
    CHECK(refused(respond(404, {{"x-amzn-ErrorType", "com.amazonaws.lambda#TooManyRequestsException:http://internal/"}}, "{}")).code
        == "TooManyRequestsException");
    CHECK(refused(respond(400, {}, R"({"__type":"ns#Teapot","message":"m"})")).code == "Teapot");
    CHECK(refused(respond(429, {}, R"({"__type":"toomanyrequestsexception"})")).code == "TooManyRequestsException");
    CHECK(refused(respond(503)).code == "UnknownError");
}

TEST_CASE("answer: the texts are the original's", "[aws][protocol]")
{
    const http::headers id{{"x-amzn-RequestId", "rid-2"}};
    const auto with = [&](std::string_view type) {
        http::headers fields = id;
        fields.add("X-Amzn-ErrorType", type);
        return fields;
    };
    CHECK(describe(refused(respond(404, with("ResourceNotFoundException"), R"({"Message":"Function not found: arn:x"})")))
        == "https response error StatusCode: 404, RequestID: rid-2, ResourceNotFoundException: Function not found: arn:x");
    CHECK(describe(refused(respond(403, with("AccessDeniedException"), R"({"Message":"User: x is not authorized"})")))
        == "https response error StatusCode: 403, RequestID: rid-2, api error AccessDeniedException: User: x is not authorized");
    CHECK(describe(refused(respond(400))) == "https response error StatusCode: 400, RequestID: , api error UnknownError: UnknownError");
    CHECK(describe(refused(respond(502, {}, "<html>")))
        == "https response error StatusCode: 502, RequestID: , deserialization failed, failed to decode response body, invalid character '<' looking for beginning of value");
    CHECK(describe(refused(respond(429, with("TooManyRequestsException"))))
        == "https response error StatusCode: 429, RequestID: rid-2, TooManyRequestsException: ");
}

TEST_CASE("answer: a broken one is described by how far it came", "[aws][protocol]")
{
    const std::string url = "http://127.0.0.1:1/2015-03-31/functions/foo/invocations";
    const core::error refused_connection{http::errc::connect_failed, "dial tcp 127.0.0.1:1: connect: connection refused"};
    CHECK(describe(broken_answer{}, url, refused_connection)
        == "https response error StatusCode: 0, RequestID: , request send failed, Post \"" + url + "\": dial tcp 127.0.0.1:1: connect: connection refused");
    const core::error late{http::errc::response_timeout, "waiting for the response"};
    CHECK(describe(broken_answer{}, url, late) == "https response error StatusCode: 0, RequestID: , canceled, context deadline exceeded");
    const core::error stopped{core::errc::cancelled, {}};
    CHECK(describe(broken_answer{}, url, stopped) == "https response error StatusCode: 0, RequestID: , canceled, context canceled");
    const core::error connecting{http::errc::connect_timeout, "connecting to 10.0.0.1:443"};
    CHECK(describe(broken_answer{}, url, connecting) == "timed out connecting to 10.0.0.1:443");
    const core::error cut{http::errc::truncated_response, "unexpected EOF"};
    CHECK(describe(broken_answer{200, "rid"}, url, cut)
        == "https response error StatusCode: 200, RequestID: rid, deserialization failed, failed to deserialize response payload, unexpected EOF");
    CHECK(describe(broken_answer{500, "rid"}, url, cut)
        == "https response error StatusCode: 500, RequestID: rid, deserialization failed, failed to decode response body, unexpected EOF");
    const core::error slow{http::errc::body_timeout, "reading the body"};
    CHECK(describe(broken_answer{200, "rid"}, url, slow)
        == "https response error StatusCode: 200, RequestID: rid, deserialization failed, failed to deserialize response payload, context deadline exceeded\n"
           "failed to get rate limit token, canceled, context deadline exceeded");
}

TEST_CASE("answer: refusals have codes for programs", "[aws][protocol]")
{
    const auto code = [](int status, std::string_view type) {
        return code_of(refused(respond(status, {{"x-amzn-errortype", std::string(type)}}, "{}")));
    };
    CHECK(code(429, "TooManyRequestsException") == errc::throttled);
    CHECK(code(502, "EC2ThrottledException") == errc::throttled);
    CHECK(code(403, "AccessDeniedException") == errc::access_denied);
    CHECK(code(404, "ResourceNotFoundException") == errc::function_not_found);
    CHECK(code(413, "RequestTooLargeException") == errc::payload_too_large);
    CHECK(code(400, "InvalidRequestContentException") == errc::refused);
    CHECK(code(307, "") == errc::refused);
    CHECK(code(502, "InvalidRuntimeException") == errc::misconfigured_function);
    CHECK(code(500, "ServiceException") == errc::service_error);
    CHECK(make_error_code(errc::throttled) == core::condition::transient);
}

TEST_CASE("answer: the session token that a refusal quotes is hidden", "[aws][protocol]")
{
    const auto message = [](const std::string& body) { return refused(respond(403, {{"x-amzn-ErrorType", "InvalidSignatureException"}}, body)).message; };
    CHECK(message(R"({"message":"'POST\nhost:h\nx-amz-security-token:AB/C+=\n\nhost;x-amz-security-token\n'"})")
        == "'POST\nhost:h\nx-amz-security-token:(hidden)\n\nhost;x-amz-security-token\n'");
    CHECK(message(R"({"message":"x-amz-security-token:AB x-amz-security-token:CD"})") == "x-amz-security-token:(hidden)");
    CHECK(message(R"({"message":"x-amz-security-token:"})") == "x-amz-security-token:(hidden)");
}

TEST_CASE("answer: the service's wish to wait is read from either header, and bounded", "[aws][protocol]")
{
    const auto wish = [](http::headers fields) { return refused(respond(429, std::move(fields))).retry_after; };
    CHECK(wish({}) == 0s);
    CHECK(wish({{"Retry-After", "3"}}) == 3s);
    CHECK(wish({{"x-amz-retry-after", "250"}, {"Retry-After", "3"}}) == 250ms);
    CHECK(wish({{"x-amz-retry-after", "soon"}, {"Retry-After", "3"}}) == 3s);
    CHECK(wish({{"Retry-After", "-1"}}) == 0s);
    CHECK(wish({{"Retry-After", "1000000000000000000"}}) == 24h);
    CHECK(wish({{"Retry-After", "99999999999999999999999"}}) == 0s);
    CHECK(wish({{"Date", "Sun, 30 Aug 2015 12:36:00 GMT"}, {"Retry-After", "Sun, 30 Aug 2015 12:36:07 GMT"}}) == 7s);
    CHECK(wish({{"Retry-After", "Sun, 30 Aug 2015 12:36:07 GMT"}}) == 0s);
}

TEST_CASE("answer: a compressed body is inflated, one that cannot be is said so", "[aws][protocol]")
{
    // printf '{"id":1}' | gzip -n
    const std::string packed("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\xca\x4c\x51\xb2\x32\xac\x05\x00\xc5\xf8\x5d\x44\x08\x00\x00\x00", 28);
    CHECK(replied(respond(200, {{"Content-Encoding", "gzip"}}, packed)).payload == "{\"id\":1}");
    const refusal broken = refused(respond(200, {{"Content-Encoding", "gzip"}}, packed.substr(0, 20)));
    CHECK(describe(broken) == "https response error StatusCode: 200, RequestID: , deserialization failed, failed to deserialize response payload, gzip: unexpected EOF");
    CHECK(code_of(broken) == errc::malformed_response);
}
