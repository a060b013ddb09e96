#pragma once

#include <atomic>
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
    value() noexcept : rep_{} {}
    value(std::nullptr_t) noexcept : rep_{} {}
    template <std::same_as<bool> T>
    value(T b) noexcept : rep_{}
    {
        set(data::kind::boolean);
        rep_.wide.as.i = b ? 1 : 0;
    }
    template <std::signed_integral T>
        requires(!std::same_as<T, bool> && !std::same_as<T, char>)
    value(T i) noexcept : rep_{}
    {
        set(data::kind::int64);
        rep_.wide.as.i = i;
    }
    /// An unsigned number becomes `int64` or `uint64` by choice: `value(std::int64_t(n))` or `value::unsigned_integer(n)`.
    template <std::unsigned_integral T>
        requires(!std::same_as<T, bool>)
    value(T) = delete;
    value(double f) noexcept : rep_{}
    {
        set(data::kind::float64);
        rep_.wide.as.f = f;
    }
    value(std::string_view text) : value(data::kind::string, text) {}
    value(const std::string& text) : value(data::kind::string, text) {}
    value(const char* text) : value(data::kind::string, std::string_view(text)) {}
    explicit value(timestamp at);

    static value unsigned_integer(std::uint64_t u) noexcept;
    /// The same number as a Go type of 8, 16 or 32 bits (int8 .. float32): a number that a few operations refuse.
    value narrowed(unsigned bits) const noexcept
    {
        value v = *this;
        v.rep_.wide.inside = static_cast<std::uint8_t>(bits);
        return v;
    }
    static value bytes(std::string_view text) { return value(data::kind::bytes, text); }
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

    value(const value& other) noexcept : rep_(other.rep_)
    {
        if (rep_.wide.inside >= borrowed) {
            if (rep_.wide.inside == borrowed)
                rep_.wide.inside = in_document;
            retain(rep_.wide.as.shared);
        }
    }
    value(value&& other) noexcept : rep_(other.rep_) { other.rep_ = {}; }
    value& operator=(const value& other) noexcept
    {
        value copy(other);
        std::swap(rep_, copy.rep_);
        return *this;
    }
    value& operator=(value&& other) noexcept
    {
        std::swap(rep_, other.rep_);
        return *this;
    }
    ~value()
    {
        if (shared())
            release(rep_.wide.as.shared);
    }

    data::kind kind() const noexcept { return rep_.wide.kind; }
    bool is_null() const noexcept { return kind() == data::kind::null; }
    bool is_string() const noexcept { return kind() == data::kind::string; }
    bool is_array() const noexcept { return kind() == data::kind::array; }
    bool is_object() const noexcept { return kind() == data::kind::object; }
    bool is_deleted() const noexcept { return kind() == data::kind::deleted; }
    bool is_nothing() const noexcept { return kind() == data::kind::nothing; }
    /// Do other values hold the same text, array or object?
    bool is_shared() const noexcept { return shared() && rep_.wide.as.shared->references.load(std::memory_order_relaxed) > 1; }
    /// Any of int64, uint64, float64, number.
    bool is_numeric() const noexcept { return kind() >= data::kind::int64 && kind() <= data::kind::number; }
    /// string or bytes
    bool is_text() const noexcept { return kind() == data::kind::string || kind() == data::kind::bytes; }

    /// Of int64, uint64, float64: 8, 16 or 32 where `narrowed`, else 0.
    unsigned width() const noexcept
    {
        return kind() >= data::kind::int64 && kind() <= data::kind::float64 ? rep_.wide.inside : 0u;
    }
    // Each asks for its own kind only (asserted).
    bool as_bool() const noexcept { return rep_.wide.as.i != 0; }
    std::int64_t as_int64() const noexcept { return rep_.wide.as.i; }
    std::uint64_t as_uint64() const noexcept { return rep_.wide.as.u; }
    double as_float64() const noexcept { return rep_.wide.as.f; }
    const timestamp& as_timestamp() const noexcept;
    /// Of a string, bytes, or a number's literal. Valid as long as this value object is neither moved, assigned nor destroyed.
    std::string_view text() const noexcept;

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

    value(data::kind k, std::string_view text);
    /// A part of a document; `borrowed`: owned by that document itself, which it does not keep alive.
    static value within(data::kind k, const node& document, std::uint32_t token, bool is_borrowed) noexcept;
    /// The array's or object's node: its own, or the level that a document made for it.
    node* tree() const;
    static value copy_of(const node& object);
    static value marker(data::kind k) noexcept
    {
        value v;
        v.set(k);
        return v;
    }
    void set(data::kind k) noexcept { rep_.wide.kind = k; }
    bool shared() const noexcept { return rep_.wide.inside >= in_document; }
    static void retain(node* n) noexcept { n->references.fetch_add(1, std::memory_order_relaxed); }
    static void release(node* n) noexcept
    {
        if (n->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
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
    struct wide_form
    {
        data::kind kind;
        std::uint8_t inside; ///< length of a text kept inside, bits of a narrow number, or where else the rest is
        std::uint32_t token;
        payload as;
    };
    struct small_form
    {
        data::kind kind;
        std::uint8_t inside;
        char text[inside_max];
    };
    union representation
    {
        wide_form wide;
        small_form small;
    };
    representation rep_;
    static_assert(sizeof(representation) == 16);
};

struct member
{
    value key; ///< a string
    value item;

    std::string_view name() const noexcept { return key.text(); }
};

/// Deep equality of the same kinds (numbers: same kind and same number or text). Bloblang's looser rules are its own.
bool identical(const value& a, const value& b);

} // namespace lambent::data
