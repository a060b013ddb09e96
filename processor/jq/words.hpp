#pragma once

#include <lambent/data/value.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The original runs jq's language by a library of its own with other error texts and a slightly wider grammar than libjq 1.6.
/// What stands here brings the two together.
namespace lambent::processor::jq {

/// A piece of a query. Strings are one piece, with all that is interpolated in them.
struct piece
{
    std::string_view text; ///< into the query
    bool broken = false;   ///< a string without its end
};

std::vector<piece> pieces_of(std::string_view query);

/// The query in libjq 1.6's grammar: an `if` without `else`, and operators in the values of objects.
std::string rewritten(std::span<const piece> pieces);

/// A value in the middle of an error text: JSON, cut at 30 bytes.
std::string preview(const data::value& v);
/// With its type: `number (3)`, but `null`.
std::string typed_preview(const data::value& v);

/// libjq's complaint that a value has the wrong type for an access, in the original's words. `of` is the value, where known.
/// Nullopt: another complaint.
std::optional<std::string> access_error(std::string_view complaint, const data::value* of);

/// The name of the type that libjq's complaint says, where `access_error` needs the value; empty: it does not.
std::string_view blamed_type(std::string_view complaint);
std::string_view type_name(const data::value& v) noexcept;

/// What a failure made by the prelude's `_lambent_fail` says: `details` = [kind, name, values...].
std::string failure_text(const data::value& details);

} // namespace lambent::processor::jq
