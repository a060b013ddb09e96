#pragma once

#include <cstddef>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace lambent::support {

/// What a scripted server does on one connection, step by step.
struct step
{
    enum class act {
        read_request,  ///< head, and body by Content-Length
        read_some,     ///< whatever comes next, at least one byte
        write,         ///< `text`
        shut,          ///< FIN; over TLS with close_notify
        cut,           ///< FIN without close_notify
        reset,         ///< RST
        hold,          ///< keeps the connection until the peer ends it
        skip_handshake ///< as the first step of a TLS script: no handshake
    };
    act what;
    std::string text = {};
};
using script = std::vector<step>;

inline step read_request() { return {step::act::read_request}; }
inline step read_some() { return {step::act::read_some}; }
inline step write(std::string text) { return {step::act::write, std::move(text)}; }
inline step shut() { return {step::act::shut}; }
inline step cut() { return {step::act::cut}; }
inline step reset() { return {step::act::reset}; }
inline step hold() { return {step::act::hold}; }
inline step skip_handshake() { return {step::act::skip_handshake}; }

/// Reads and answers `answer` so often, then what is in `after`.
inline script answering(std::size_t times, const std::string& answer, const script& after = {})
{
    script out;
    for (std::size_t i = 0; i < times; ++i) {
        out.push_back(read_request());
        out.push_back(write(answer));
    }
    out.insert(out.end(), after.begin(), after.end());
    return out;
}

inline std::string ok_response(const std::string& body, const std::string& extra_fields = "")
{
    return "HTTP/1.1 200 OK\r\n" + extra_fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The length of the request at the beginning of `text`, or 0 while it is incomplete.
inline std::size_t request_length(const std::string& text)
{
    const auto end = text.find("\r\n\r\n");
    if (end == std::string::npos)
        return 0;
    std::size_t length = end + 4;
    const auto field = text.find("Content-Length: ");
    if (field < end)
        length += static_cast<std::size_t>(std::strtoull(text.c_str() + field + 16, nullptr, 10));
    return text.size() >= length ? length : 0;
}

} // namespace lambent::support
