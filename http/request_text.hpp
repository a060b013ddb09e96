#pragma once

#include <lambent/core/error.hpp>
#include <lambent/http/client.hpp>

#include <cstdint>
#include <string>

namespace lambent::http {

/// A `request_view` as a `request_source`: checked, then written as head and body in one piece.
class request_text final : public request_source
{
public:
    request_text(const origin& to, const request_view& request, finisher* last) noexcept
        : to_(to), request_(request), last_(last)
    {}

    /// Is there anything in it that must not be sent? `errc::invalid_request`, saying what.
    core::result<void> check() const;

    core::result<void> write(std::string& out) override;
    bool is_head() const noexcept override { return request_.method == "HEAD"; }
    std::uint64_t lane() const noexcept override { return request_.lane; }

private:
    const origin& to_;
    const request_view& request_;
    finisher* last_;
};

} // namespace lambent::http
