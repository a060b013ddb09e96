#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>
#include <lambent/data/message.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace lambent::bloblang {

class environment;

/// What one evaluation of a mapping or an interpolation may cost; beyond, it fails. Parsing, which evaluates constants, has as much.
struct evaluation_limits
{
    std::uint64_t steps = 100'000'000;             ///< calls and elements visited; a step is a microsecond or less
    std::uint64_t bytes = std::uint64_t{4} << 30;  ///< of all the texts, arrays and objects made on the way, also of those that are dropped again
};

/// Where and why a text is not Bloblang. Line and column start at 1.
struct parse_error
{
    std::size_t line = 1;
    std::size_t column = 1;
    std::string message;  ///< the recorded form, with ": rest" or ", got: rest" where the original gives it
    std::string lint;     ///< the words of the linter
    std::string bare;     ///< without the rest of the text

    /// "line L char C: bare", as the command line shows it above the line with a caret
    std::string text() const;
};

template <class T>
using parsed = std::variant<T, parse_error>;

/// What a mapping did to a message.
enum class effect {
    unchanged, ///< root was never assigned (metadata may have changed)
    changed,
    deleted,   ///< root became deleted()
};

/// A parsed mapping: immutable, shareable between threads, cheap to copy.
class mapping
{
public:
    /// @param world  functions' access to time, chance, variables, files; null functions are unregistered. Must outlive the mapping.
    static parsed<mapping> parse(std::string_view text, const environment& world);

    /// As the `mapping` processor: root starts as nothing, `onto` (a copy of `reference[index]`, in most cases) gets contents and metadata.
    /// On error `onto` may be partly changed: the caller drops it.
    core::result<effect> map(data::message& onto, const data::batch& reference, std::size_t index) const;

    /// As `mutation` and `branch`'s result map: root starts as the document of `onto`. For `mutation` `reference[index]` and `onto`
    /// are the same message (pass `onto_is_reference`): then `this` sees earlier assignments.
    core::result<effect> overlay(data::message& onto, const data::batch& reference, std::size_t index, bool onto_is_reference) const;

    /// As a `check`: must be a boolean. `index` may be beyond an empty batch (`generate`).
    core::result<bool> check(const data::batch& reference, std::size_t index) const;

    /// The value of root alone (`generate`, `fields_mapping`, the emulator): nothing and deleted are markers of the value.
    core::result<data::value> evaluate(const data::batch& reference, std::size_t index) const;

    /// As the command line: root starts as nothing, and `onto`, which stands for `reference[index]`, gets metadata that earlier
    /// assignments are read back from; its contents stay.
    core::result<data::value> evaluate_onto(data::message& onto, const data::batch& reference, std::size_t index) const;

    struct program;

private:
    std::shared_ptr<const program> program_;
};

/// A string with `${! query }` parts.
class interpolation
{
public:
    static parsed<interpolation> parse(std::string_view text, const environment& world);

    core::result<std::string> resolve(const data::batch& reference, std::size_t index) const;
    /// Set when there is nothing to interpolate.
    const std::string* literal() const noexcept;

    struct parts;

private:
    std::shared_ptr<const parts> parts_;
};

/// The doors through which functions reach the world. A pure default is given; override what the host allows.
class environment
{
public:
    virtual ~environment() = default;
    virtual core::wall_time now() const = 0;
    virtual std::uint64_t random() const = 0;
    /// False: `env`, `file`, `file_rel` and `hostname` are unknown functions (parse errors).
    virtual bool has_world() const noexcept { return false; }
    /// True inside a mapping that another one carries (method `bloblang`): only the language's core is known there.
    virtual bool nested() const noexcept { return false; }
    virtual bool variable(std::string_view name, std::string& out) const { (void)name; (void)out; return false; }
    virtual core::result<std::string> read_file(const std::string& path) const { (void)path; return core::error{core::errc::closed, "files are not available here"}; }
    virtual std::string hostname() const { return {}; }
    /// Where relative imports and `file_rel` start; empty: the working directory.
    virtual std::string directory() const { return {}; }
    virtual evaluation_limits limits() const noexcept { return {}; }
};

} // namespace lambent::bloblang
