#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace lambent::stream {

/// A descriptor of the process's own (stdin, stdout) that is read and written without stopping the loop: it is waited for, never
/// made non-blocking, because that would also change it for whoever shares it (a terminal's shell). Regular files, for which
/// there is nothing to wait, are read and written at once.
class descriptor
{
public:
    /// Does not own `number`.
    descriptor(core::shard& on, int number);

    /// 0 at the end. Errors: the operating system's, `errc::cancelled`, or `errc::shutting_down` after `interrupt`.
    awaitable<core::result<std::size_t>> read_some(char* into, std::size_t size);
    /// Writes all; on an error a part may have been written. Not for two at once.
    awaitable<core::result<void>> write_all(std::string_view bytes);
    /// The read or write that waits, and each later one, fails with `errc::shutting_down`.
    void interrupt() noexcept;

private:
    awaitable<core::result<void>> ready(asio::posix::descriptor_base::wait_type what, short events);

    int number_;
    std::optional<asio::posix::stream_descriptor> waited_; ///< a duplicate; absent for what cannot be waited for
    bool interrupted_ = false;
};

} // namespace lambent::stream
