#pragma once

#include <lambent/core/assert.hpp>
#include <lambent/core/timekeeper.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lambent::core {

/// Pure: the nodes that wait, earliest first; of equal instants the one pushed first. Knows no clock.
class wake_heap
{
public:
    static constexpr auto npos = static_cast<std::size_t>(-1);

    bool empty() const noexcept { return entries_.empty(); }
    std::size_t size() const noexcept { return entries_.size(); }
    /// Precondition: not empty.
    wake_node& top() const noexcept { return *entries_.front().node; }

    void push(wake_node& node)
    {
        LAMBENT_ASSERT(node.position == npos, "a wake node is in one heap, once");
        entries_.push_back({});
        rise(entries_.size() - 1, {node.at, serial_++, &node});
    }

    /// Harmless when the node is not in.
    void remove(wake_node& node) noexcept
    {
        if (node.position == npos)
            return;
        const std::size_t hole = node.position;
        node.position = npos;
        const entry last = entries_.back();
        entries_.pop_back();
        if (hole == entries_.size())
            return;
        if (hole > 0 && last.before(entries_[(hole - 1) / 2]))
            rise(hole, last);
        else
            sink(hole, last);
    }

    /// Takes the earliest out if it is due, else null.
    wake_node* pop_due(instant now) noexcept
    {
        if (empty() || entries_.front().at > now)
            return nullptr;
        wake_node& node = top();
        remove(node);
        return &node;
    }

private:
    struct entry
    {
        instant at{};
        std::uint64_t serial = 0;
        wake_node* node = nullptr;
        bool before(const entry& other) const noexcept
        {
            return at != other.at ? at < other.at : serial < other.serial;
        }
    };

    void place(std::size_t index, const entry& e) noexcept
    {
        entries_[index] = e;
        e.node->position = index;
    }
    void rise(std::size_t index, const entry& e) noexcept
    {
        while (index > 0 && e.before(entries_[(index - 1) / 2])) {
            place(index, entries_[(index - 1) / 2]);
            index = (index - 1) / 2;
        }
        place(index, e);
    }
    void sink(std::size_t index, const entry& e) noexcept
    {
        for (;;) {
            std::size_t child = 2 * index + 1;
            if (child >= entries_.size())
                break;
            if (child + 1 < entries_.size() && entries_[child + 1].before(entries_[child]))
                ++child;
            if (!entries_[child].before(e))
                break;
            place(index, entries_[child]);
            index = child;
        }
        place(index, e);
    }

    std::vector<entry> entries_;
    std::uint64_t serial_ = 0;
};

} // namespace lambent::core
