#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/data/json.hpp>
#include <lambent/data/number_text.hpp>
#include <lambent/data/time_text.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace lambent::bloblang {

using data::kind;
using data::value;

std::string_view type_name(const value& v) noexcept
{
    switch (v.kind()) {
    case kind::null:
        return "null";
    case kind::boolean:
        return "bool";
    case kind::int64:
    case kind::uint64:
    case kind::float64:
    case kind::number:
        return "number";
    case kind::string:
        return "string";
    case kind::bytes:
        return "bytes";
    case kind::timestamp:
        return "timestamp";
    case kind::array:
        return "array";
    case kind::object:
        return "object";
    case kind::deleted:
        return "delete";
    case kind::nothing:
        return "nothing";
    }
    return "unknown";
}

value settled(const value& v)
{
    if (v.kind() != kind::number)
        return v;
    if (const auto i = data::int64_of(v.text()))
        return value(*i);
    if (const auto f = data::float64_of(v.text()))
        return value(*f);
    return value(v.text());
}

namespace {

const value& the_unmade_list()
{
    // Known by its storage, which no other empty array has.
    static const value made = [] {
        std::vector<value> room;
        room.reserve(1);
        return value::array(std::move(room));
    }();
    return made;
}

bool is_unmade(const value& v)
{
    return v.is_array() && v.size() == 0 && v.items().data() == the_unmade_list().items().data();
}

bool has_unmade(const value& v)
{
    if (v.is_object())
        return std::ranges::any_of(v.members(), [](const data::member& m) { return has_unmade(m.item); });
    return is_unmade(v) || (v.is_array() && std::ranges::any_of(v.items(), has_unmade));
}

value replaced(const value& v, const value& instead)
{
    if (is_unmade(v))
        return instead;
    value copy = v;
    if (v.is_array()) {
        for (value& item : copy.edit_items())
            item = replaced(item, instead);
    } else if (v.is_object()) {
        for (const data::member& m : v.members())
            copy.set_member(m.name(), replaced(m.item, instead));
    }
    return copy;
}

} // namespace

value unmade_list() { return the_unmade_list(); }

const value* written_as_null() { return &the_unmade_list(); }

value with_lists_made(const value& v) { return has_unmade(v) ? replaced(v, value::array()) : v; }

std::string to_text(const value& v)
{
    switch (v.kind()) {
    case kind::boolean:
        return v.as_bool() ? "true" : "false";
    case kind::int64:
        return std::to_string(v.as_int64());
    case kind::uint64:
        return std::to_string(v.as_uint64());
    case kind::float64:
        return data::shortest_float(v.as_float64(), v.width() == 32);
    case kind::number:
    case kind::string:
    case kind::bytes:
        return std::string(v.text());
    case kind::timestamp:
        return data::rfc3339_nano(v.as_timestamp());
    case kind::array:
    case kind::object: {
        data::json_write_options how{.escape_html = true};
        how.bytes_max = std::min<std::uint64_t>(how.bytes_max, bytes_left());
        how.null_list = written_as_null();
        auto written = data::write_json(v, how);
        if (written)
            return std::move(written).value();
        // What cannot be written is an empty text in the original, too; what is too long has to fail.
        if (data::too_long_to_write(written.error()))
            (void)can_make(~std::uint64_t{0});
        return {};
    }
    default:
        return "null";
    }
}

std::string to_bytes(const value& v) { return to_text(v); }

loose_text::loose_text(const value& v)
{
    fits_ = v.is_text() || v.kind() == kind::timestamp;
    if (v.is_text())
        view_ = v.text();
    else if (fits_)
        owned_ = to_text(v);
}

std::optional<double> number_of(const value& v) noexcept
{
    switch (v.kind()) {
    case kind::int64:
        return static_cast<double>(v.as_int64());
    case kind::uint64:
        return static_cast<double>(v.as_uint64());
    case kind::float64:
        return v.as_float64();
    case kind::number:
        return data::float64_of(v.text());
    default:
        return std::nullopt;
    }
}

std::optional<std::int64_t> integer_of(const value& v) noexcept
{
    const auto cut = [](double f) -> std::int64_t {
        // Go on amd64 gives the smallest int64 for what does not fit.
        if (!(f >= -9223372036854775808.0 && f < 9223372036854775808.0))
            return std::numeric_limits<std::int64_t>::min();
        return static_cast<std::int64_t>(f);
    };
    switch (v.kind()) {
    case kind::int64:
        return v.as_int64();
    case kind::uint64:
        return static_cast<std::int64_t>(v.as_uint64());
    case kind::float64:
        return cut(v.as_float64());
    case kind::number: {
        if (const auto i = data::int64_of(v.text()))
            return i;
        const auto f = data::float64_of(v.text());
        return f ? std::optional<std::int64_t>(cut(*f)) : std::nullopt;
    }
    default:
        return std::nullopt;
    }
}

std::optional<bool> truth_of(const value& v) noexcept
{
    if (v.kind() == kind::boolean)
        return v.as_bool();
    const auto n = number_of(v);
    return n ? std::optional<bool>(*n != 0) : std::nullopt;
}

namespace {

bool equal_texts_or_scalars(const value& a, const value& b)
{
    if (a.kind() == kind::boolean) {
        const auto truth = truth_of(b);
        return truth && *truth == a.as_bool();
    }
    const auto text_like = [](const value& v) { return v.is_text() || v.kind() == kind::timestamp; };
    if (a.is_text() && b.is_text())
        return a.text() == b.text();
    if (text_like(a))
        return text_like(b) && to_text(a) == to_text(b);
    if (a.is_null())
        return b.is_null();
    return false;
}

/// Of values that are no containers, `a` settled.
bool equal_leaves(const value& a, const value& b)
{
    if (!a.is_numeric())
        return equal_texts_or_scalars(a, b);
    if (!b.is_numeric())
        return false;
    const bool whole = a.kind() != kind::float64 && b.kind() != kind::float64;
    return whole ? *integer_of(a) == *integer_of(b) : *number_of(a) == *number_of(b);
}

} // namespace

bool equal(const value& left, const value& right)
{
    if (!left.is_array() && !left.is_object())
        return equal_leaves(settled(left), settled(right));
    std::vector<std::pair<value, value>> open{{left, right}};
    while (!open.empty()) {
        const value a = settled(open.back().first);
        const value b = settled(open.back().second);
        open.pop_back();
        // A small value may hold the same part many times over: its leaves are more than memory holds.
        if ((a.is_array() || a.is_object()) && !spend(1, 0))
            return false;
        if (a.is_array()) {
            if (!b.is_array() || a.size() != b.size())
                return false;
            for (std::size_t i = 0; i < a.size(); ++i)
                open.emplace_back(a.items()[i], b.items()[i]);
        } else if (a.is_object()) {
            if (!b.is_object() || a.size() != b.size())
                return false;
            for (std::size_t i = 0; i < a.size(); ++i) {
                if (a.members()[i].name() != b.members()[i].name())
                    return false;
                open.emplace_back(a.members()[i].item, b.members()[i].item);
            }
        } else if (!equal_leaves(a, b)) {
            return false;
        }
    }
    return true;
}

namespace {

value joined(const value& into, const value& with, bool new_wins, int depth)
{
    // Deeper than any document that can be read: the rest is taken as it is.
    if (depth > 10'000 || !spend(1, 0))
        return with;
    if (into.is_object() && with.is_object()) {
        if (!spend(0, into.size() * sizeof(data::member)))
            return with;
        value out = into;
        for (const data::member& m : with.members()) {
            const value* old = into.peek(m.name());
            out.set_member(m.name(), old != nullptr ? joined(*old, m.item, new_wins, depth + 1) : m.item);
        }
        return out;
    }
    if (new_wins)
        return with;
    if (!spend(0, (into.size() + with.size()) * sizeof(value)))
        return with;
    std::vector<value> all;
    const auto add = [&](const value& v) {
        if (v.is_array())
            all.insert(all.end(), v.items().begin(), v.items().end());
        else
            all.push_back(v);
    };
    add(into);
    add(with);
    return value::array(std::move(all));
}

} // namespace

value merged(const value& into, const value& with) { return joined(into, with, false, 0); }
value assigned(const value& into, const value& with) { return joined(into, with, true, 0); }

} // namespace lambent::bloblang
