#pragma once

#include <lambent/core/error.hpp>
#include <lambent/data/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::processor::jmespath {

/// The kinds of tokens; `name_of` gives the names that error texts have.
enum class token_kind : std::uint8_t {
    unknown, star, dot, filter, flatten, left_paren, right_paren, left_bracket, right_bracket, left_brace, right_brace,
    or_, pipe, number, unquoted, quoted, comma, colon, less, at_most, more, at_least, equal, unequal, json, raw,
    current, reference, and_, not_, end,
};

struct token
{
    token_kind kind = token_kind::end;
    std::string text; ///< decoded: of a quoted identifier or a literal without its quotes
};

std::string_view name_of(token_kind kind) noexcept;

/// The tokens, `end` last.
core::result<std::vector<token>> tokens_of(std::string_view expression);

/// A JSON text read as Go's json.Unmarshal does: numbers become float64, and the end of the text has its own words.
core::result<data::value> read_literal(std::string_view text);

core::error syntax_error(std::string what);

} // namespace lambent::processor::jmespath
