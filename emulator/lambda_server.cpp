#include <lambent/emulator/lambda_server.hpp>

#include <lambent/core/task_group.hpp>
#include <lambent/emulator/invoke_service.hpp>
#include <lambent/http/certificate.hpp>
#include <lambent/http/server.hpp>

#include <algorithm>
#include <utility>

namespace lambent::emulator {
namespace {

using namespace std::chrono_literals;

// A client whose clock is a little behind must not find the certificate in its future.
constexpr core::duration certificate_backdated = 24h;
constexpr core::duration certificate_lives = 365 * 24h;
// The service refuses 6 MiB and 1 byte with an error of its own, so the server below it must let some more through.
constexpr std::size_t body_bytes_max = 16 * 1024 * 1024;

} // namespace

struct lambda_server::state
{
    state(core::shard& on, lambda_server_options given)
        : shard(on), http(std::move(given.http)), https(std::move(given.https)), service(on, std::move(given.account))
    {}

    core::result<http::server_tls> make_certificate();
    core::result<std::unique_ptr<http::server>> listen(const listen_address& at, const http::server_tls* tls);
    core::result<void> listen();
    awaitable<void> close(core::deadline until);

    core::shard& shard;
    std::optional<listen_address> http;
    std::optional<listen_address> https;
    invoke_service service;
    std::string ca;
    std::unique_ptr<http::server> plain;
    std::unique_ptr<http::server> secure;
};

core::result<http::server_tls> lambda_server::state::make_certificate()
{
    const core::wall_time now = shard.time().wall();
    http::certificate_request request;
    request.not_before = now - certificate_backdated;
    request.not_after = now + certificate_lives;
    if (std::find(request.names.begin(), request.names.end(), https->address) == request.names.end())
        request.names.push_back(https->address);
    auto authority = http::make_authority("lambent emulator CA", request.not_before, request.not_after);
    if (!authority)
        return authority.error();
    auto leaf = http::make_certificate(*authority, request);
    if (!leaf)
        return leaf.error();
    ca = std::move(authority->certificate_pem);
    http::server_tls tls;
    tls.certificate_chain_pem = std::move(leaf->certificate_pem);
    tls.private_key_pem = std::move(leaf->private_key_pem);
    return tls;
}

core::result<std::unique_ptr<http::server>> lambda_server::state::listen(const listen_address& at, const http::server_tls* tls)
{
    http::server_options options;
    options.address = at.address;
    options.port = at.port;
    options.tls = tls;
    options.body_bytes_max = body_bytes_max;
    auto server = std::make_unique<http::server>(shard, options, service);
    if (auto started = server->start(); !started)
        return started.error();
    return server;
}

core::result<void> lambda_server::state::listen()
{
    if (https) {
        const auto tls = make_certificate();
        if (!tls)
            return tls.error();
        auto server = listen(*https, &*tls);
        if (!server)
            return server.error();
        secure = std::move(*server);
    }
    if (http) {
        auto server = listen(*http, nullptr);
        if (!server)
            return server.error();
        plain = std::move(*server);
    }
    return {};
}

awaitable<void> lambda_server::state::close(core::deadline until)
{
    core::task_group both(shard);
    if (secure)
        both.start(secure->close(until));
    if (plain)
        both.start(plain->close(until));
    co_await both.join();
}

lambda_server::lambda_server(core::shard& on, lambda_server_options options) : state_(std::make_unique<state>(on, std::move(options))) {}
lambda_server::~lambda_server() = default;

awaitable<core::result<void>> lambda_server::start()
{
    if (!state_->http && !state_->https) {
        core::error nowhere;
        nowhere.code = boost::system::errc::make_error_code(boost::system::errc::invalid_argument);
        nowhere.detail = "the emulator needs an address to listen on, for http or https";
        co_return nowhere;
    }
    core::result<void> started = state_->service.open();
    if (started)
        started = state_->listen();
    if (!started) {
        co_await state_->close(core::deadline::never()); // nobody has called yet: at once
        state_->secure.reset();
        state_->plain.reset();
    }
    co_return started;
}

std::uint16_t lambda_server::http_port() const noexcept { return state_->plain ? state_->plain->port() : std::uint16_t{0}; }
std::uint16_t lambda_server::https_port() const noexcept { return state_->secure ? state_->secure->port() : std::uint16_t{0}; }
const std::string& lambda_server::ca_pem() const noexcept { return state_->ca; }

awaitable<void> lambda_server::close(core::deadline until)
{
    co_await state_->close(until);
    co_await state_->service.drain(until);
}

} // namespace lambent::emulator
