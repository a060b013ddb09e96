#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lambent::aws {

/// Text that is wiped when it dies and cannot be printed, formatted or compared with ==.
class secret_string
{
public:
    secret_string() = default;
    explicit secret_string(std::string text);
    secret_string(const secret_string&) = default;
    secret_string(secret_string&&) noexcept;
    secret_string& operator=(const secret_string&);
    secret_string& operator=(secret_string&&) noexcept;
    ~secret_string();

    bool empty() const noexcept { return text_.empty(); }
    /// The secret itself. Say why at each use.
    std::string_view reveal() const noexcept { return text_; }

private:
    std::string text_;
};

/// An immutable snapshot; shared by the calls that were signed with it.
struct credentials
{
    std::string id;
    secret_string secret;
    secret_string token;                        ///< empty: none
    std::optional<core::wall_time> expiry;
};

/// Where credentials come from: static values, the environment, a profile; later containers, IMDS, STS.
///
/// Used on the shard of the clients that have it. Only the static source, which never changes, may serve clients of several shards.
class credentials_source
{
public:
    virtual ~credentials_source() = default;
    /// Asked before an attempt where `kept` has nothing; several calls may wait here at once.
    /// @param until  of the call that asks.
    /// @return never null on success. Errors are in the reader's words and name the source.
    /// @par Cancellation  terminal, of the awaiting chain: end soon, with any error. Nothing has been sent for the call.
    virtual awaitable<core::result<std::shared_ptr<const credentials>>> fetch(core::deadline until) = 0;
    /// What a fetch would give now, without waiting; null: it must be fetched.
    virtual std::shared_ptr<const credentials> kept() noexcept { return nullptr; }
    /// What was fetched was refused by the service: the next fetch must not return the same snapshot from a cache.
    virtual void invalidate() {}
};

} // namespace lambent::aws
