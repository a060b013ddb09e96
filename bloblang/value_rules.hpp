#pragma once

#include <lambent/data/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::bloblang {

/// string bytes number bool timestamp array object null delete nothing
std::string_view type_name(const data::value& v) noexcept;

/// A number's text becomes int64 where it fits, else float64, else (out of float64's range) a string; others stay.
data::value settled(const data::value& v);

/// What `.string()` and interpolation print: floats by Go's %v with an exponent from 6 digits on, containers as JSON.
std::string to_text(const data::value& v);
/// The bytes of a string or bytes value; others as `to_text`.
std::string to_bytes(const data::value& v);

/// A string, bytes, or a timestamp as RFC 3339: what most text methods take. Valid as long as the value it was made of.
class loose_text
{
public:
    explicit loose_text(const data::value& v);

    explicit operator bool() const noexcept { return fits_; }
    std::string_view operator*() const noexcept { return owned_.empty() ? view_ : std::string_view(owned_); }

private:
    std::string owned_;
    std::string_view view_;
    bool fits_ = false;
};

/// The value of the literal `[]`. In Go it is a slice that was never made: a method that writes JSON writes null for it, but
/// assigned to a document it is an empty list like any other.
data::value unmade_list();
/// For `json_write_options::null_list` of such a method.
const data::value* written_as_null();
/// `v` as a document holds it.
data::value with_lists_made(const data::value& v);

/// Numbers as float64; nullopt for everything else.
std::optional<double> number_of(const data::value& v) noexcept;
/// Numbers as int64, fractions cut; nullopt for everything else.
std::optional<std::int64_t> integer_of(const data::value& v) noexcept;
/// bool, or a number that is not zero.
std::optional<bool> truth_of(const data::value& v) noexcept;

/// The `==` of the language; never fails.
bool equal(const data::value& a, const data::value& b);

/// Deep copy of `into` with `with` merged in: objects key by key, arrays joined; other collisions become an array [old, new].
data::value merged(const data::value& into, const data::value& with);
/// Same, but the new value wins a collision.
data::value assigned(const data::value& into, const data::value& with);

} // namespace lambent::bloblang
