#include <lambent/stream/composite.hpp>

#include <algorithm>

namespace lambent::stream {

awaitable<core::result<void>> composite_output::connect()
{
    for (const output_ptr& child : children_) {
        auto connected = co_await child->connect();
        if (!connected)
            co_return connected.error();
    }
    co_return core::result<void>();
}

void composite_output::flush() noexcept
{
    for (const output_ptr& child : children_)
        child->flush();
}

awaitable<void> composite_output::close()
{
    for (const output_ptr& child : children_)
        co_await child->close();
}

bool composite_output::connected() const noexcept
{
    return std::all_of(children_.begin(), children_.end(), [](const output_ptr& child) { return child->connected(); });
}

std::size_t composite_output::max_in_flight() const noexcept
{
    std::size_t most = 1;
    for (const output_ptr& child : children_)
        most = std::max(most, child->max_in_flight());
    return most;
}

} // namespace lambent::stream
