#pragma once

#include <lambent/core/error.hpp>

#include <string_view>

namespace lambent::aws {

/// May the function have run? Stands in every error of a call and is counted for every failed attempt.
using core::certainty;

/// "not sent", "refused", "maybe executed", "executed".
constexpr std::string_view to_text(certainty known) noexcept
{
    switch (known) {
    case certainty::not_sent:
        return "not sent";
    case certainty::refused:
        return "refused";
    case certainty::maybe_executed:
        return "maybe executed";
    case certainty::executed:
        return "executed";
    }
    return "?";
}

} // namespace lambent::aws
