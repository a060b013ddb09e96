#pragma once

#include <lambent/bloblang/failure.hpp>
#include <lambent/bloblang/mapping.hpp>

#include <cstdint>

/// What one evaluation costs, against what it may: the guard against loops within loops and values that double.
///
/// Spent are: a step for each method, function, named map and element that a query is evaluated for, and more where a method reads
/// something large; bytes for each text and container that is newly made. When either is gone everything that spends fails, so
/// that an evaluation ends soon, `catch` or not.
namespace lambent::bloblang {

struct account
{
    evaluation_limits limits;
    std::uint64_t steps;
    std::uint64_t bytes;
};

/// The account of the evaluation that runs on this thread; null where none is kept. `run_on_fresh_stack` carries it over.
inline constinit thread_local account* running_account = nullptr;

/// Opens an account for its lifetime, unless one is open: what evaluates within an evaluation spends from the outer one.
class metered
{
public:
    explicit metered(const evaluation_limits& limits) noexcept : own_{limits, limits.steps, limits.bytes}
    {
        opened_ = running_account == nullptr;
        if (opened_)
            running_account = &own_;
    }
    ~metered()
    {
        if (opened_)
            running_account = nullptr;
    }
    metered(const metered&) = delete;
    metered& operator=(const metered&) = delete;

private:
    account own_;
    bool opened_ = false;
};

/// False when that much is no longer there; nothing is there afterwards.
inline bool spend(std::uint64_t steps, std::uint64_t bytes = 0) noexcept
{
    account* const a = running_account;
    if (a == nullptr)
        return true;
    if (a->steps < steps || a->bytes < bytes) {
        (a->steps < steps ? a->steps : a->bytes) = 0;
        return false;
    }
    a->steps -= steps;
    a->bytes -= bytes;
    return true;
}

/// Is there room for a value of that many bytes? It is not spent: what makes the value in one piece is paid for afterwards.
inline bool can_make(std::uint64_t bytes) noexcept
{
    account* const a = running_account;
    if (a == nullptr || bytes <= a->bytes)
        return true;
    a->bytes = 0;
    return false;
}

/// How long a text may become that is made in one piece.
inline std::uint64_t bytes_left() noexcept { return running_account != nullptr ? running_account->bytes : ~std::uint64_t{0}; }

/// Was a `spend` or a `can_make` refused?
inline bool overspent() noexcept { return running_account != nullptr && (running_account->steps == 0 || running_account->bytes == 0); }

/// Why a `spend` was refused.
problem spent_too_much();

/// The steps that reading `v` once stands for: about a microsecond each.
inline std::uint64_t steps_to_read(const data::value& v) noexcept
{
    if (v.is_array() || v.is_object())
        return v.extent() >> 8;
    return v.is_text() ? v.text().size() >> 12 : 0;
}

/// The bytes that `v` itself takes, when nobody else holds it.
inline std::uint64_t bytes_made(const data::value& v) noexcept
{
    if (v.is_shared())
        return 0;
    if (v.is_array() || v.is_object())
        return v.size() * (v.is_array() ? sizeof(data::value) : sizeof(data::member));
    return v.is_text() ? v.text().size() : 0;
}

} // namespace lambent::bloblang
