#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>

#include <cstdint>
#include <memory>

namespace lambent::core {

class shard;

/// A rate limit that calls share: who is admitted may act once. An admission is spent even where the act then fails.
class limiter
{
public:
    virtual ~limiter() = default;
    /// True when admitted at once; then nothing was awaited.
    virtual bool try_admit() = 0;
    /// Waits for admission. `errc::deadline_exceeded` or `errc::cancelled`; then nothing was taken.
    virtual awaitable<result<void>> admit(deadline until) = 0;
};

/// `count` calls each `interval`, by `fixed_window`, for the calls of one shard. Who must wait gets a slot in the order of
/// arrival, however many windows away; a call that gives up leaves its slot to the next. Precondition: `count` > 0.
/// Must not die while somebody waits.
std::unique_ptr<limiter> make_local_limiter(shard& on, std::uint64_t count, duration interval);

} // namespace lambent::core
