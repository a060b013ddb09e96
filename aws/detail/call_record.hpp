#pragma once

#include <lambent/aws/credentials.hpp>
#include <lambent/aws/detail/call_plan.hpp>
#include <lambent/aws/detail/prepared_request.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/http/client.hpp>
#include <lambent/sigv4/signer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lambent::aws {

/// What all calls of one client sign with.
struct signing_desk
{
    core::shard& shard;
    const lambda_options& options;
    std::string_view authority;
    sigv4::signer signer;
    core::duration clock_offset{0};
};

/// One call under way: what it sends, what it gets, and what its plan makes of it. Kept out of the coroutine's frame, which
/// must stay small, and used again by later calls, so that its strings need no memory any more.
class call_record final : public http::request_source, public http::response_sink
{
public:
    explicit call_record(signing_desk& desk) noexcept : desk_(desk) {}

    /// Begins a call. `prepared` may be null: then it must be aborted.
    /// @param budget   null: none.
    /// @param may_run  null, or told while the function may be running for this call.
    void begin(const invocation& call, core::deadline until, core::retry_budget* budget, std::string_view url_base, prepared_request* prepared,
        bool timed, bool* may_run);
    /// Lets go of everything that is the call's.
    prepared_request* end() noexcept;

    /// The next attempt is signed with these.
    void use(std::shared_ptr<const credentials> keys) noexcept { keys_ = std::move(keys); }
    bool same_keys(const credentials& other) const noexcept;
    /// What the attempt's end asks for.
    next_step settle(core::result<void>&& sent);

    core::result<void> write(std::string& out) override;
    std::string_view rest() const noexcept override { return rest_; }
    std::uint64_t lane() const noexcept override;
    void take(const http::response_view& whole) noexcept override;
    void cut_short(const http::response_view& partial) noexcept override;

    call_plan& plan() noexcept { return *plan_; }
    bool timed() const noexcept { return timed_; }
    void report_to(call_report& out) const;

    http::exchange_report exchange;
    call_phases phases;
    bool limited = false; ///< the limiter was asked for this attempt, and said no

private:
    core::result<void> sign_for(core::wall_time at);

    signing_desk& desk_;
    const invocation* call_ = nullptr;
    prepared_request* prepared_ = nullptr;
    std::string_view rest_; ///< of the payload, sent from where the caller has it
    bool* may_run_ = nullptr;
    bool timed_ = false;
    core::duration signed_offset_{0};
    std::shared_ptr<const credentials> keys_;
    std::optional<call_plan> plan_;
    answer answer_;
    broken_answer broken_;
};

} // namespace lambent::aws
