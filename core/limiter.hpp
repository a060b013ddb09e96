#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>

namespace lambent::core {

/// A rate limit that calls share: who is admitted may act once.
class limiter
{
public:
    virtual ~limiter() = default;
    /// True when admitted at once; then nothing was awaited.
    virtual bool try_admit() = 0;
    /// Waits for admission. `errc::deadline_exceeded` or `errc::cancelled`; then nothing was taken.
    virtual awaitable<result<void>> admit(deadline until) = 0;
};

} // namespace lambent::core
