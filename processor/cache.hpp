#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace lambent::processor {

/// A key-value store that components share under a label (`cache_resources`).
///
/// Misses and collisions are errors with a code of their own, so that callers can tell them from a broken store:
/// `errc::key_not_found` ("key does not exist") and `errc::key_exists` ("key already exists").
/// Keys and values passed in must outlive the await.
/// @par Cancellation  terminal; a cancelled write may have been made.
class cache
{
public:
    virtual ~cache() = default;

    virtual awaitable<core::result<std::string>> get(std::string_view key) = 0;
    /// @param ttl  how long the entry lives; unset: the cache's own default.
    virtual awaitable<core::result<void>> set(
        std::string_view key, std::string_view value, std::optional<core::duration> ttl) = 0;
    /// Sets a key that is not there yet.
    virtual awaitable<core::result<void>> add(
        std::string_view key, std::string_view value, std::optional<core::duration> ttl) = 0;
    /// Removing a key that is not there is a success.
    virtual awaitable<core::result<void>> remove(std::string_view key) = 0;
};

} // namespace lambent::processor
