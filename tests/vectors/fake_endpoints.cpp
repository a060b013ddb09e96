#include "fake_endpoints.hpp"

#include <lambent/data/json.hpp>

#include <utility>

namespace lambent::vectors {
namespace {

support::child_options started(const std::filesystem::path& script, std::uint16_t port)
{
    support::child_options o;
    o.arguments = {"python3", script.string(), std::to_string(port)};
    o.quiet = true;
    return o;
}

} // namespace

fake_endpoint::fake_endpoint(const std::filesystem::path& script)
    : port_(support::free_port()), process_(started(script, port_))
{
}

bool fake_endpoint::wait_until_listening() const { return support::wait_until_listening(port_); }

awaitable<core::result<std::string>> fake_endpoint::ask(http::client& by, std::string_view method, std::string_view target)
{
    const http::origin to{false, "127.0.0.1", port_};
    http::request_view request;
    request.method = method;
    request.target = target;
    auto reply = co_await by.send(to, request, core::deadline::never());
    if (!reply)
        co_return std::move(reply).error();
    co_return std::move(reply->body);
}

awaitable<core::result<void>> fake_endpoint::reset(http::client& by)
{
    auto done = co_await ask(by, "POST", "/__reset");
    if (!done)
        co_return std::move(done).error();
    co_return core::result<void>();
}

awaitable<core::result<data::value>> fake_endpoint::log(http::client& by)
{
    auto text = co_await ask(by, "GET", "/__log");
    if (!text)
        co_return std::move(text).error();
    co_return data::read_json(*text);
}

} // namespace lambent::vectors
