// The signer alone, without a network: "get-vanilla" of the published SigV4 test suite.
#include <lambent/sigv4/signer.hpp>

#include <array>
#include <cstdio>

namespace sigv4 = lambent::sigv4;

int main()
{
    const std::string empty_payload = sigv4::sha256_hex("");
    const std::array<sigv4::field_view, 1> headers{{{"host", "example.amazonaws.com"}}};
    const sigv4::request_view request{"GET", "/", "", headers, empty_payload};
    const sigv4::key_view key{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
    // 2015-08-30 12:36:00 UTC
    const lambent::core::wall_time at{std::chrono::seconds(1440938160)};
    sigv4::signer signer;
    sigv4::signature made;
    auto done = signer.sign(request, {"us-east-1", "service"}, key, at, made);
    if (!done) {
        std::fprintf(stderr, "%s\n", done.error().text().c_str());
        return 1;
    }
    std::puts(made.signature_hex.c_str());
    return made.signature_hex == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" ? 0 : 1;
}
