#pragma once

#include <lambent/core/assert.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace lambent::core {

/// Contiguous bytes, read at the front and written at the back, that never grow beyond a limit.
///
/// Views are valid until the next `prepare`, `append` or `release`.
class byte_buffer
{
public:
    explicit byte_buffer(std::size_t limit) noexcept : limit_(limit) {}

    std::string_view view() const noexcept { return {bytes_.get() + begin_, size()}; }
    std::size_t size() const noexcept { return end_ - begin_; }
    bool empty() const noexcept { return begin_ == end_; }
    std::size_t limit() const noexcept { return limit_; }
    std::size_t capacity() const noexcept { return capacity_; }

    /// Room for at least `n` more bytes (`n` > 0), as much as there is; empty when that would exceed the limit.
    std::span<char> prepare(std::size_t n)
    {
        if (n > limit_ - size())
            return {};
        if (n > capacity_ - end_)
            make_room(n);
        return {bytes_.get() + end_, std::min(capacity_ - end_, limit_ - size())};
    }
    /// `n` bytes of what `prepare` gave were written.
    void commit(std::size_t n) noexcept
    {
        LAMBENT_ASSERT(n <= capacity_ - end_, "no more is committed than was prepared");
        end_ += n;
    }
    /// False, and nothing appended, when it would exceed the limit.
    bool append(std::string_view text)
    {
        if (text.empty())
            return true;
        const auto room = prepare(text.size());
        if (room.empty())
            return false;
        std::memcpy(room.data(), text.data(), text.size());
        commit(text.size());
        return true;
    }
    /// The first `n` bytes are done with.
    void consume(std::size_t n) noexcept
    {
        LAMBENT_ASSERT(n <= size(), "no more is consumed than there is");
        begin_ += n;
        if (begin_ == end_)
            begin_ = end_ = 0;
    }
    void clear() noexcept { begin_ = end_ = 0; }
    /// Frees the memory of an empty buffer that has grown beyond `keep`.
    void release(std::size_t keep) noexcept
    {
        if (!empty() || capacity_ <= keep)
            return;
        bytes_.reset();
        capacity_ = begin_ = end_ = 0;
    }

private:
    void make_room(std::size_t n)
    {
        const std::size_t needed = size() + n;
        // Moving to the front suffices, and is worth it while it moves at most what it frees.
        if (needed <= capacity_ && begin_ >= size()) {
            std::memmove(bytes_.get(), bytes_.get() + begin_, size());
        }
        else {
            const std::size_t doubled = std::max<std::size_t>(needed, std::max<std::size_t>(capacity_ * 2, 512));
            const std::size_t grown = std::min(doubled, limit_);
            auto bytes = std::make_unique_for_overwrite<char[]>(grown);
            if (!empty())
                std::memcpy(bytes.get(), bytes_.get() + begin_, size());
            bytes_ = std::move(bytes);
            capacity_ = grown;
        }
        end_ = size();
        begin_ = 0;
    }

    std::size_t limit_;
    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

} // namespace lambent::core
