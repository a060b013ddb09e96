#pragma once

#include <lambent/http/server.hpp>
#include <lambent/stream/engine.hpp>

#include <string>
#include <string_view>

namespace lambent::stream {

/// The service endpoints: /ping, /ready, /version, /endpoints, each also under the root path; everything else is 404.
class health final : public http::handler
{
public:
    health(std::string root_path, std::string version) : root_path_(std::move(root_path)), version_(std::move(version)) {}

    /// Whose state /ready tells. Null: the stream has not begun or is over.
    void show(const engine* running, std::string input_label, std::string output_label);
    void ended() noexcept { running_ = nullptr; }

    awaitable<http::server_response> handle(http::server_request& request) override;

private:
    http::server_response answer(std::string_view path) const;
    http::server_response ready() const;

    std::string root_path_;
    std::string version_;
    const engine* running_ = nullptr;
    std::string input_label_;
    std::string output_label_;
};

} // namespace lambent::stream
