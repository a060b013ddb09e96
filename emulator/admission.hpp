#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace lambent::emulator {

/// Who may run: the account's concurrency and the functions' reserved shares of it (Lambda developer guide, "Reserved concurrency").
///
/// | function        | may run while                                      | else                                             |
/// |-----------------|----------------------------------------------------|--------------------------------------------------|
/// | with a share    | fewer than its share run                           | ReservedFunctionConcurrentInvocationLimitExceeded |
/// | without         | fewer than (account - all shares) of these run     | ConcurrentInvocationLimitExceeded                 |
class admission
{
public:
    enum class verdict { admitted, account_full, function_full };

    explicit admission(std::size_t account_limit) : unreserved_limit_(account_limit) {}

    /// False when the shares together would exceed the account's limit; then nothing changed.
    [[nodiscard]] bool reserve(std::string function, std::size_t share);
    verdict enter(std::string_view function);
    /// Precondition: entered.
    void leave(std::string_view function);

    std::size_t running() const noexcept { return running_; }

private:
    struct share
    {
        std::size_t limit = 0;
        std::size_t running = 0;
    };
    std::size_t unreserved_limit_;
    std::size_t unreserved_running_ = 0;
    std::size_t running_ = 0;
    std::map<std::string, share, std::less<>> shares_;
};

/// AWS's `Reason` for a refusal.
std::string_view reason(admission::verdict refusal) noexcept;

} // namespace lambent::emulator
