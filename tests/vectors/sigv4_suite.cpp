#include "sigv4_case.hpp"

#include <lambent/sigv4/amz_date.hpp>
#include <lambent/sigv4/signer.hpp>
#include <lambent/sigv4/verify.hpp>

#include <algorithm>
#include <iostream>
#include <utility>

namespace lambent::vectors {
namespace {

using fields = std::vector<std::pair<std::string, std::string>>;

/// A case, ready to sign; views into the document and into itself.
struct suite_case
{
    sigv4::request_view request;
    std::vector<sigv4::field_view> headers;
    std::string payload_hash;
    sigv4::key_view key;
    sigv4::scope where;
    core::wall_time at;
    sigv4::signing_options options;

    explicit suite_case(const boost::json::object& test);
    suite_case(const suite_case&) = delete;
};

suite_case::suite_case(const boost::json::object& test)
{
    const boost::json::object& raw = test.at("request").as_object();
    const boost::json::object& context = test.at("context").as_object();
    const boost::json::object& credentials = context.at("credentials").as_object();
    for (const boost::json::value& header : raw.at("headers").as_array())
        headers.push_back({header.at(0).as_string(), header.at(1).as_string()});
    payload_hash = sigv4::sha256_hex(text(raw, "body"));
    request = {text(raw, "method"), text(raw, "path"), text(raw, "query"), headers, payload_hash};
    key = {text(credentials, "access_key_id"), text(credentials, "secret_access_key"), text(credentials, "token")};
    where = {text(context, "region"), text(context, "service")};
    at = moment(text(context, "timestamp"));
    options.normalize_path = context.at("normalize").as_bool();
    options.sign_body_header = context.at("sign_body").as_bool();
    if (const auto* omit = context.if_contains("omit_session_token"))
        options.omit_session_token = omit->as_bool();
}

std::string sorted_lines(fields list, bool fold_names)
{
    if (fold_names)
        for (auto& [name, value] : list)
            for (char& c : name)
                c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    std::sort(list.begin(), list.end());
    std::string lines;
    for (const auto& [name, value] : list)
        lines += name + ": " + value + "\n";
    return lines;
}

fields pairs(const boost::json::array& list)
{
    fields result;
    for (const boost::json::value& header : list)
        result.emplace_back(header.at(0).as_string(), header.at(1).as_string());
    return result;
}

fields parameters(std::string_view target)
{
    fields result;
    const std::size_t question = target.find('?');
    std::string_view query = question == target.npos ? std::string_view{} : target.substr(question + 1);
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        result.emplace_back(pair.substr(0, equals), equals == pair.npos ? "" : pair.substr(equals + 1));
    }
    result.emplace_back("(path)", target.substr(0, question));
    return result;
}

} // namespace

core::wall_time moment(std::string_view timestamp)
{
    std::string basic(timestamp);
    std::erase_if(basic, [](char c) { return c == '-' || c == ':'; });
    return sigv4::parse_amz_date(basic).value_or(core::wall_time{});
}

std::string_view text(const boost::json::object& from, std::string_view name)
{
    const boost::json::value* found = from.if_contains(name);
    return found != nullptr && found->is_string() ? std::string_view(found->as_string()) : std::string_view{};
}

void comparison::title()
{
    if (!failed_)
        std::cout << "FAILED " << name_ << '\n';
    failed_ = true;
}

void comparison::same(std::string_view stage, std::string_view expected, std::string_view got)
{
    if (expected == got)
        return;
    title();
    std::cout << "  " << stage << "\n  expected:\n" << expected << "\n  got:\n" << got << '\n';
}

void comparison::fail(std::string_view stage, std::string_view why)
{
    title();
    std::cout << "  " << stage << ": " << why << '\n';
}

void comparison::count(tally& into) const
{
    ++(failed_ ? into.failed : into.passed);
}

void run_header_variant(const boost::json::object& test, tally& count)
{
    comparison compare(std::string(text(test, "name")) + " (header)");
    const suite_case signed_case(test);
    const boost::json::object& expected = test.at("header").as_object();
    sigv4::signer signer;
    sigv4::signature got;
    if (auto done = signer.sign(signed_case.request, signed_case.where, signed_case.key, signed_case.at, got, signed_case.options); !done)
        compare.fail("signing", done.error().text());
    compare.same("canonical request", text(expected, "canonical_request"), got.canonical_request);
    compare.same("string to sign", text(expected, "string_to_sign"), got.string_to_sign);
    compare.same("signature", text(expected, "signature"), got.signature_hex);
    compare.same("authorization", text(expected, "authorization"), got.authorization);

    fields sent = pairs(test.at("request").at("headers").as_array());
    sent.emplace_back("X-Amz-Date", got.date);
    if (!signed_case.key.token.empty())
        sent.emplace_back("X-Amz-Security-Token", signed_case.key.token);
    if (signed_case.options.sign_body_header)
        sent.emplace_back("x-amz-content-sha256", signed_case.payload_hash);
    sent.emplace_back("Authorization", got.authorization);
    compare.same("request headers", sorted_lines(pairs(expected.at("signed_request_headers").as_array()), true), sorted_lines(sent, true));

    // What was signed must verify.
    std::vector<sigv4::field_view> all;
    for (const auto& [name, value] : sent)
        all.push_back({name, value});
    sigv4::request_view received = signed_case.request;
    received.headers = all;
    sigv4::claim claimed;
    sigv4::verify_options accept;
    accept.normalize_path = signed_case.options.normalize_path;
    auto verified = sigv4::read_claim(received, claimed);
    if (verified)
        verified = sigv4::verify(received, claimed, signed_case.key, signed_case.at, accept);
    if (!verified)
        compare.fail("verifying", verified.detail);
    compare.count(count);
}

void run_query_variant(const boost::json::object& test, tally& count)
{
    comparison compare(std::string(text(test, "name")) + " (query)");
    const suite_case signed_case(test);
    const boost::json::object& expected = test.at("query").as_object();
    const std::chrono::seconds lives(test.at("context").at("expiration_in_seconds").as_int64());
    sigv4::signer signer;
    sigv4::presigned got;
    if (auto done = signer.presign(signed_case.request, signed_case.where, signed_case.key, signed_case.at, lives, got, signed_case.options);
        !done)
        compare.fail("signing", done.error().text());
    compare.same("canonical request", text(expected, "canonical_request"), got.canonical_request);
    compare.same("string to sign", text(expected, "string_to_sign"), got.string_to_sign);
    compare.same("signature", text(expected, "signature"), got.signature_hex);
    const std::string target = std::string(signed_case.request.path) + "?" + got.query;
    compare.same("signed target", sorted_lines(parameters(text(expected, "signed_target")), false), sorted_lines(parameters(target), false));
    compare.same("request headers", sorted_lines(pairs(expected.at("signed_request_headers").as_array()), true),
        sorted_lines(pairs(test.at("request").at("headers").as_array()), true));

    sigv4::request_view received = signed_case.request;
    received.query = got.query;
    sigv4::claim claimed;
    sigv4::verify_options accept;
    accept.normalize_path = signed_case.options.normalize_path;
    auto verified = sigv4::read_claim(received, claimed);
    if (verified)
        verified = sigv4::verify(received, claimed, signed_case.key, signed_case.at, accept);
    if (!verified)
        compare.fail("verifying", verified.detail);
    compare.count(count);
}

} // namespace lambent::vectors
