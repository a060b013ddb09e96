#pragma once

#include <lambent/core/error.hpp>
#include <lambent/data/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace lambent::data {

struct json_read_options
{
    bool keep_number_text = true; ///< numbers become `kind::number`; else float64
    bool whole = true;            ///< what follows the first document is an error
    std::size_t depth_max = 10'000; ///< as Go's encoding/json
    bool eager = false;           ///< makes the whole tree at once; else values are made of a checked text when they are asked for
};

/// Reads one document by the rules of Go's encoding/json Decoder: invalid UTF-8 and lone surrogates become U+FFFD, of equal
/// keys the last wins. Errors are Go's words (`unexpected EOF`, `invalid character 'x' looking for beginning of value`);
/// text without a document is `EOF`, a second valid document `message contains multiple valid documents`.
core::result<value> read_json(std::string_view text, const json_read_options& options = {});

struct json_write_options
{
    bool escape_html = false;  ///< < > & as \u003c \u003e \u0026
    std::string_view indent;   ///< empty: compact
    std::size_t depth_max = 10'000;
    const value* null_list = nullptr; ///< an empty list, known by its storage, that is written as null
    std::size_t bytes_max = std::size_t{1} << 30; ///< a small value that holds the same part many times over writes out without bound
};

/// Writes as Go's encoding/json: keys in byte order, U+2028/2029 escaped, invalid UTF-8 as \ufffd, Go's float format.
/// Bytes are written in base64, timestamps as RFC 3339, markers as null. Fails for NaN, infinities and too deep trees:
/// `json: unsupported value: NaN`.
core::result<std::string> write_json(const value& v, const json_write_options& options = {});
/// Same, appended. On failure `out` is as it was.
core::result<void> write_json(std::string& out, const value& v, const json_write_options& options = {});

/// Did `write_json` fail for `bytes_max`?
bool too_long_to_write(const core::error& e) noexcept;
/// Did it fail for `bytes_max` or `depth_max`?
bool beyond_limits(const core::error& e) noexcept;
/// Is it seen at a glance that `v` is not longer than that, nor too deep? False may only mean that it takes more than a glance.
bool surely_within_limits(const value& v, std::size_t bytes_max) noexcept;

/// A quoted JSON string, appended.
void write_json_string(std::string& out, std::string_view text, bool escape_html = false);

/// Is `text` exactly one number by JSON's grammar?
bool is_json_number(std::string_view text) noexcept;

} // namespace lambent::data
