#pragma once

#include <lambent/core/time.hpp>
#include <lambent/core/timekeeper.hpp>
#include <lambent/http/dialer.hpp>
#include <lambent/http/errc.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lambent::test {

/// Lambda's Invoke behind a network without sockets: answers come after virtual time.
class fake_lambda
{
public:
    struct call
    {
        std::string head; ///< request line and headers
        std::string function;
        std::string body;
        std::size_t number; ///< of this function, from 1

        std::string header(std::string_view name) const
        {
            const std::size_t at = head.find("\r\n" + std::string(name) + ": ");
            if (at == std::string::npos)
                return "(none)";
            const std::size_t start = at + name.size() + 4;
            return head.substr(start, head.find("\r\n", start) - start);
        }
    };
    struct answer
    {
        int status = 200;
        std::string body;
        std::string headers; ///< further lines, each with CR LF
        core::duration after = core::duration::zero();
        bool never = false;  ///< no byte of an answer
        bool hang_up = false; ///< closes instead of answering
    };
    using handler = std::function<answer(const call&)>;

    fake_lambda(core::timekeeper& time, handler h) : time_(time), handler_(std::move(h)) {}

    /// For a host's `network`. This object must outlive it.
    std::unique_ptr<http::dialer> network() { return std::make_unique<door>(*this); }

    std::vector<call> calls;
    std::vector<http::origin> dialled;
    std::size_t refuse = 0;      ///< so many connections are refused
    std::size_t open = 0;        ///< connections now
    std::size_t running = 0;     ///< calls that wait for their answer
    std::size_t running_most = 0;

    static answer error(int status, const std::string& type, const std::string& message)
    {
        return {status, "{\"Message\":\"" + message + "\"}", "X-Amzn-ErrorType: " + type + "\r\n"};
    }
    static answer function_error(const std::string& body) { return {200, body, "X-Amz-Function-Error: Unhandled\r\n"}; }

private:
    class connection final : public http::transport
    {
    public:
        explicit connection(fake_lambda& to) : to_(to) { ++to_.open; }
        ~connection() override { close(false); }

        http::io try_read(std::span<char> into) noexcept override
        {
            if (!out_.empty()) {
                const std::size_t n = std::min(into.size(), out_.size());
                std::copy_n(out_.begin(), n, into.begin());
                out_.erase(0, n);
                return {http::io::outcome::moved, n};
            }
            return {ended_ ? http::io::outcome::ended : http::io::outcome::not_yet, 0};
        }
        http::io try_write(std::span<const char> from) noexcept override
        {
            in_.append(from.data(), from.size());
            take_request();
            return {http::io::outcome::moved, from.size()};
        }
        bool look() noexcept override { return !out_.empty() || ended_; }
        void attend(http::transport_owner* owner) noexcept override { owner_ = owner; }
        void close(bool) noexcept override
        {
            owner_ = nullptr;
            if (closed_)
                return;
            closed_ = true;
            --to_.open;
            if (waiting_) {
                to_.time_.remove(node_);
                --to_.running;
                waiting_ = false;
            }
        }
        core::error failure() const override { return {http::errc::reset_before_response, "never fails"}; }

    private:
        void take_request()
        {
            const std::size_t end = in_.find("\r\n\r\n");
            if (end == std::string::npos)
                return;
            call c;
            c.head = in_.substr(0, end + 2);
            const std::string length = c.header("Content-Length");
            const std::size_t size = length == "(none)" ? 0 : std::stoul(length);
            if (in_.size() < end + 4 + size)
                return;
            c.body = in_.substr(end + 4, size);
            in_.clear();
            const std::size_t start = c.head.find("/functions/") + 11;
            c.function = c.head.substr(start, c.head.find("/invocations", start) - start);
            c.number = 1;
            for (const call& before : to_.calls)
                c.number += before.function == c.function ? 1 : 0;
            answer_ = to_.handler_(c);
            to_.calls.push_back(std::move(c));
            if (answer_.never)
                return;
            to_.running_most = std::max(to_.running_most, ++to_.running);
            waiting_ = true;
            node_.at = to_.time_.in(answer_.after).at();
            node_.self = this;
            node_.fire = [](void* self) noexcept { static_cast<connection*>(self)->reply(); };
            to_.time_.push(node_);
        }
        void reply() noexcept
        {
            waiting_ = false;
            --to_.running;
            if (answer_.hang_up)
                ended_ = true;
            else
                out_ += "HTTP/1.1 " + std::to_string(answer_.status) + " X\r\nx-amzn-RequestId: r-"
                    + std::to_string(to_.calls.size()) + "\r\n" + answer_.headers + "Content-Length: "
                    + std::to_string(answer_.body.size()) + "\r\n\r\n" + answer_.body;
            if (owner_)
                owner_->on_transport_ready();
        }

        fake_lambda& to_;
        http::transport_owner* owner_ = nullptr;
        std::string in_;
        std::string out_;
        answer answer_;
        core::wake_node node_;
        bool waiting_ = false;
        bool ended_ = false;
        bool closed_ = false;
    };

    class door final : public http::dialer
    {
    public:
        explicit door(fake_lambda& to) : to_(to) {}
        awaitable<core::result<std::unique_ptr<http::transport>>> dial(const http::origin& to, http::dial_attempt& attempt) override
        {
            to_.dialled.push_back(to);
            attempt.enter(http::dial_attempt::phase::connecting);
            attempt.address = to.authority();
            if (to_.refuse > 0) {
                --to_.refuse;
                co_return core::error{http::errc::connect_failed, "dial tcp " + to.authority() + ": connect: connection refused"};
            }
            std::unique_ptr<http::transport> made = std::make_unique<connection>(to_);
            co_return std::move(made);
        }

    private:
        fake_lambda& to_;
    };

    core::timekeeper& time_;
    handler handler_;
};

} // namespace lambent::test
