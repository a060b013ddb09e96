#pragma once

#include <lambent/core/histogram.hpp>

#include <cstdint>

namespace lambent::stream {

/// What happened to messages, counted where they come from: a message that is split or copied on its way counts once.
struct statistics
{
    std::uint64_t messages_in = 0;   ///< given out by inputs, replays not counted
    std::uint64_t acknowledged = 0;  ///< delivered or filtered
    std::uint64_t filtered = 0;      ///< acknowledged because the processors left nothing of their batch
    std::uint64_t rejected = 0;      ///< refused by an output and dropped by the input (`auto_replay_nacks: false`)
    std::uint64_t undelivered = 0;   ///< given up by a forced shutdown
    std::uint64_t replays = 0;       ///< messages given out again after a failure
    core::histogram latency_ns;      ///< of batches, from the first time given out until settled

    std::uint64_t delivered() const noexcept { return acknowledged - filtered; }
    std::uint64_t in_flight() const noexcept { return messages_in - acknowledged - rejected - undelivered; }
};

} // namespace lambent::stream
