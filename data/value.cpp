#include <lambent/data/detail/document.hpp>
#include <lambent/data/detail/nodes.hpp>
#include <lambent/data/detail/short_bytes.hpp>
#include <lambent/data/value.hpp>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <iterator>
#include <new>

namespace lambent::data {
namespace {

struct time_node : value::node, detail::pooled<time_node>
{
    timestamp at;
};

using detail::array_node;
using detail::document;
using detail::object_node;

/// The bytes at `at` as a number of 64 bits.
template <class Word>
std::uint64_t word(const char* at) noexcept
{
    Word read;
    std::memcpy(&read, at, sizeof read);
    return read;
}

array_node* array_of(value::node* n) noexcept { return static_cast<array_node*>(n); }
object_node* object_of(value::node* n) noexcept { return static_cast<object_node*>(n); }

auto place_of(detail::member_list& members, std::string_view key)
{
    return std::lower_bound(
        members.begin(), members.end(), key, [](const member& m, std::string_view k) { return detail::key_before(m.name(), k); });
}

} // namespace

void value::free_node(node* n) noexcept
{
    switch (n->kind) {
    case data::kind::array:
        delete array_of(n);
        return;
    case data::kind::object:
        delete object_of(n);
        return;
    case data::kind::timestamp:
        delete static_cast<time_node*>(n);
        return;
    case data::kind::nothing:
        document::destroy(static_cast<document*>(n));
        return;
    default: {
        auto* const held = static_cast<text_node*>(n);
        const std::size_t size = sizeof(text_node) + held->size;
        held->~text_node();
        detail::give_block(held, size);
    }
    }
}

// Trees may be deeper than the stack allows: a node that dies while another one is being torn down waits in a list.
void value::destroy(node* n) noexcept
{
    thread_local bool busy = false;
    thread_local node* waiting = nullptr;
    if (n->kind != data::kind::array && n->kind != data::kind::object) {
        free_node(n);
        return;
    }
    if (busy) {
        n->references.store(reinterpret_cast<std::uintptr_t>(waiting), std::memory_order_relaxed);
        waiting = n;
        return;
    }
    busy = true;
    free_node(n);
    while (waiting != nullptr) {
        node* next = waiting;
        waiting = reinterpret_cast<node*>(static_cast<std::uintptr_t>(next->references.load(std::memory_order_relaxed)));
        free_node(next);
    }
    busy = false;
}

void value::adopt(data::kind k, node* n) noexcept
{
    n->kind = k;
    head_ = head_of(k, in_node);
    as_.shared = n;
}

char* value::text_room(data::kind k, std::size_t size)
{
    if (size > inside_max) {
        auto* made = new (detail::take_block(sizeof(text_node) + size)) text_node;
        made->size = size;
        adopt(k, made);
        return made->text();
    }
    head_ = head_of(k, static_cast<std::uint8_t>(size));
    return reinterpret_cast<char*>(this) + text_at;
}

value::value(data::kind k, std::string_view text)
{
    const char* const at = text.data();
    const std::size_t size = text.size();
    if (size > inside_max) {
        std::memcpy(text_room(k, size), at, size);
        return;
    }
    const auto byte = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(at[i])} << 8 * i; };
    // Loads that overlap, so that a few of fixed sizes do for all.
    if (size >= 8) {
        *this = small(k, size, word<std::uint64_t>(at), size == 8 ? 0 : word<std::uint64_t>(at + size - 8) >> 8 * (16 - size));
    } else if (size >= 4) {
        *this = small(k, size, word<std::uint32_t>(at) | word<std::uint32_t>(at + size - 4) << 8 * (size - 4), 0);
    } else {
        *this = small(k, size, size == 0 ? 0 : byte(0) | byte(size / 2) | byte(size - 1), 0);
    }
}

value::value(timestamp at)
{
    auto* made = new time_node;
    made->at = std::move(at);
    adopt(data::kind::timestamp, made);
}

value value::unsigned_integer(std::uint64_t u) noexcept
{
    value v = marker(data::kind::uint64);
    v.as_.u = u;
    return v;
}

value value::array(std::vector<value> items)
{
    value v;
    auto* made = new array_node;
    made->items = std::move(items);
    v.adopt(data::kind::array, made);
    return v;
}

value value::ordered_object(std::span<member> members)
{
    value v;
    auto* made = new object_node;
    made->members.assign(std::make_move_iterator(members.begin()), std::make_move_iterator(members.end()));
    v.adopt(data::kind::object, made);
    return v;
}

value value::object()
{
    value v;
    v.adopt(data::kind::object, new object_node);
    return v;
}

value value::copy_of(const node& object)
{
    auto* made = new object_node;
    const auto& members = static_cast<const object_node&>(object).members;
    made->members.reserve(members.size() + 2);
    made->members.assign(members.begin(), members.end());
    value v;
    v.adopt(data::kind::object, made);
    return v;
}

void detail::order_members(detail::member_list& members)
{
    const auto before = [](const member& a, const member& b) { return key_before(a.name(), b.name()); };
    const bool ordered = std::adjacent_find(members.begin(), members.end(),
                             [&](const member& a, const member& b) { return !before(a, b); }) == members.end();
    if (ordered)
        return;
    std::stable_sort(members.begin(), members.end(), before);
    detail::member_list kept;
    kept.reserve(members.size());
    for (member& m : members) {
        if (!kept.empty() && kept.back().name() == m.name())
            kept.back() = std::move(m);
        else
            kept.push_back(std::move(m));
    }
    members = std::move(kept);
}

value value::object(std::vector<member> members)
{
    value v;
    auto* made = new object_node;
    made->members.assign(std::make_move_iterator(members.begin()), std::make_move_iterator(members.end()));
    detail::order_members(made->members);
    v.adopt(data::kind::object, made);
    return v;
}

value value::within(data::kind k, const node& document, std::uint32_t token, bool is_borrowed) noexcept
{
    value v;
    v.head_ = head_of(k, is_borrowed ? borrowed : in_document, token);
    v.as_.shared = const_cast<node*>(&document);
    if (!is_borrowed)
        retain(v.as_.shared);
    return v;
}

value::node* value::tree() const
{
    if (inside() == in_node)
        return as_.shared;
    return static_cast<const document*>(as_.shared)->level(token());
}

const timestamp& value::as_timestamp() const noexcept
{
    assert(kind() == data::kind::timestamp);
    return static_cast<const time_node*>(as_.shared)->at;
}

std::string_view value::unread_text() const noexcept
{
    return static_cast<const document*>(as_.shared)->text(token());
}

std::size_t value::size() const noexcept
{
    if (is_array())
        return items().size();
    return is_object() ? members().size() : 0;
}

std::size_t value::extent() const noexcept
{
    const document* from = document::of(*this);
    return from != nullptr && !is_text() ? from->tokens_below(token()) : size();
}

std::span<const value> value::items() const noexcept
{
    assert(is_array());
    return array_of(tree())->items;
}

std::span<const member> value::members() const noexcept
{
    assert(is_object());
    return object_of(tree())->members;
}

const value* value::peek(std::string_view key) const noexcept
{
    if (!is_object())
        return nullptr;
    auto& all = object_of(tree())->members;
    const auto at = place_of(all, key);
    return at != all.end() && detail::same_key(at->name(), key) ? &at->item : nullptr;
}

std::optional<value> value::find(std::string_view key) const
{
    if (is_object() && inside() != in_node) {
        const auto* from = static_cast<const document*>(as_.shared);
        const auto t = from->find(token(), key);
        return t != document::none ? std::optional<value>(from->at(t)) : std::nullopt;
    }
    const value* found = peek(key);
    return found != nullptr ? std::optional<value>(*found) : std::nullopt;
}

std::vector<value>& value::edit_items()
{
    assert(is_array());
    node* held = tree();
    if (inside() != in_node || held->references.load(std::memory_order_acquire) != 1)
        *this = array(array_of(held)->items);
    return array_of(as_.shared)->items;
}

value& value::edit_member(std::string_view key)
{
    assert(is_object());
    node* held = tree();
    if (inside() != in_node || held->references.load(std::memory_order_acquire) != 1)
        *this = copy_of(*object_of(held));
    auto& all = object_of(as_.shared)->members;
    auto at = place_of(all, key);
    if (at == all.end() || !detail::same_key(at->name(), key)) {
        if (all.capacity() == 0) {
            all.reserve(4);
            at = all.end();
        }
        at = all.insert(at, member{value(key), value()});
    }
    return at->item;
}

bool value::erase_member(std::string_view key)
{
    if (peek(key) == nullptr)
        return false;
    edit_member(key);
    auto& all = object_of(as_.shared)->members;
    all.erase(place_of(all, key));
    return true;
}

namespace {

bool same_scalar(const value& a, const value& b)
{
    switch (a.kind()) {
    case kind::boolean:
        return a.as_bool() == b.as_bool();
    case kind::int64:
        return a.as_int64() == b.as_int64();
    case kind::uint64:
        return a.as_uint64() == b.as_uint64();
    case kind::float64:
        return a.as_float64() == b.as_float64();
    case kind::number:
    case kind::string:
    case kind::bytes:
        return a.text() == b.text();
    case kind::timestamp:
        return a.as_timestamp() == b.as_timestamp();
    default:
        return true;
    }
}

} // namespace

bool identical(const value& left, const value& right)
{
    // An explicit stack: trees may be deeper than the thread's.
    std::vector<std::pair<const value*, const value*>> open{{&left, &right}};
    while (!open.empty()) {
        const auto [a, b] = open.back();
        open.pop_back();
        if (a->kind() != b->kind() || a->size() != b->size())
            return false;
        if (a->is_array()) {
            for (std::size_t i = 0; i < a->size(); ++i)
                open.emplace_back(&a->items()[i], &b->items()[i]);
        } else if (a->is_object()) {
            for (std::size_t i = 0; i < a->size(); ++i) {
                const member& m = a->members()[i];
                const member& n = b->members()[i];
                if (m.name() != n.name())
                    return false;
                open.emplace_back(&m.item, &n.item);
            }
        } else if (!same_scalar(*a, *b)) {
            return false;
        }
    }
    return true;
}

} // namespace lambent::data
