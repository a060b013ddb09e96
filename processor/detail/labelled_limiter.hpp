#pragma once

#include <lambent/core/limiter.hpp>
#include <lambent/processor/context.hpp>

#include <string>
#include <string_view>

namespace lambent::processor {

/// A rate limit of `rate_limit_resources` by its label, looked up at each use: the resource may be replaced meanwhile.
///
/// A limiter that is missing or broken does not fail the message: it is logged and asked again a second later, until the
/// deadline or cancellation.
class labelled_limiter final : public core::limiter
{
public:
    /// @param complaint  how the log line begins: "Rate limit error: ".
    labelled_limiter(const context& who, std::string label, std::string complaint);

    bool try_admit() override;
    awaitable<core::result<void>> admit(core::deadline until) override;

private:
    context who_;
    std::string label_;
    std::string complaint_;
};

/// Where a component is made: "rate limit resource 'zz' was not found" when there is none.
core::result<void> require_rate_limit(const context& who, const std::string& label);

} // namespace lambent::processor
