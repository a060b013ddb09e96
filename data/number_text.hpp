#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lambent::data {

/// As Go's encoding/json writes a float64: shortest digits, exponent form below 1e-6 and from 1e21 on. Finite only.
/// `narrow`: the shortest digits that a float32 needs.
std::string json_float(double f, bool narrow = false);
/// As Go's strconv.FormatFloat(f, 'g', -1, 64), fmt's %v: exponent form for exponents < -4 or >= 6. NaN, +Inf, -Inf.
std::string shortest_float(double f, bool narrow = false);

/// The literal as int64, when it is one in range (no fraction, no exponent).
std::optional<std::int64_t> int64_of(std::string_view literal) noexcept;
/// The literal as float64; nullopt out of range.
std::optional<double> float64_of(std::string_view literal) noexcept;

} // namespace lambent::data
