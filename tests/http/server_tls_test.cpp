#include <lambent/http/certificate.hpp>
#include <lambent/http/server.hpp>

#include <http/raw_client.hpp>
#include <sim/world.hpp>

#include <memory>
#include <string>

using namespace lambent;
using namespace std::chrono_literals;
using tests::raw_client;

namespace {

class hello final : public http::handler
{
public:
    awaitable<http::server_response> handle(http::server_request& request) override
    {
        http::server_response response;
        response.body = request.body + (request.tls ? " over tls" : " plain");
        if (request.path == "/big")
            response.body = std::string(3'000'000, 'b');
        if (request.path == "/truncate")
            response.misbehaviour = http::server_response::fault::truncate_body;
        response.close = request.path != "/stay";
        co_return response;
    }
};

core::wall_time today() { return std::chrono::system_clock::now(); }

const http::identity& authority()
{
    static const http::identity made = http::make_authority("lambent test authority", today() - 24h, today() + 24h).value();
    return made;
}

http::identity certificate(const http::certificate_request& wanted) { return http::make_certificate(authority(), wanted).value(); }

http::certificate_request valid()
{
    http::certificate_request request;
    request.not_before = today() - 1h;
    request.not_after = today() + 1h;
    return request;
}

struct scene
{
    explicit scene(const http::identity& shown)
    {
        const http::server_tls tls{shown.certificate_pem, shown.private_key_pem};
        http::server_options options;
        options.tls = &tls;
        server = std::make_unique<http::server>(world.shard(), options, handler);
        const auto started = server->start();
        INFO((started ? "" : started.error().text()));
        REQUIRE(started);
        const std::string& ca = authority().certificate_pem;
        trust.add_certificate_authority(asio::buffer(ca));
        trust.set_verify_mode(asio::ssl::verify_peer);
    }
    ~scene()
    {
        world.run(server->close(core::deadline(core::instant::min())));
        world.drain();
    }

    sim::real_world world;
    hello handler;
    std::unique_ptr<http::server> server;
    asio::ssl::context trust{asio::ssl::context::tls_client};
};

struct result
{
    std::string bytes;
    boost::system::error_code connected;
    boost::system::error_code end;
    std::string verification;
};

awaitable<result> fetch(scene& s, std::string path, std::string host)
{
    raw_client client(s.world.shard().executor());
    result got;
    got.connected = co_await client.connect(s.server->port(), &s.trust, host);
    got.verification = X509_verify_cert_error_string(SSL_get_verify_result(client.tls().native_handle()));
    if (got.connected)
        co_return got;
    co_await client.send("POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
    got.bytes = co_await client.receive_all();
    got.end = client.why;
    co_return got;
}

result fetch_from(scene& s, const std::string& path, const std::string& host = "localhost")
{
    return s.world.run(fetch(s, path, host));
}

awaitable<std::string> garbage(scene& s)
{
    raw_client client(s.world.shard().executor());
    co_await client.connect(s.server->port());
    co_await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    co_return co_await client.receive_all();
}

} // namespace

TEST_CASE("server over TLS: answers, and says goodbye in good order", "[http][server][tls]")
{
    scene s(certificate(valid()));
    const auto got = fetch_from(s, "/");
    CHECK(got.connected.message() == "Success");
    CHECK(got.bytes.ends_with("hi over tls"));
    CHECK(got.end == asio::error::eof); // close_notify; without it Asio says stream_truncated
}

TEST_CASE("server over TLS: large bodies, truncation, and clients that do not speak TLS", "[http][server][tls]")
{
    scene s(certificate(valid()));
    const auto big = fetch_from(s, "/big");
    CHECK(big.bytes.size() > 3'000'000);
    CHECK(big.bytes.ends_with("bbb"));
    const auto half = fetch_from(s, "/truncate");
    CHECK(half.bytes.ends_with("\r\n\r\nhi ov"));
    CHECK(half.end == asio::error::eof);
    CHECK(s.world.run(garbage(s)).find("HTTP") == std::string::npos);
    CHECK(fetch_from(s, "/").bytes.ends_with("hi over tls"));
}

TEST_CASE("certificate: valid for its names and addresses, for no other", "[http][tls]")
{
    auto request = valid();
    request.names = {"localhost", "example.test", "127.0.0.1", "::1"};
    scene s(certificate(request));
    for (const char* host : {"localhost", "example.test"})
        CHECK_FALSE(fetch_from(s, "/", host).connected);
    const auto other = fetch_from(s, "/", "other.test");
    CHECK(other.connected);
    CHECK(other.verification == "hostname mismatch");
}

TEST_CASE("certificate: expired, not yet valid, or not for servers is refused by who verifies", "[http][tls]")
{
    auto request = valid();
    request.not_before = today() - 3h;
    request.not_after = today() - 2h;
    scene expired(certificate(request));
    CHECK(fetch_from(expired, "/").verification == "certificate has expired");

    request.not_before = today() + 2h;
    request.not_after = today() + 3h;
    scene early(certificate(request));
    CHECK(fetch_from(early, "/").verification == "certificate is not yet valid");

    request = valid();
    request.purpose = http::certificate_request::use::client;
    scene client_only(certificate(request));
    CHECK(fetch_from(client_only, "/").verification == "unsuitable certificate purpose");

    const auto stranger = http::make_authority("another authority", today() - 1h, today() + 1h).value();
    scene unknown(http::make_certificate(stranger, valid()).value());
    CHECK(fetch_from(unknown, "/").verification == "unable to get local issuer certificate");
}

TEST_CASE("certificate: a name is one name, commas and all", "[http][tls]")
{
    auto request = valid();
    request.names = {"localhost, DNS:evil.test"};
    scene s(certificate(request));
    CHECK(fetch_from(s, "/", "evil.test").connected);
}

TEST_CASE("server over TLS: unusable PEM is an error that says which", "[http][server][tls]")
{
    const auto good = certificate(valid());
    const auto other = certificate(valid());
    sim::real_world world;
    hello handler;
    const auto start_with = [&](const std::string& chain, const std::string& key) {
        const http::server_tls tls{chain, key};
        http::server_options options;
        options.tls = &tls;
        http::server server(world.shard(), options, handler);
        const auto started = server.start();
        REQUIRE_FALSE(started);
        return started.error().detail;
    };
    CHECK_THAT(start_with("", good.private_key_pem), Catch::StartsWith("the server's TLS set-up: the certificate chain is not PEM"));
    CHECK_THAT(start_with(good.certificate_pem, "nonsense"), Catch::StartsWith("the server's TLS set-up: the private key is not"));
    CHECK_THAT(start_with(good.certificate_pem, other.private_key_pem), Catch::StartsWith("the server's TLS set-up: the private key"));
    CHECK_FALSE(http::make_certificate({"x", "y"}, valid()));
}
