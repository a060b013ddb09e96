#pragma once

#include <lambent/core/error.hpp>
#include <lambent/data/value.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::data {

/// The component a failure came from, as `error_source_name()` and its siblings give it.
struct component_ref
{
    std::string name;  ///< aws_lambda
    std::string label; ///< may be empty
    std::string path;  ///< pipeline.processors.0 (without "root.")
    friend bool operator==(const component_ref&, const component_ref&) = default;
};

/// The flag of a failed message. It stays through later processors until a `catch` or the like clears it.
struct failure
{
    std::string text;
    std::shared_ptr<const component_ref> source; ///< null: unsourced
};

/// One message: contents (bytes, or a structured value, converted lazily both ways), metadata, perhaps a failure.
///
/// Copies are shallow and cheap: contents and metadata are shared until one side writes. Not for two threads at once.
class message
{
public:
    message() = default;
    explicit message(std::string bytes);

    /// The contents as bytes. A structured message is serialised on first demand: compact, keys sorted, no HTML escapes.
    std::string_view bytes() const;
    void set_bytes(std::string bytes);

    /// The contents as a value, parsed on first demand by Go's JSON rules with number text kept.
    /// Errors are Go's words; empty contents: "message is empty".
    core::result<value> structured() const;
    /// The same without a copy; null where `structured` fails. Valid until the contents change.
    const value* peek_structured() const;
    void set_structured(value v);
    /// Takes `v` as `set_structured`. False, and the contents stay, if it is nested too deep or too long to be written: `why` tells
    /// which. (Otherwise such a value leaves the contents empty, as NaN does, once they are asked for as bytes.)
    bool set_writable(value v, core::error& why);

    /// Metadata in key order; values of any type.
    const std::map<std::string, value, std::less<>>& metadata() const;
    const value* meta(std::string_view key) const;
    void set_meta(std::string_view key, value v);
    void erase_meta(std::string_view key);
    void clear_meta();

    const std::optional<data::failure>& failed() const { return failure_; }
    void fail(std::string text, std::shared_ptr<const component_ref> source = nullptr);
    void clear_failure() { failure_.reset(); }

    /// Which message of the source batch this one descends from; kept by copies, used to put results back in order.
    std::size_t origin = static_cast<std::size_t>(-1);

private:
    struct contents;
    static std::shared_ptr<contents> fresh();

    std::shared_ptr<contents> contents_; ///< shared until written
    std::shared_ptr<std::map<std::string, value, std::less<>>> metadata_;
    std::optional<data::failure> failure_;
};

using batch = std::vector<message>;

} // namespace lambent::data
