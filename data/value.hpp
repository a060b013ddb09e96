#pragma once

#include <atomic>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lambent::data {

enum class kind : std::uint8_t {
    null,
    boolean,
    int64,
    uint64,
    float64,
    number,    ///< a number kept as the text it was written in (Go's json.Number)
    string,
    bytes,
    timestamp,
    array,
    object,
    deleted,   ///< marker: remove the target
    nothing,   ///< marker: skip the assignment
};

/// A point in time with the zone it is shown in, as Go's time.Time.
struct timestamp
{
    std::int64_t seconds = 0;   ///< since 1970-01-01T00:00:00Z
    std::int32_t nanos = 0;     ///< 0..999'999'999
    std::int32_t offset = 0;    ///< seconds east of UTC
    std::string zone = "UTC";   ///< IANA name, "UTC", "Local", or empty: a fixed offset
    std::string abbreviation = "UTC"; ///< what layouts print for MST; may be empty

    friend bool operator==(const timestamp& a, const timestamp& b) noexcept
    {
        return a.seconds == b.seconds && a.nanos == b.nanos;
    }
};

struct member;
namespace detail {
class document;
}

/// A dynamic value: a scalar, or a shared immutable tree. 16 bytes; copies share, writers copy one level first (`edit_*`).
///
/// Short texts (up to 14 bytes) live inside. A container or long text of a JSON document may be unread: it stands for a place in the
/// document's text, which it keeps alive, and is made one level at a time when `items`, `members` or `edit_*` ask for it. Objects keep their members sorted by key (bytewise) without duplicates.
/// A value may be shared between threads for reading; one value object is not for two threads at once when one writes.
class value
{
public:
    value() noexcept = default;
    value(std::nullptr_t) noexcept {}
    template <std::same_as<bool> T>
    value(T b) noexcept : head_(head_of(data::kind::boolean))
    {
        as_.i = b ? 1 : 0;
    }
    template <std::signed_integral T>
        requires(!std::same_as<T, bool> && !std::same_as<T, char>)
    value(T i) noexcept : head_(head_of(data::kind::int64))
    {
        as_.i = i;
    }
    /// An unsigned number becomes `int64` or `uint64` by choice: `value(std::int64_t(n))` or `value::unsigned_integer(n)`.
    template <std::unsigned_integral T>
        requires(!std::same_as<T, bool>)
    value(T) = delete;
    value(double f) noexcept : head_(head_of(data::kind::float64)) { as_.f = f; }
    value(std::string_view text) : value(data::kind::string, text) {}
    value(const std::string& text) : value(data::kind::string, text) {}
    value(const char* text) : value(data::kind::string, std::string_view(text)) {}
    explicit value(timestamp at);

    static value unsigned_integer(std::uint64_t u) noexcept;
    /// The same number as a Go type of 8, 16 or 32 bits (int8 .. float32): a number that a few operations refuse.
    value narrowed(unsigned bits) const noexcept
    {
        value v = *this;
        v.head_ = head_of(v.kind(), static_cast<std::uint8_t>(bits));
        return v;
    }
    static value bytes(std::string_view text) { return value(data::kind::bytes, text); }
    /// A string or bytes, written where it stays: `fill(room)` writes all of the `size` bytes at `room`.
    template <std::invocable<char*> Fill>
    static value written(data::kind k, std::size_t size, Fill fill)
    {
        value v;
        fill(v.text_room(k, size));
        return v;
    }
    /// `literal` must be a number by JSON's grammar.
    static value number(std::string_view literal) { return value(data::kind::number, literal); }
    static value array(std::vector<value> items = {});
    /// Sorts; of equal keys the last one stays.
    static value object(std::vector<member> members);
    static value object();
    /// Of members that are in order already and differ; moves from them.
    static value ordered_object(std::span<member> members);
    static value deleted() noexcept { return marker(data::kind::deleted); }
    static value nothing() noexcept { return marker(data::kind::nothing); }

    value(const value& other) noexcept : head_(other.head_), as_(other.as_)
    {
        if (inside() >= borrowed) {
            if (inside() == borrowed)
                head_ += std::uint64_t{in_document - borrowed} << 8;
            retain(as_.shared);
        }
    }
    value(value&& other) noexcept : head_(other.head_), as_(other.as_) { other.head_ = 0; }
    value& operator=(const value& other) noexcept
    {
        value copy(other);
        swap(copy);
        return *this;
    }
    value& operator=(value&& other) noexcept
    {
        swap(other);
        return *this;
    }
    ~value()
    {
        if (shared())
            release(as_.shared);
    }

    data::kind kind() const noexcept { return static_cast<data::kind>(head_ & 0xff); }
    bool is_null() const noexcept { return kind() == data::kind::null; }
    bool is_string() const noexcept { return kind() == data::kind::string; }
    bool is_array() const noexcept { return kind() == data::kind::array; }
    bool is_object() const noexcept { return kind() == data::kind::object; }
    bool is_deleted() const noexcept { return kind() == data::kind::deleted; }
    bool is_nothing() const noexcept { return kind() == data::kind::nothing; }
    /// Do other values hold the same text, array or object?
    bool is_shared() const noexcept { return shared() && as_.shared->references.load(std::memory_order_relaxed) > 1; }
    /// Any of int64, uint64, float64, number.
    bool is_numeric() const noexcept { return kind() >= data::kind::int64 && kind() <= data::kind::number; }
    /// string or bytes
    bool is_text() const noexcept { return kind() == data::kind::string || kind() == data::kind::bytes; }

    /// Of int64, uint64, float64: 8, 16 or 32 where `narrowed`, else 0.
    unsigned width() const noexcept
    {
        return kind() >= data::kind::int64 && kind() <= data::kind::float64 ? inside() : 0u;
    }
    // Each asks for its own kind only (asserted).
    bool as_bool() const noexcept { return as_.i != 0; }
    std::int64_t as_int64() const noexcept { return as_.i; }
    std::uint64_t as_uint64() const noexcept { return as_.u; }
    double as_float64() const noexcept { return as_.f; }
    const timestamp& as_timestamp() const noexcept;
    /// Of a string, bytes, or a number's literal. Valid as long as this value object is neither moved, assigned nor destroyed.
    std::string_view text() const noexcept
    {
        if (inside() <= inside_max)
            return {reinterpret_cast<const char*>(this) + text_at, inside()};
        if (inside() != in_node)
            return unread_text();
        const auto* held = static_cast<const text_node*>(as_.shared);
        return {held->text(), held->size};
    }

    /// Elements or members; 0 for everything else.
    std::size_t size() const noexcept;
    /// The same, or of an unread container the tokens below it, which are never fewer: costs nothing.
    std::size_t extent() const noexcept;
    /// Of an array. Valid while this value lives unchanged.
    std::span<const value> items() const noexcept;
    /// Of an object, in key order. Valid while this value lives unchanged.
    std::span<const member> members() const noexcept;
    /// The member of an object; nullopt for none, and for values that are no objects.
    std::optional<value> find(std::string_view key) const;
    /// Same without a copy; null for none. Valid while this value lives unchanged.
    const value* peek(std::string_view key) const noexcept;

    /// The array's elements for writing: this value no longer shares them afterwards.
    std::vector<value>& edit_items();
    /// The member `key` of this object for writing, made (null) when absent.
    value& edit_member(std::string_view key);
    /// Puts or replaces a member of this object.
    void set_member(std::string_view key, value v) { edit_member(key) = std::move(v); }
    /// False when there was none.
    bool erase_member(std::string_view key);

    struct node
    {
        std::atomic<std::uint64_t> references{1}; ///< links dead nodes while they are torn down
        data::kind kind{};
    };

private:
    friend class detail::document;

    /// The text follows it in the same block.
    struct text_node : node
    {
        std::size_t size = 0;

        char* text() noexcept { return reinterpret_cast<char*>(this + 1); }
        const char* text() const noexcept { return reinterpret_cast<const char*>(this + 1); }
    };
    static void free_node(node* n) noexcept;

    value(data::kind k, std::string_view text);
    /// Makes this null value a text of that size; the bytes are the caller's to write.
    char* text_room(data::kind k, std::size_t size);
    std::string_view unread_text() const noexcept;
    /// A part of a document; `borrowed`: owned by that document itself, which it does not keep alive.
    static value within(data::kind k, const node& document, std::uint32_t token, bool is_borrowed) noexcept;
    /// The array's or object's node: its own, or the level that a document made for it.
    node* tree() const;
    static value copy_of(const node& object);
    static value marker(data::kind k) noexcept
    {
        value v;
        v.head_ = head_of(k);
        return v;
    }
    /// A text of up to 14 bytes: its first eight bytes as a word, then the rest; what is behind its end is of no account.
    static value small(data::kind k, std::size_t size, std::uint64_t first, std::uint64_t rest) noexcept
    {
        value v;
        v.head_ = head_of(k, static_cast<std::uint8_t>(size)) | first << 16;
        v.as_.u = first >> 48 | rest << 16;
        return v;
    }
    void swap(value& other) noexcept
    {
        std::swap(head_, other.head_);
        std::swap(as_, other.as_);
    }
    static constexpr std::uint64_t head_of(data::kind k, std::uint8_t inside = 0, std::uint32_t token = 0) noexcept
    {
        return static_cast<std::uint64_t>(k) | std::uint64_t{inside} << 8 | std::uint64_t{token} << 32;
    }
    /// Length of a text kept inside, bits of a narrow number, or where else the rest is.
    std::uint8_t inside() const noexcept { return static_cast<std::uint8_t>(head_ >> 8); }
    std::uint32_t token() const noexcept { return static_cast<std::uint32_t>(head_ >> 32); }
    bool shared() const noexcept { return inside() >= in_document; }
    static void retain(node* n) noexcept { n->references.fetch_add(1, std::memory_order_relaxed); }
    static void release(node* n) noexcept
    {
        // Nobody else can come by a reference to what has only one: the costly step is not needed for it.
        if (n->references.load(std::memory_order_acquire) == 1 || n->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
            destroy(n);
    }
    static void destroy(node* n) noexcept;
    void adopt(data::kind k, node* n) noexcept;

    static constexpr std::uint8_t in_node = 0xff;
    static constexpr std::uint8_t in_document = 0xfe; ///< `token` of the document `as.shared`
    static constexpr std::uint8_t borrowed = 0xfd;    ///< the same without a reference: inside the document's own levels
    static constexpr std::size_t inside_max = 14;

    union payload
    {
        std::int64_t i;
        std::uint64_t u;
        double f;
        node* shared;
    };

    // Kind, `inside`, two bytes of room and the token, from the lowest byte on; a text kept inside begins in the room and goes on in
    // the other word. Both are only written and copied as whole words: a processor cannot pass on a word that it has just
    // written in pieces, and waits.
    std::uint64_t head_ = 0;
    payload as_{};
    static constexpr std::size_t text_at = 2;
    static_assert(std::endian::native == std::endian::little);
};

static_assert(sizeof(value) == 16);

struct member
{
    value key; ///< a string
    value item;

    std::string_view name() const noexcept { return key.text(); }
};

/// Deep equality of the same kinds (numbers: same kind and same number or text). Bloblang's looser rules are its own.
bool identical(const value& a, const value& b);

} // namespace lambent::data
