#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace lambent::core {

using boost::system::error_code;

/// What a failed call may have done at the other end. In rising order: of several attempts the highest counts.
enum class certainty : std::uint8_t {
    not_sent,       ///< no byte left
    refused,        ///< the service answered that it did nothing
    maybe_executed, ///< bytes left, no complete answer came
    executed,       ///< it was done; its answer was lost or broken
};

/// The one error type of all rooms: what kind of thing went wrong, and the cold text a reader needs.
///
/// `code` is for programs (compare with an `errc` or a `condition`), `detail` for people: a phase, a YAML line, AWS's own words.
/// `certainty` is set by what calls a service; elsewhere nothing was sent.
struct error
{
    error_code code;
    std::string detail;
    core::certainty certainty = core::certainty::not_sent;

    /// `detail` alone where there is one, else the code's advice.
    std::string text() const { return detail.empty() ? code.message() : detail; }

    friend bool operator==(const error& a, const error& b) = default;
};

[[noreturn]] void throw_exception_from_error(const error& e, const boost::source_location& where);

/// A value or an error. Dropping one is a warning under clang; test it before use.
template <class T>
struct [[nodiscard]] result : boost::system::result<T, error>
{
    using boost::system::result<T, error>::result;
};

/// What core itself reports. Values are never renumbered.
enum class errc {
    deadline_exceeded = 1, ///< the deadline passed; the detail names the phase it died in
    cancelled,             ///< the caller cancelled
    shutting_down,         ///< the owner is closing and takes nothing new
    limit_exceeded,        ///< a named limit of an options struct was reached
    closed,                ///< the other end of a channel or gate is gone
};

/// What a caller asks of any room's error: `if (e.code == core::condition::timed_out)`.
enum class condition {
    timed_out = 1, ///< a deadline or time-out of any phase
    cancelled,     ///< by the caller or by shutdown
    transient,     ///< the same call may succeed later
};

const boost::system::error_category& category() noexcept;
const boost::system::error_category& condition_category() noexcept;

inline error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }
inline boost::system::error_condition make_error_condition(condition c) noexcept
{
    return {static_cast<int>(c), condition_category()};
}

} // namespace lambent::core

template <>
struct boost::system::is_error_code_enum<lambent::core::errc> : std::true_type
{};
template <>
struct boost::system::is_error_condition_enum<lambent::core::condition> : std::true_type
{};
