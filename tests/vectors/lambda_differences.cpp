#include "lambda_case.hpp"

#include <lambent/data/json.hpp>

#include <array>
#include <regex>
#include <utility>

namespace lambent::vectors {
namespace {

using problems = std::vector<std::string>;

/// Texts are shown up to here.
constexpr std::size_t shown_max = 500;

void differs(problems& to, const std::string& what, const std::string& expected, const std::string& got)
{
    to.push_back(what + "\n      expected " + expected.substr(0, shown_max) + "\n      got      " + got.substr(0, shown_max));
}

/// As a JSON writer leaves a text: invalid UTF-8 replaced. The recordings have gone through one.
std::string as_recorded(std::string_view bytes)
{
    std::string out;
    data::write_json_string(out, bytes);
    return std::string(data::read_json(out).value().text());
}

std::string to_json(const data::value& v) { return data::write_json(v).value(); }

std::string metadata_of(const data::message& m)
{
    data::value all = data::value::object();
    for (const auto& [key, value] : m.metadata())
        all.set_member(key, value);
    return to_json(all);
}

/// `pattern` with words that stand for anything: ports and addresses that no two runs have in common.
bool matches(std::string_view pattern, std::string_view text)
{
    static constexpr std::array words{std::string_view("EPHEMERAL"), std::string_view("DATE")};
    std::size_t at = pattern.size();
    std::size_t length = 0;
    for (const std::string_view word : words)
        if (const std::size_t found = pattern.find(word); found < at) {
            at = found;
            length = word.size();
        }
    if (length == 0)
        return pattern == text;
    if (!text.starts_with(pattern.substr(0, at)))
        return false;
    const std::string_view rest = pattern.substr(at + length);
    for (std::size_t i = at; i <= text.size(); ++i)
        if (matches(rest, text.substr(i)))
            return true;
    return false;
}

const std::regex exhausted_words("exceeded maximum number of attempts, ([0-9]+), ");

/// Without what only the original's hidden attempts add (its count of them, its quota's second line), and without the name server,
/// which the system's resolver does not tell us.
std::string without_hidden_attempts(std::string text)
{
    text = std::regex_replace(text, exhausted_words, "");
    text = replaced(text.substr(0, text.find("\nfailed to get rate limit token, ")), " on RESOLVER:53", "");
    return text;
}

/// The error that ended the original's own pause between hidden attempts; ours ends by the error that caused the pause.
const std::string ended_in_hidden_pause = "operation error Lambda: Invoke, request canceled, context deadline exceeded";

/// What is no HTTP our parser refuses in its own words: it is stricter than Go's and names more. The form round them is the original's.
std::string without_reason_of_malformed(std::string text)
{
    for (const std::string_view words : {"net/http: HTTP/1.x transport connection broken: ", "malformed HTTP response: ", "invalid byte in chunk length"})
        if (const std::size_t at = text.find(words); at != std::string::npos)
            return text.substr(0, at) + "(malformed)";
    return text;
}

/// @param attempts  HTTP attempts made for this message, where they can be told apart.
void compare_error(problems& to, const std::string& expected, const std::string& got, std::optional<std::size_t> attempts)
{
    std::smatch count;
    if (std::regex_search(got, count, exhausted_words) && attempts) {
        if (std::to_string(*attempts) != count[1] || *attempts < 2)
            differs(to, "attempts in the error's text", std::to_string(*attempts), got);
    }
    const std::string plain = without_hidden_attempts(got);
    if (expected == ended_in_hidden_pause) {
        if (!plain.starts_with("operation error Lambda: Invoke, https response error StatusCode: "))
            differs(to, "error", "the error before the pause", got);
        return;
    }
    const std::string wanted = without_hidden_attempts(expected);
    if (matches(wanted, plain))
        return;
    // A connection that ends inside the head is malformed to Go and an unexpected EOF to us.
    const std::string form = without_reason_of_malformed(wanted);
    const std::string have = wanted.ends_with("broken: unexpected EOF") ? replaced(plain, "unexpected EOF", "(malformed)") : plain;
    if (form == wanted || form != without_reason_of_malformed(have))
        differs(to, "error", expected, got);
}

void compare_message(problems& to, const data::value& expected, const data::message& got, std::optional<std::size_t> attempts)
{
    if (const data::value* content = expected.peek("content")) {
        std::string have = as_recorded(got.bytes());
        // The dump of a long one was cut.
        if (const data::value* length = expected.peek("len"); length && length->text() != std::to_string(content->text().size())) {
            if (length->text() != std::to_string(have.size()))
                differs(to, "length", std::string(length->text()), std::to_string(have.size()));
            have.resize(std::min(have.size(), content->text().size()));
        }
        if (content->text() != have)
            differs(to, "content", std::string(content->text()), have);
    }
    if (const data::value* meta = expected.peek("meta"))
        if (const std::string want = to_json(*meta), have = metadata_of(got); want != have)
            differs(to, "metadata", want, have);
    const std::string failure = got.failed() ? got.failed()->text : std::string();
    if (const data::value* part = expected.peek("error_contains")) {
        if (failure.empty() || failure.find(part->text()) == std::string::npos)
            differs(to, "error", "... " + std::string(part->text()) + " ...", failure);
    } else if (const data::value* error = expected.peek("error")) {
        if (error->is_null() != failure.empty())
            differs(to, "error", to_json(*error), failure);
        else if (!error->is_null())
            compare_error(to, std::string(error->text()), failure, attempts);
    }
}

std::string header_of(const data::value& request, std::string_view name)
{
    for (const data::value& pair : request.peek("headers")->items()) {
        std::string have(pair.items()[0].text());
        for (char& c : have)
            c = c >= 'A' && c <= 'Z' ? char(c + 32) : c;
        if (have == name)
            return std::string(pair.items()[1].text());
    }
    return "(none)";
}

/// What of the request itself was recorded. The original's own headers (its telemetry) are not ours.
void compare_request(problems& to, const data::value& recorded, const data::value& request, std::uint16_t port)
{
    const auto compare = [&](const char* key, const std::string& got) {
        const data::value* expected = recorded.peek(key);
        if (!expected || expected->is_null())
            return;
        const std::string want = replaced(std::string(expected->text()), "PORT", std::to_string(port));
        if (!matches(want, got))
            differs(to, key, want, got);
    };
    compare("target", std::string(request.peek("target")->text()));
    compare("content_type_sent", header_of(request, "content-type"));
    compare("host", header_of(request, "host"));
    const std::string authorization = header_of(request, "authorization");
    std::smatch scope;
    if (std::regex_search(authorization, scope, std::regex("Credential=([^,]*),")))
        compare("credential", scope[1]);
    if (const data::value* token = recorded.peek("token_header")) {
        const std::string want = token->is_null() ? "(none)" : std::string(token->text());
        if (const std::string got = header_of(request, "x-amz-security-token"); want != got)
            differs(to, "token_header", want, got);
    }
}

/// The function that answers with the headers it was sent: ours are fewer, on purpose.
void compare_headers(problems& to, const data::message& got, std::uint16_t port)
{
    auto sent = got.structured();
    if (!sent || !sent->is_object())
        return differs(to, "content", "an object of headers", std::string(got.bytes()));
    for (const auto& [name, value] : {std::pair<std::string, std::string>{"host", "127.0.0.1:" + std::to_string(port)},
             {"content-length", "8"}, {"content-type", "application/octet-stream"}}) {
        const data::value* have = sent->peek(name);
        if (!have || have->text() != value)
            differs(to, name, value, have ? std::string(have->text()) : "(none)");
    }
    for (const data::member& m : sent->members())
        if (m.name().starts_with("amz-sdk-"))
            differs(to, "telemetry", "(none)", std::string(m.name()));
}

/// What the log line of a service that could not start says behind "Service closing due to: ".
std::string recorded_build_error(const data::value& recorded)
{
    const std::string line(recorded.peek("stderr")->items().front().text());
    const std::string before = "Service closing due to: ";
    std::string quoted = line.substr(line.find(before) + before.size());
    quoted = quoted.substr(0, quoted.rfind("\" @service"));
    std::string text;
    for (std::size_t i = 0; i < quoted.size(); ++i) {
        const bool escape = quoted[i] == '\\' && i + 1 < quoted.size();
        text += !escape ? quoted[i] : quoted[++i] == 'n' ? '\n' : quoted[i];
    }
    return text;
}

void compare_batches(problems& to, const lambda_case& from, const lambda_outcome& got, const data::value& recorded)
{
    std::map<std::string, std::int64_t> failures;
    for (const data::message& m : got.messages)
        ++failures[m.failed() ? without_hidden_attempts(m.failed()->text) : "None"];
    std::map<std::string, std::int64_t> expected;
    for (const data::value& pair : recorded.peek("errors")->items())
        expected[without_hidden_attempts(std::string(pair.items()[0].text()))] += std::stoll(std::string(pair.items()[1].text()));
    for (const auto& [text, count] : expected)
        if (failures[text] != count)
            differs(to, "messages with the error " + text, std::to_string(count), std::to_string(failures[text]));
    if (!got.messages.empty())
        compare_message(to, *recorded.peek("first_result"), got.messages.front(), std::nullopt);
    // The log has the first 400 bytes of a body.
    const std::string body = std::string(recorded.peek("first_body_sent")->text()).substr(0, 400);
    bool sent = got.requests.empty();
    for (const data::value& request : got.requests)
        sent = sent || request.peek("body")->text() == body;
    if (!sent)
        differs(to, "body", body, "no request had it");
    const bool one_processor = from.processors.find("aws_lambda") == from.processors.rfind("aws_lambda");
    const std::size_t each = static_cast<std::size_t>(from.retries) + 1;
    const std::size_t most = got.messages.size() * each * (one_processor ? 1 : 2);
    if (got.requests.size() > most || got.requests.size() < got.messages.size())
        differs(to, "requests", "at most " + std::to_string(most), std::to_string(got.requests.size()));
}

} // namespace

std::vector<std::string> differences(const lambda_case& from, const lambda_outcome& got, std::uint16_t port)
{
    problems found;
    const std::string with_ports = replaced(replaced(to_json(from.recorded), "127.0.0.1:PORT", "127.0.0.1:" + std::to_string(port)),
        "127.0.0.1:LAMBDA", "127.0.0.1:" + std::to_string(port));
    const data::value recorded = data::read_json(with_ports).value();
    if (recorded.peek("exit_code")) {
        if (const std::string expected = recorded_build_error(recorded); expected != got.build_error)
            differs(found, "error at the start", expected, got.build_error.empty() ? "(started)" : got.build_error);
        return found;
    }
    if (!got.build_error.empty()) {
        differs(found, "start", "(started)", got.build_error);
        return found;
    }
    if (recorded.peek("errors")) {
        compare_batches(found, from, got, recorded);
        return found;
    }
    if (got.messages.size() != 1) {
        differs(found, "messages", "1", std::to_string(got.messages.size()));
        return found;
    }
    if (const std::size_t most = static_cast<std::size_t>(std::max<std::int64_t>(from.retries, 0)) + 1; got.requests.size() > most)
        differs(found, "attempts", "at most " + std::to_string(most), std::to_string(got.requests.size()));
    const data::value* ours = recorded.peek("ours");
    if (const data::value* attempts = ours ? ours->peek("attempts") : nullptr)
        if (attempts->text() != std::to_string(got.requests.size()))
            differs(found, "attempts", std::string(attempts->text()), std::to_string(got.requests.size()));
    if (recorded.peek("function")->text() == "headers")
        compare_headers(found, got.messages.front(), port);
    else
        // Requests that the server never saw (refused, not resolved) are attempts too.
        compare_message(found, ours ? *ours : *recorded.peek("result"), got.messages.front(),
            got.requests.empty() ? std::nullopt : std::optional(got.requests.size()));
    if (!got.requests.empty())
        compare_request(found, recorded, got.requests.front(), port);
    return found;
}

} // namespace lambent::vectors
