#include <lambent/http/certificate.hpp>
#include <lambent/http/client.hpp>
#include <lambent/http/tls.hpp>

#include <sim/world.hpp>
#include <support/catch.hpp>
#include <support/scripted_server.hpp>

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>

using namespace lambent;
using namespace lambent::support;
using namespace std::chrono_literals;

namespace {

core::wall_time now_of_test() { return core::wall_time(std::chrono::seconds(1'800'000'000)); } // 2027-01-15T08:00:00Z

/// A file with some text, gone at the end.
class file_with
{
public:
    explicit file_with(const std::string& text)
    {
        const int descriptor = ::mkstemp(path_.data());
        REQUIRE(descriptor >= 0);
        REQUIRE(::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
        ::close(descriptor);
    }
    ~file_with() { std::remove(path_.c_str()); }
    const std::string& path() const { return path_; }

private:
    std::string path_ = "/tmp/lambent-test-XXXXXX";
};

/// A variable of this process's environment, as it was at the end.
class environment_variable
{
public:
    environment_variable(std::string name, const std::string& value) : name_(std::move(name))
    {
        if (const char* const before = std::getenv(name_.c_str()); before != nullptr)
            before_ = before;
        ::setenv(name_.c_str(), value.c_str(), 1);
    }
    ~environment_variable() { before_ ? ::setenv(name_.c_str(), before_->c_str(), 1) : ::unsetenv(name_.c_str()); }

private:
    std::string name_;
    std::optional<std::string> before_;
};

http::identity authority(const std::string& name = "lambent test authority")
{
    return http::make_authority(name, now_of_test() - 24h, now_of_test() + 24h).value();
}

const http::identity& trusted()
{
    static const http::identity made = authority();
    return made;
}

const std::string& trusted_file()
{
    static const file_with file(trusted().certificate_pem);
    return file.path();
}

http::certificate_request valid_for(std::vector<std::string> names)
{
    http::certificate_request request;
    request.names = std::move(names);
    request.not_before = now_of_test() - 1h;
    request.not_after = now_of_test() + 1h;
    return request;
}

http::identity certified(const http::certificate_request& request) { return http::make_certificate(trusted(), request).value(); }

asio::ssl::context server_context(const http::identity& shown)
{
    asio::ssl::context context(asio::ssl::context::tls_server);
    context.use_certificate_chain(asio::buffer(shown.certificate_pem));
    context.use_private_key(asio::buffer(shown.private_key_pem), asio::ssl::context::pem);
    return context;
}

std::unique_ptr<http::tls_factory> factory(const std::string& ca_file = trusted_file(), bool skip = false)
{
    http::tls_options options;
    options.ca_file = ca_file;
    options.dangerously_skip_certificate_verification = skip;
    auto made = http::tls_factory::make(options);
    INFO((made ? "" : made.error().text()));
    REQUIRE(made.has_value());
    return std::move(*made);
}

struct handshake
{
    bool good = false;
    bool resumed = false;
    std::string refusal;
    std::string server_name; ///< as asked for by SNI
    std::string protocol;    ///< by ALPN
};

/// Both ends in memory, without a socket: the client's as the factory makes it, the server's by OpenSSL.
handshake shake_hands(http::tls_factory& clients, asio::ssl::context& server, const std::string& host, core::wall_time now = now_of_test())
{
    const http::origin to{true, host, 443};
    auto stream = clients.start(to, now);
    REQUIRE(stream.has_value());
    SSL* const client = stream->ssl();
    SSL* const peer = SSL_new(server.native_handle());
    SSL_set_accept_state(peer);
    BIO* near = nullptr;
    BIO* far = nullptr;
    BIO_new_bio_pair(&near, 64 * 1024, &far, 64 * 1024);
    SSL_set_bio(client, near, near);
    SSL_set_bio(peer, far, far);
    handshake out;
    int client_done = 0;
    int peer_done = 0;
    for (int turn = 0; turn < 10 && (client_done != 1 || peer_done != 1); ++turn) {
        client_done = SSL_do_handshake(client);
        peer_done = SSL_do_handshake(peer);
    }
    char byte = 0;
    if (client_done == 1 && SSL_write(peer, "x", 1) == 1) // session tickets come before it
        out.good = SSL_read(client, &byte, 1) == 1;
    out.resumed = SSL_session_reused(client) == 1;
    out.refusal = stream->notes().refusal;
    if (const char* const name = SSL_get_servername(peer, TLSEXT_NAMETYPE_host_name); name != nullptr)
        out.server_name = name;
    const unsigned char* protocol = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(client, &protocol, &length);
    out.protocol.assign(reinterpret_cast<const char*>(protocol), length);
    SSL_set_shutdown(client, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(peer);
    http::clear_tls_errors();
    return out;
}

handshake shake_hands(const http::identity& shown, const std::string& host, core::wall_time now = now_of_test())
{
    auto clients = factory();
    auto server = server_context(shown);
    return shake_hands(*clients, server, host, now);
}

} // namespace

TEST_CASE("tls: a certificate is good for the names and addresses in it, wildcards for one level", "[http][tls]")
{
    struct row
    {
        std::vector<std::string> names;
        std::string host;
        std::string refusal; ///< empty: good
    };
    const row rows[] = {
        {{"a.example"}, "a.example", ""},
        {{"a.example"}, "A.EXAMPLE", ""},
        {{"b.example", "a.example"}, "a.example", ""},
        {{"*.example.com"}, "a.example.com", ""},
        {{"127.0.0.1"}, "127.0.0.1", ""},
        {{"::1"}, "::1", ""},
        {{"a.example"}, "b.example", "x509: certificate is valid for a.example, not b.example"},
        {{"a.example", "b.example"}, "c.example", "x509: certificate is valid for a.example, b.example, not c.example"},
        {{"*.example.com"}, "example.com", "x509: certificate is valid for *.example.com, not example.com"},
        {{"*.example.com"}, "a.b.example.com", "x509: certificate is valid for *.example.com, not a.b.example.com"},
        {{"f*.example.com"}, "foo.example.com", "x509: certificate is valid for f*.example.com, not foo.example.com"},
        {{"a.example"}, "127.0.0.1", "x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"},
        {{"127.0.0.2", "::1"}, "127.0.0.1", "x509: certificate is valid for 127.0.0.2, ::1, not 127.0.0.1"},
        {{"127.0.0.1"}, "a.example", "x509: certificate is not valid for any names, but wanted to match a.example"},
    };
    for (const row& r : rows) {
        INFO(r.host << " by a certificate for " << r.names.front());
        const handshake got = shake_hands(certified(valid_for(r.names)), r.host);
        CHECK(got.good == r.refusal.empty());
        CHECK(got.refusal == r.refusal);
    }
}

TEST_CASE("tls: the name in the subject counts for nothing", "[http][tls]")
{
    auto request = valid_for({"b.example"});
    request.common_name = "a.example";
    CHECK_FALSE(shake_hands(certified(request), "a.example").good);
    request.names.clear();
    const auto alone = shake_hands(certified(request), "a.example");
    CHECK_FALSE(alone.good);
    CHECK(alone.refusal == "x509: certificate relies on legacy Common Name field, use SANs instead");
}

TEST_CASE("tls: names are sent as SNI, addresses are not; HTTP/1.1 is asked for", "[http][tls]")
{
    const auto certificate = certified(valid_for({"a.example", "127.0.0.1"}));
    CHECK(shake_hands(certificate, "a.example").server_name == "a.example");
    CHECK(shake_hands(certificate, "127.0.0.1").server_name.empty());

    auto clients = factory();
    auto server = server_context(certificate);
    SSL_CTX_set_alpn_select_cb(server.native_handle(),
        [](SSL*, const unsigned char** out, unsigned char* length, const unsigned char* offered, unsigned size, void*) {
            *out = offered + 1;
            *length = offered[0];
            return size > 0 ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
        },
        nullptr);
    CHECK(shake_hands(*clients, server, "a.example").protocol == "http/1.1");
}

TEST_CASE("tls: dates are judged by the shard's clock, and named", "[http][tls]")
{
    auto request = valid_for({"a.example"});
    request.common_name = "the server";
    const auto certificate = certified(request);
    CHECK(shake_hands(certificate, "a.example", now_of_test() - 59min).good);
    CHECK(shake_hands(certificate, "a.example", now_of_test() + 59min).good);
    CHECK(shake_hands(certificate, "a.example", now_of_test() + 2h).refusal
        == "x509: certificate has expired or is not yet valid: current time 2027-01-15T10:00:00Z is after 2027-01-15T09:00:00Z (CN=the server)");
    CHECK(shake_hands(certificate, "a.example", now_of_test() - 2h).refusal
        == "x509: certificate has expired or is not yet valid: current time 2027-01-15T06:00:00Z is before 2027-01-15T07:00:00Z (CN=the server)");
}

TEST_CASE("tls: an unknown authority, a self-signed server and a client's certificate are refused, each in its words", "[http][tls]")
{
    const auto stranger = authority("some other authority");
    const auto unknown = shake_hands(http::make_certificate(stranger, valid_for({"a.example"})).value(), "a.example");
    CHECK_FALSE(unknown.good);
    CHECK(unknown.refusal
        == "x509: certificate signed by unknown authority: CN=some other authority is not among the system's roots; if it is to be "
           "trusted, name its certificate as the CA file; if it is an intermediate one, the server must send its certificate too");

    const auto self_signed = shake_hands(stranger, "a.example");
    CHECK_FALSE(self_signed.good);
    CHECK(self_signed.refusal
        == "x509: certificate signed by unknown authority: the server's certificate (CN=some other authority) is self-signed; if it is "
           "to be trusted, name it as the CA file");

    auto request = valid_for({"a.example"});
    request.purpose = http::certificate_request::use::client;
    const auto wrong_use = shake_hands(certified(request), "a.example");
    CHECK_FALSE(wrong_use.good);
    CHECK(wrong_use.refusal == "x509: certificate specifies an incompatible key usage: it is not for TLS servers");
}

TEST_CASE("tls: TLS 1.2 is enough, 1.1 is not", "[http][tls]")
{
    const auto certificate = certified(valid_for({"a.example"}));
    auto clients = factory();
    auto server = server_context(certificate);
    SSL_CTX_set_max_proto_version(server.native_handle(), TLS1_2_VERSION);
    CHECK(shake_hands(*clients, server, "a.example").good);
    auto old = server_context(certificate);
    SSL_CTX_set_security_level(old.native_handle(), 0);
    SSL_CTX_set_min_proto_version(old.native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(old.native_handle(), TLS1_1_VERSION);
    CHECK_FALSE(shake_hands(*clients, old, "a.example").good);
}

TEST_CASE("tls: a session is resumed towards the same origin by the same client only", "[http][tls]")
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto certificate = certified(valid_for({"a.example", "b.example"}));
        auto server = server_context(certificate);
        SSL_CTX_set_max_proto_version(server.native_handle(), version);
        auto clients = factory();
        CHECK_FALSE(shake_hands(*clients, server, "a.example").resumed);
        CHECK_FALSE(shake_hands(*clients, server, "b.example").resumed);
        const auto again = shake_hands(*clients, server, "a.example");
        CHECK(again.good);
        CHECK(again.resumed);
        auto careless = factory("", true);
        CHECK_FALSE(shake_hands(*careless, server, "a.example").resumed);
        CHECK(shake_hands(*careless, server, "a.example").resumed);
        // Sessions of a client that verifies nothing are of no use to one that does.
        auto strict = factory();
        CHECK_FALSE(shake_hands(*strict, server, "a.example").resumed);
    }
}

TEST_CASE("tls: verification can be turned off, by the loud name alone", "[http][tls]")
{
    const auto stranger = authority("some other authority");
    auto server = server_context(stranger);
    auto clients = factory("", true);
    CHECK(shake_hands(*clients, server, "anything").good);
}

TEST_CASE("tls: the system's roots serve beside the CA file's, also one of the same name", "[http][tls]")
{
    const auto of_system = authority("an authority of the system");
    const auto namesake = authority("lambent test authority");
    const file_with roots(of_system.certificate_pem + namesake.certificate_pem);
    const environment_variable known("SSL_CERT_FILE", roots.path());
    const environment_variable hashed("SSL_CERT_DIR", "/nonexistent");
    const std::vector<std::string> names{"a.example"};
    const auto clients = factory();
    const auto good = [&](const http::identity& signer) {
        auto server = server_context(http::make_certificate(signer, valid_for(names)).value());
        return shake_hands(*clients, server, "a.example").good;
    };
    // The CA file's alone first: the system's are read when they are needed.
    CHECK(good(trusted()));
    CHECK(good(namesake));
    CHECK(good(of_system));
    CHECK(good(trusted()));
    CHECK_FALSE(good(authority("a stranger")));
}

TEST_CASE("tls: a CA file that cannot be used is named", "[http][tls]")
{
    http::tls_options options;
    options.ca_file = "/nonexistent/ca.pem";
    const auto missing = http::tls_factory::make(options);
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().code == http::errc::certificate_refused);
    CHECK(missing.error().detail == "the CA file /nonexistent/ca.pem cannot be used: No such file or directory");
    const file_with nonsense("this is no certificate");
    options.ca_file = nonsense.path();
    const auto unreadable = http::tls_factory::make(options);
    REQUIRE_FALSE(unreadable.has_value());
    CHECK(unreadable.error().detail.starts_with("the CA file " + nonsense.path() + " cannot be used: "));
}

// ---- over sockets, by the real clock

namespace {

const http::identity& real_authority()
{
    static const http::identity made = [] {
        sim::real_world world;
        const auto now = world.shard().time().wall();
        return http::make_authority("lambent test authority", now - 24h, now + 24h).value();
    }();
    return made;
}

struct secure_bench
{
    explicit secure_bench(std::vector<script> scripts, std::vector<std::string> names = {"localhost", "127.0.0.1"})
        : ca(real_authority().certificate_pem), server(world.shard(), std::move(scripts), server_context(identity_for(std::move(names)))),
          client(world.shard(), options())
    {
        server.start();
        to.tls = true;
        to.host = "127.0.0.1";
        to.port = server.port();
    }
    ~secure_bench()
    {
        world.run(finish());
        CHECK(client.stats().opened == client.stats().closed);
    }
    awaitable<void> finish()
    {
        co_await client.close(world.shard().time().in(1s));
        co_await server.stop();
    }
    http::identity identity_for(std::vector<std::string> names)
    {
        http::certificate_request request;
        request.names = std::move(names);
        request.not_before = world.shard().time().wall() - 1h;
        request.not_after = world.shard().time().wall() + 1h;
        return http::make_certificate(real_authority(), request).value();
    }
    http::client_options options() const
    {
        http::client_options out;
        out.tls.ca_file = ca.path();
        return out;
    }
    awaitable<core::result<http::response>> get(core::duration within, std::string body)
    {
        http::request_view request;
        request.method = "POST";
        request.body = body;
        co_return co_await client.send(to, request, world.shard().time().in(within), nullptr, &report);
    }
    core::result<http::response> run_get(core::duration within = 5s, std::string body = {})
    {
        return world.run(get(within, std::move(body)));
    }

    sim::real_world world;
    file_with ca;
    scripted_server server;
    http::client client;
    http::origin to;
    http::exchange_report report;
};

} // namespace

TEST_CASE("client: requests follow one another on one TLS connection", "[http][client][tls]")
{
    const std::string big(3 * 1024 * 1024, 'b');
    secure_bench b({{read_request(), write(ok_response("one")), read_request(), write(ok_response(big)), read_request(),
        write(ok_response("three")), hold()}});
    CHECK(b.run_get().value().body == "one");
    CHECK((b.run_get(5s, std::string(200'000, 'u')).value().body == big));
    CHECK(b.run_get().value().body == "three");
    CHECK(b.server.connections() == 1);
    REQUIRE(b.server.requests().size() == 3);
    CHECK(b.server.requests()[1].size() > 200'000);
}

TEST_CASE("client: a certificate for somebody else is refused in an operator's words, and nothing is sent", "[http][client][tls]")
{
    secure_bench b({{read_some(), hold()}}, {"elsewhere.example"});
    const auto answer = b.run_get();
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == http::errc::certificate_refused);
    CHECK(answer.error().code != core::condition::transient);
    CHECK(answer.error().detail
        == "tls: failed to verify certificate: x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs");
    CHECK(b.report.progress == http::progress::not_sent);
    b.to.host = "localhost";
    CHECK(b.run_get().error().detail
        == "tls: failed to verify certificate: x509: certificate is valid for elsewhere.example, not localhost");
    CHECK(b.server.requests().empty());
}

TEST_CASE("client: a handshake that hangs, breaks or meets plain HTTP is named", "[http][client][tls]")
{
    struct row
    {
        script steps;
        http::errc code;
        std::string detail;
    };
    const row rows[] = {
        {{skip_handshake(), hold()}, http::errc::tls_handshake_timeout, "TLS handshake"},
        {{skip_handshake(), read_some(), shut()}, http::errc::tls_handshake_failed, "EOF in the TLS handshake with 127.0.0.1:"},
        {{skip_handshake(), read_some(), reset()}, http::errc::tls_handshake_failed, "read: connection reset by peer"},
        {{skip_handshake(), read_some(), write("HTTP/1.1 400 Bad Request\r\n\r\n"), hold()}, http::errc::tls_handshake_failed,
            "tls: first record does not look like a TLS handshake"},
    };
    for (const row& r : rows) {
        secure_bench b({r.steps});
        // Only the first row waits for the deadline; a slow machine must not make the others do so.
        const auto answer = b.run_get(r.code == http::errc::tls_handshake_timeout ? core::duration(150ms) : core::duration(30s));
        REQUIRE_FALSE(answer.has_value());
        INFO(answer.error().detail);
        CHECK(answer.error().code == r.code);
        CHECK(answer.error().detail.find(r.detail) != std::string::npos);
        CHECK(b.report.progress == http::progress::not_sent);
        CHECK(b.client.stats().opened == 0);
    }
}

TEST_CASE("client: over TLS a body until close is whole only behind a close_notify", "[http][client][tls]")
{
    const std::string answer = "HTTP/1.1 200 OK\r\n\r\nuntil close";
    secure_bench whole({{read_request(), write(answer), shut()}});
    CHECK(whole.run_get().value().body == "until close");
    secure_bench truncated({{read_request(), write(answer), cut(), hold()}});
    const auto refused = truncated.run_get();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == http::errc::truncated_response);
    CHECK(refused.error().detail == "unexpected EOF");
    secure_bench counted({{read_request(), write(ok_response("counted")), cut(), hold()}});
    CHECK(counted.run_get().value().body == "counted");
}

TEST_CASE("client: a TLS connection that broke while idle is not used again", "[http][client][tls]")
{
    for (const auto& deed : {shut(), cut(), reset(), write(ok_response("unasked"))}) {
        secure_bench b({{read_request(), write(ok_response("first")), deed, hold()}, answering(1, ok_response("second"), {hold()})});
        CHECK(b.run_get().value().body == "first");
        while (b.client.stats().idle > 0)
            REQUIRE(b.world.run(b.world.shard().time().sleep(1ms)).has_value());
        CHECK(b.run_get().value().body == "second");
    }
}
