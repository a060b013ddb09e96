#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace lambent::http {

/// Spare buffers of one client, lent to connections for as long as they hold bytes, so that an idle connection holds none.
class buffer_stock
{
public:
    static constexpr std::size_t spare_max = 64;
    static constexpr std::size_t spare_bytes_max = 256 * 1024; ///< a larger buffer is let go

    std::string take()
    {
        if (spare_.empty())
            return {};
        std::string out = std::move(spare_.back());
        spare_.pop_back();
        return out;
    }
    void give(std::string&& buffer)
    {
        if (spare_.size() >= spare_max || buffer.capacity() > spare_bytes_max || buffer.capacity() < 64)
            return;
        buffer.clear();
        spare_.push_back(std::move(buffer));
    }

private:
    std::vector<std::string> spare_;
};

} // namespace lambent::http
