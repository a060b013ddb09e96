// Any request line, headers and key: what the signer accepts, the verifier accepts, and refuses with another body; a template signs the same.
#include <lambent/sigv4/digest.hpp>
#include <lambent/sigv4/request_template.hpp>
#include <lambent/sigv4/signer.hpp>
#include <lambent/sigv4/verify.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lambent;
    // Lines: path, query, then name:value headers; the body is what follows an empty line.
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const auto line = [&rest] {
        const std::size_t end = rest.find('\n');
        const std::string_view found = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        return found;
    };
    const std::string_view path = line();
    const std::string_view query = line();
    std::vector<sigv4::field_view> headers{{"host", "example.amazonaws.com"}};
    while (headers.size() < 20) {
        const std::string_view text = line();
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos)
            break;
        headers.push_back({text.substr(0, colon), text.substr(colon + 1)});
    }
    const std::string hash = sigv4::sha256_hex(rest);
    const sigv4::request_view request{.method = "POST", .path = path, .query = query, .headers = headers, .payload_sha256 = hash};
    const sigv4::key_view key{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", {}};
    const core::wall_time at{std::chrono::seconds(1'440'938'160)};
    sigv4::signer signer;
    sigv4::signature out;
    const bool done = static_cast<bool>(signer.sign(request, {"eu-west-1", "lambda"}, key, at, out));
    sigv4::request_template prepared;
    if (static_cast<bool>(signer.prepare(request, {"eu-west-1", "lambda"}, key, at, prepared)) != done)
        std::abort();
    if (!done)
        return 0;
    std::string digits(64, '\0');
    prepared.sign(rest, digits.data());
    if (digits != out.signature_hex || prepared.authorization() + digits != out.authorization || prepared.date() != out.date)
        std::abort();
    std::vector<sigv4::field_view> sent = headers;
    sent.push_back({"x-amz-date", out.date});
    sent.push_back({"authorization", out.authorization});
    sigv4::request_view received = request;
    received.headers = sent;
    sigv4::claim claimed;
    if (!sigv4::read_claim(received, claimed))
        return 0; // headers of the same names came from the input
    if (claimed.signature_hex != out.signature_hex)
        return 0;
    const auto verdict = sigv4::verify(received, claimed, key, at, {});
    const std::string other = sigv4::sha256_hex("another body");
    received.payload_sha256 = other;
    if (verdict && hash != other && sigv4::verify(received, claimed, key, at, {}))
        std::abort();
    return 0;
}
