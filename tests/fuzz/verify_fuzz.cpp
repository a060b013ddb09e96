// Any request before the verifier: bytes that nobody signed are never valid, what the signer signed is, and stays so through no change.
#include <lambent/sigv4/canonical.hpp>
#include <lambent/sigv4/digest.hpp>
#include <lambent/sigv4/signer.hpp>
#include <lambent/sigv4/verify.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace lambent;

constexpr sigv4::key_view key{"AKIDEXAMPLE", "a secret that no kept input was signed with", {}};
constexpr sigv4::key_view temporary{"AKIDEXAMPLE", "a secret that no kept input was signed with", "the-token=="};
constexpr core::wall_time at{std::chrono::seconds(1'440'938'160)};
constexpr sigv4::scope where{"eu-west-1", "lambda"};

void check(bool promise)
{
    if (!promise)
        std::abort();
}

struct message
{
    std::string method;
    std::string path;
    std::string query;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string hash;
};

/// Lines: method, path, query, then name:value headers; the body is what follows an empty line.
message read(std::string_view rest)
{
    const auto line = [&rest] {
        const std::size_t end = rest.find('\n');
        const std::string_view found = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        return std::string(found);
    };
    message made;
    made.method = line();
    made.path = line();
    made.query = line();
    while (made.headers.size() < 20) {
        const std::string text = line();
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos)
            break;
        made.headers.emplace_back(text.substr(0, colon), text.substr(colon + 1));
    }
    made.hash = sigv4::sha256_hex(rest);
    return made;
}

struct judged
{
    bool read = false;
    sigv4::verification by;
    sigv4::claim claimed;
};

judged judge(const message& received, const sigv4::key_view& with, core::wall_time now)
{
    std::vector<sigv4::field_view> fields;
    for (const auto& [name, value] : received.headers)
        fields.push_back({name, value});
    const sigv4::request_view view{received.method, received.path, received.query, fields, received.hash};
    judged out;
    out.by = sigv4::read_claim(view, out.claimed);
    out.read = static_cast<bool>(out.by);
    check(out.read || out.by.verdict == sigv4::verdict::malformed || out.by.verdict == sigv4::verdict::missing_authentication);
    if (out.read) {
        check(out.claimed.signature_hex.size() == 64);
        check(!out.claimed.signed_headers.empty() && std::is_sorted(out.claimed.signed_headers.begin(), out.claimed.signed_headers.end()));
        sigv4::verify_options options;
        options.region = where.region;
        options.service = where.service;
        out.by = sigv4::verify(view, out.claimed, with, now, options);
        check(out.by.verdict != sigv4::verdict::missing_authentication);
    }
    check(static_cast<bool>(out.by) == out.by.detail.empty());
    return out;
}

/// As the client sends it; false: this cannot be signed.
bool sign(message& to_send, const sigv4::key_view& with, bool by_query)
{
    to_send.headers.emplace_back("host", "example.amazonaws.com");
    std::vector<sigv4::field_view> fields;
    for (const auto& [name, value] : to_send.headers)
        fields.push_back({name, value});
    const sigv4::request_view view{to_send.method, to_send.path, to_send.query, fields, to_send.hash};
    sigv4::signer signer;
    if (by_query) {
        sigv4::presigned made;
        if (!signer.presign(view, where, with, at, std::chrono::seconds(60), made))
            return false;
        to_send.query = made.query;
        return true;
    }
    sigv4::signature made;
    if (!signer.sign(view, where, with, at, made))
        return false;
    to_send.headers.emplace_back("x-amz-date", made.date);
    to_send.headers.emplace_back("authorization", made.authorization);
    if (!with.token.empty())
        to_send.headers.emplace_back("x-amz-security-token", with.token);
    return true;
}

bool has(const message& in, std::string_view beginning)
{
    const auto begins = [&](const auto& header) {
        return header.first.size() >= beginning.size()
            && std::equal(beginning.begin(), beginning.end(), header.first.begin(), [](char a, char b) { return a == (b | 0x20); });
    };
    return std::any_of(in.headers.begin(), in.headers.end(), begins);
}

/// One change, of which each alone must spoil the signature. False: there is nothing to change in this way.
bool change(message& signed_one, std::uint8_t how, bool by_query)
{
    switch (how % 7) {
    case 0:
        signed_one.method += "X";
        return true;
    case 1:
        signed_one.path += "/x";
        return true;
    case 2:
        signed_one.query += signed_one.query.empty() ? "x=1" : "&x=1";
        return true;
    case 3:
        if (by_query)
            return false; // a presigned request covers no body, unless its hash is among the headers
        signed_one.hash = sigv4::sha256_hex("another body");
        return true;
    case 4:
        signed_one.headers.emplace_back("x-amz-further", "1");
        return true;
    case 5:
        std::erase_if(signed_one.headers, [](const auto& header) { return header.first == "host"; });
        return true;
    default: {
        std::string& carrier = by_query ? signed_one.query : (signed_one.headers.end() - (signed_one.headers.back().first == "authorization" ? 1 : 2))->second;
        const std::size_t digit = carrier.find("Signature=") + 10;
        carrier[digit] = carrier[digit] == '0' ? '1' : '0';
        return true;
    }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2)
        return 0;
    const message given = read({reinterpret_cast<const char*>(data) + 2, size - 2});
    check(!judge(given, key, at).by);

    message sent = given;
    const bool by_query = (data[0] & 1) != 0;
    const sigv4::key_view& with = (data[0] & 2) != 0 ? temporary : key;
    // What the input brings of the signature's own headers and parameters makes it ambiguous, or another request.
    if (has(given, "x-amz-") || has(given, "authorization") || has(given, "host") || given.query.find('-') != std::string::npos
        || given.query.find('%') != std::string::npos || !sign(sent, with, by_query))
        return 0;
    const judged good = judge(sent, with, at);
    check(good.read && static_cast<bool>(good.by) && good.claimed.presigned == by_query);
    check(!judge(sent, with, at + std::chrono::seconds(400)).by);
    check(!judge(sent, with, at - std::chrono::seconds(400)).by);
    check(!judge(sent, (data[0] & 2) != 0 ? key : temporary, at).by);
    if (change(sent, data[1], by_query))
        check(!judge(sent, with, at).by);
    return 0;
}
