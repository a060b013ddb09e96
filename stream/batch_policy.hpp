#pragma once

#include <lambent/bloblang/mapping.hpp>
#include <lambent/config/spec.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>
#include <lambent/processor/context.hpp>
#include <lambent/processor/stage.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace lambent::stream {

struct batch_policy_options
{
    std::size_t count = 0;                          ///< messages; 0: no trigger
    std::size_t byte_size = 0;                      ///< 0: no trigger
    std::optional<core::duration> period;           ///< unset: no trigger
    std::optional<bloblang::mapping> check;         ///< true for the newest message ends the batch
    std::size_t messages_max = 50'000;              ///< named limits: a batch ends here whatever the triggers say
    std::size_t bytes_max = 64UL * 1024 * 1024;

    bool has_trigger() const noexcept { return count > 0 || byte_size > 0 || period.has_value() || check.has_value(); }
    /// Nothing to do: each batch passes as it is.
    bool is_noop() const noexcept { return !has_trigger() || (count == 1 && byte_size == 0 && !period && !check); }
};

/// When does a growing batch end? Messages and times in, verdicts out.
class batch_policy
{
public:
    batch_policy(batch_policy_options options, core::instant now) : options_(std::move(options)), last_(now) {}

    /// Takes the message; true when the batch ends with it. A check that fails is told by `check_failure`.
    bool add(data::message message, core::instant now);
    /// The batch, which begins anew.
    data::batch take(core::instant now);
    /// When the period ends the batch; never while it is empty.
    core::deadline due() const noexcept;
    std::size_t size() const noexcept { return pending_.size(); }
    std::optional<core::error> check_failure() { return std::exchange(check_failure_, std::nullopt); }

private:
    batch_policy_options options_;
    data::batch pending_;
    std::size_t bytes_ = 0;
    core::instant last_; ///< the last end, or the last multiple of the period since then that found nothing
    std::optional<core::error> check_failure_;
};

/// A `batching` or `policy` object with the processors that run on each finished batch.
struct batching
{
    batch_policy_options policy;
    std::vector<processor::stage_ptr> stages;
};

/// The fields of such an object.
config::spec batch_policy_spec();
/// Nullopt: not batched.
core::result<std::optional<batching>> read_batching(
    const processor::context& who, const config::reader& read, const std::string& path);

} // namespace lambent::stream
