#pragma once

#include <lambent/core/shard.hpp>
#include <lambent/stream/output.hpp>

#include <vector>

namespace lambent::stream {

/// A part of a batch on its way to one of several outputs.
struct leg
{
    output* to = nullptr;
    data::batch batch;
    std::vector<std::size_t> indices; ///< of its messages in the whole batch
    outcome result;
};

/// Writes all legs at once and waits for all.
/// @param legs  must outlive the await
awaitable<void> write_all(core::shard& on, std::vector<leg>& legs);

/// What the legs' outcomes mean for the whole batch of `size` messages: a message failed if one of its legs did.
outcome merged(const std::vector<leg>& legs, std::size_t size);

/// The messages of `batch` that `what` says failed, with their indices.
leg failed_part(const data::batch& batch, const outcome& what);

} // namespace lambent::stream
