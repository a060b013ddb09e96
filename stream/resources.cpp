#include <lambent/stream/resources.hpp>

#include <lambent/processor/catalogue.hpp>
#include <lambent/stream/catalogue.hpp>
#include <lambent/stream/errc.hpp>

#include <algorithm>

namespace lambent::stream {

namespace {

/// As the original spells kinds in this message.
std::string_view words(config::field_type kind)
{
    switch (kind) {
    case config::field_type::rate_limit: return "rate limit";
    case config::field_type::cache: return "cache";
    case config::field_type::processor: return "processor";
    case config::field_type::output: return "output";
    default: return "input";
    }
}

template <class Stats>
void add(Stats& sum, const Stats& more);

template <>
void add(aws::lambda_stats& sum, const aws::lambda_stats& more)
{
    sum.calls += more.calls;
    sum.attempts += more.attempts;
    sum.retries += more.retries;
    sum.throttled += more.throttled;
    sum.function_errors += more.function_errors;
    sum.failed += more.failed;
    sum.timed_out += more.timed_out;
    sum.in_flight += more.in_flight;
    sum.ambiguous_retried += more.ambiguous_retried;
    sum.failed_attempts += more.failed_attempts;
    sum.failed_calls += more.failed_calls;
}

template <>
void add(http::client_stats& sum, const http::client_stats& more)
{
    sum.opened += more.opened;
    sum.closed += more.closed;
    sum.idle += more.idle;
    sum.busy += more.busy;
    sum.connect_failed += more.connect_failed;
    sum.requests += more.requests;
    sum.reused += more.reused;
    sum.queued += more.queued;
    sum.bytes_sent += more.bytes_sent;
    sum.bytes_received += more.bytes_received;
}

} // namespace

resources::resources(services lent) : lent_(std::move(lent)), stdout_turn_(lent_.shard, 1) {}
resources::~resources() = default;

core::result<void> resources::declare(config::field_type kind, const config::node& section)
{
    for (std::size_t i = 0; i < section.size(); ++i) {
        const config::node object = section.at(i);
        const std::string label = object.get("label").text();
        if (label.empty())
            return core::error{errc::invalid_config, "the label field for resources must be unique and not empty"};
        const auto put = [&](auto& in) { return in.try_emplace(label).second && (in.find(label)->second.object = object, true); };
        bool fresh = false;
        switch (kind) {
        case config::field_type::rate_limit: fresh = put(limiters_); break;
        case config::field_type::cache: fresh = put(caches_); break;
        case config::field_type::processor: fresh = put(stages_); break;
        case config::field_type::output: fresh = put(outputs_); break;
        default: fresh = put(inputs_); break;
        }
        if (!fresh)
            return core::error{errc::invalid_config, std::string(words(kind)) + " resource label '" + label +
                                                         "' collides with a previously defined resource"};
    }
    return {};
}

core::result<void> resources::build()
{
    make_all(limiters_);
    make_all(caches_);
    make_all(stages_);
    make_all(outputs_);
    make_all(inputs_);
    if (broken_)
        return *broken_;
    return {};
}

template <class T>
void resources::make_all(table<T>& in)
{
    for (auto& [label, one] : in)
        find(in, label);
}

template <class T>
T* resources::find(table<T>& in, std::string_view label)
{
    const auto found = in.find(label);
    if (found == in.end())
        return nullptr;
    slot<T>& one = found->second;
    if (one.made || one.failed)
        return one.made.get();
    if (one.making) {
        if (!broken_)
            broken_ = core::error{errc::invalid_config, "resource '" + found->first + "' refers to itself"};
        return nullptr;
    }
    one.making = true;
    auto made = make(one);
    one.making = false;
    if (made) {
        one.made = std::move(*made);
    } else {
        one.failed = true;
        if (!broken_)
            broken_ = made.error();
    }
    return one.made.get();
}

core::result<std::unique_ptr<core::limiter>> resources::make(const slot<core::limiter>& from)
{
    return build_rate_limit(*this, from.object, "rate_limit_resources");
}
core::result<std::unique_ptr<processor::cache>> resources::make(const slot<processor::cache>& from)
{
    return build_cache(*this, from.object, "cache_resources");
}
core::result<std::unique_ptr<processor::stage>> resources::make(const slot<processor::stage>& from)
{
    return processor::build(*this, from.object, "processor_resources");
}
core::result<std::unique_ptr<stream::output>> resources::make(const slot<stream::output>& from)
{
    return build_output(*this, from.object, "output_resources");
}
core::result<std::unique_ptr<stream::input>> resources::make(const slot<stream::input>& from)
{
    return build_input(*this, from.object, "input_resources");
}

core::limiter* resources::rate_limit(std::string_view label) { return find(limiters_, label); }
processor::stage* resources::processor_resource(std::string_view label) { return find(stages_, label); }
processor::cache* resources::cache(std::string_view label) { return find(caches_, label); }
stream::output* resources::output_resource(std::string_view label) { return find(outputs_, label); }
stream::input* resources::input_resource(std::string_view label) { return find(inputs_, label); }

void resources::watch(const aws::lambda_client& client) { clients_.push_back(&client); }

void resources::forget(const aws::lambda_client& client)
{
    const auto found = std::find(clients_.begin(), clients_.end(), &client);
    if (found == clients_.end())
        return;
    add(gone_.calls, client.stats());
    add(gone_.transport, client.transport_stats());
    clients_.erase(found);
}

lambda_totals resources::lambda() const
{
    lambda_totals sum = gone_;
    for (const aws::lambda_client* client : clients_) {
        add(sum.calls, client->stats());
        add(sum.transport, client->transport_stats());
    }
    return sum;
}

void resources::break_down(core::error why) noexcept
{
    if (broken_down_)
        return;
    broken_down_ = std::move(why);
    if (alarm_ != nullptr)
        alarm_->notify();
}

awaitable<core::result<void>> resources::connect()
{
    for (auto& [label, one] : outputs_) {
        if (!one.made)
            continue;
        auto connected = co_await one.made->connect();
        if (!connected)
            co_return connected.error();
    }
    co_return core::result<void>();
}

void resources::flush() noexcept
{
    for (auto& [label, one] : outputs_)
        if (one.made)
            one.made->flush();
}

void resources::stop(ending how) noexcept
{
    for (auto& [label, one] : inputs_)
        if (one.made)
            one.made->stop(how);
}

awaitable<void> resources::close()
{
    for (auto& [label, one] : inputs_)
        if (one.made)
            co_await one.made->close();
    for (auto& [label, one] : outputs_)
        if (one.made)
            co_await one.made->close();
    for (auto& [label, one] : stages_)
        if (one.made)
            co_await one.made->close();
}

} // namespace lambent::stream
