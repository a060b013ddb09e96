#include <lambent/emulator/admission.hpp>

#include <utility>

namespace lambent::emulator {

bool admission::reserve(std::string function, std::size_t limit)
{
    if (shares_.contains(function) || limit > unreserved_limit_)
        return false;
    unreserved_limit_ -= limit;
    shares_.emplace(std::move(function), share{limit, 0});
    return true;
}

admission::verdict admission::enter(std::string_view function)
{
    const auto found = shares_.find(function);
    if (found != shares_.end()) {
        if (found->second.running >= found->second.limit)
            return verdict::function_full;
        ++found->second.running;
    } else {
        if (unreserved_running_ >= unreserved_limit_)
            return verdict::account_full;
        ++unreserved_running_;
    }
    ++running_;
    return verdict::admitted;
}

void admission::leave(std::string_view function)
{
    const auto found = shares_.find(function);
    --(found != shares_.end() ? found->second.running : unreserved_running_);
    --running_;
}

std::string_view reason(admission::verdict refusal) noexcept
{
    return refusal == admission::verdict::function_full ? "ReservedFunctionConcurrentInvocationLimitExceeded"
                                                        : "ConcurrentInvocationLimitExceeded";
}

} // namespace lambent::emulator
