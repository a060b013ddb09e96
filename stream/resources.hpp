#pragma once

#include <lambent/config/node.hpp>
#include <lambent/config/spec.hpp>
#include <lambent/core/gate.hpp>
#include <lambent/processor/context.hpp>
#include <lambent/processor/stage.hpp>
#include <lambent/stream/event.hpp>
#include <lambent/stream/input.hpp>
#include <lambent/stream/output.hpp>
#include <lambent/stream/rejected.hpp>
#include <lambent/stream/statistics.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::stream {

/// What the process lends to a stream. All of it must outlive the stream.
struct services
{
    core::shard& shard;
    core::log_sink& log;
    const aws::environment& environment;
    const bloblang::environment& bloblang;
    processor::lambda_defaults lambda;
    rejected_sink* rejected = nullptr; ///< null: rejected messages are only logged and counted
};

/// Sums over all Lambda clients of a stream, those that are gone included.
struct lambda_totals
{
    aws::lambda_stats calls;
    http::client_stats transport;
};

/// Everything that components share: services, and resources by label. Implements what processors may ask of their host.
class resources final : public processor::host
{
public:
    explicit resources(services lent);
    ~resources() override;

    /// Takes the elements of one section, e.g. `rate_limit_resources`. Fails on a label that is missing or taken.
    core::result<void> declare(config::field_type kind, const config::node& section);
    /// Makes all that was declared; what refers to another resource has it made first.
    core::result<void> build();

    core::shard& shard() override { return lent_.shard; }
    core::log_sink& log() override { return lent_.log; }
    const aws::environment& environment() const override { return lent_.environment; }
    const bloblang::environment& bloblang() const override { return lent_.bloblang; }
    const processor::lambda_defaults& lambda_defaults() const override { return lent_.lambda; }
    core::limiter* rate_limit(std::string_view label) override;
    processor::stage* processor_resource(std::string_view label) override;
    processor::cache* cache(std::string_view label) override;
    void watch(const aws::lambda_client& client) override;
    void forget(const aws::lambda_client& client) override;

    stream::output* output_resource(std::string_view label);
    stream::input* input_resource(std::string_view label);

    statistics& count() noexcept { return count_; }
    const statistics& count() const noexcept { return count_; }
    rejected_sink* rejected() const noexcept { return lent_.rejected; }
    lambda_totals lambda() const;
    /// Something that cannot be mended, e.g. a standard output that nobody reads any more: the stream is cut short.
    void break_down(core::error why) noexcept;
    const std::optional<core::error>& broken_down() const noexcept { return broken_down_; }
    /// Notified by `break_down`. Must outlive this, or be unset.
    void alarm(event* whom) noexcept { alarm_ = whom; }

    /// One permit: who writes to the process's standard output.
    core::gate& stdout_turn() noexcept { return stdout_turn_; }

    /// Connects output resources. Errors: cancellation only.
    awaitable<core::result<void>> connect();
    void flush() noexcept;
    void stop(ending how) noexcept;
    /// After everything that uses them was closed.
    awaitable<void> close();

private:
    /// One declared resource; made at first use. `making` tells a resource that leads back to itself.
    template <class T>
    struct slot
    {
        config::node object;
        std::unique_ptr<T> made;
        bool making = false;
        bool failed = false;
    };
    template <class T>
    using table = std::map<std::string, slot<T>, std::less<>>;

    template <class T>
    T* find(table<T>& in, std::string_view label);
    template <class T>
    void make_all(table<T>& in);
    core::result<std::unique_ptr<core::limiter>> make(const slot<core::limiter>& from);
    core::result<std::unique_ptr<processor::cache>> make(const slot<processor::cache>& from);
    core::result<std::unique_ptr<processor::stage>> make(const slot<processor::stage>& from);
    core::result<std::unique_ptr<stream::output>> make(const slot<stream::output>& from);
    core::result<std::unique_ptr<stream::input>> make(const slot<stream::input>& from);

    services lent_;
    statistics count_;
    core::gate stdout_turn_;
    std::optional<core::error> broken_down_;
    event* alarm_ = nullptr;
    std::optional<core::error> broken_; ///< the first resource that could not be made
    std::vector<const aws::lambda_client*> clients_;
    lambda_totals gone_;
    // Made in this order, destroyed in the opposite one: what refers comes after what it refers to.
    table<core::limiter> limiters_;
    table<processor::cache> caches_;
    table<processor::stage> stages_;
    table<stream::output> outputs_;
    table<stream::input> inputs_;
};

} // namespace lambent::stream
