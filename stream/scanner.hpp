#pragma once

#include <lambent/config/lint.hpp>
#include <lambent/config/spec.hpp>
#include <lambent/core/error.hpp>
#include <lambent/data/message.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace lambent::stream {

/// Cuts a byte stream into messages: bytes in, messages out, no I/O. One per stream.
class scanner
{
public:
    virtual ~scanner() = default;
    virtual void feed(std::string_view bytes) = 0;
    /// No more bytes will come.
    virtual void finish() = 0;
    /// The next batch; nullopt: more bytes are needed, or after `finish` the end. An error is final.
    virtual core::result<std::optional<data::batch>> next() = 0;
};

using scanner_ptr = std::unique_ptr<scanner>;

/// A checked configuration, from which a scanner is made for each stream.
class scanner_recipe
{
public:
    virtual ~scanner_recipe() = default;
    virtual scanner_ptr make() const = 0;
};

struct scanner_entry
{
    const config::spec& (*spec)();
    core::result<std::unique_ptr<scanner_recipe>> (*make)(const config::reader& read);
};

std::span<const std::pair<std::string_view, scanner_entry>> scanners();

/// From the component object of a `scanner` field; absent: lines.
core::result<std::unique_ptr<scanner_recipe>> build_scanner(const config::node& object);
/// From the deprecated `codec` string: lines, all-bytes, delim:x, chunker:x.
core::result<std::unique_ptr<scanner_recipe>> build_codec_scanner(const std::string& codec, std::int64_t max_buffer);
/// What an input with the fields `scanner`, `codec` and `max_buffer` uses.
core::result<std::unique_ptr<scanner_recipe>> build_scanner_of(const config::reader& input);

/// Adds the fields `codec`, `max_buffer` and `scanner`.
void add_scanner_fields(config::spec& input);

} // namespace lambent::stream
