#include <lambent/stream/health.hpp>

#include <lambent/data/json.hpp>

namespace lambent::stream {

namespace {

constexpr std::string_view endpoints_json =
    "{\"/endpoints\":\"Returns this map of endpoints.\",\"/ping\":\"Ping me.\",\"/ready\":\"Returns 200 OK if all inputs and outputs are "
    "connected, otherwise a 503 is returned.\",\"/version\":\"Returns the service version.\"}";

http::server_response text_response(int status, std::string_view type, std::string body)
{
    http::server_response response;
    response.status = status;
    response.fields.add("Content-Type", type);
    response.body = std::move(body);
    return response;
}

} // namespace

void health::show(const engine* running, std::string input_label, std::string output_label)
{
    running_ = running;
    input_label_ = std::move(input_label);
    output_label_ = std::move(output_label);
}

awaitable<http::server_response> health::handle(http::server_request& request)
{
    std::string_view path = request.path;
    if (!root_path_.empty() && root_path_ != "/" && path.starts_with(root_path_) && path.substr(root_path_.size()).starts_with('/'))
        path.remove_prefix(root_path_.size());
    co_return answer(path);
}

http::server_response health::answer(std::string_view path) const
{
    if (path == "/ping")
        return text_response(200, "text/plain; charset=utf-8", "pong");
    if (path == "/ready")
        return ready();
    if (path == "/version")
        return text_response(200, "application/json", "{\"version\":\"" + version_ + "\", \"built\":\"\"}");
    if (path == "/endpoints")
        return text_response(200, "application/json", std::string(endpoints_json));
    http::server_response missing = text_response(404, "text/plain; charset=utf-8", "404 page not found\n");
    missing.fields.add("X-Content-Type-Options", "nosniff");
    return missing;
}

http::server_response health::ready() const
{
    const bool input = running_ != nullptr && running_->input_connected();
    const bool output = running_ != nullptr && running_->output_connected();
    std::string body = "{\"statuses\":[";
    if (running_ != nullptr) {
        const auto status = [&](std::string_view path, const std::string& label, bool connected) {
            body += "{\"label\":";
            data::write_json_string(body, label);
            body += ",\"path\":\"";
            body += path;
            body += "\",\"connected\":";
            body += connected ? "true}" : "false}";
        };
        status("input", input_label_, input);
        body += ',';
        status("output", output_label_, output);
    }
    body += running_ != nullptr ? "]}" : "],\"error\":\"stream terminated\"}";
    return text_response(input && output ? 200 : 503, "application/json", body + "\n");
}

} // namespace lambent::stream
