#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/data/message.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace lambent::stream {

/// What became of a batch: delivered (or filtered), or not and why. For part of a batch, which messages failed.
struct outcome
{
    std::optional<core::error> failed;               ///< unset: all delivered
    std::map<std::size_t, core::error> messages;     ///< by index in the batch that was sent; empty with `failed` set: all of them

    bool ok() const noexcept { return !failed.has_value(); }
};

/// Told exactly once what became of a batch that an input gave out. Nothing is acknowledged before it was delivered or filtered.
class acknowledger
{
public:
    virtual ~acknowledger() = default;
    virtual void settle(outcome what) = 0;
};

/// A batch under way, with its one acknowledger.
struct transaction
{
    data::batch batch;
    std::shared_ptr<acknowledger> ack;
};

} // namespace lambent::stream
