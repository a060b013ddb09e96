#pragma once

#include <lambent/aws/environment.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/bloblang/mapping.hpp>
#include <lambent/core/limiter.hpp>
#include <lambent/core/log.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/data/message.hpp>
#include <lambent/processor/cache.hpp>
#include <lambent/processor/errc.hpp>
#include <lambent/processor/metrics.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace lambent::processor {

class stage;

/// What `run --emulate` gives to every aws_lambda that does not set its own.
struct lambda_defaults
{
    std::string endpoint;
    std::string ca_file;
    std::string region;
    std::string id;
    std::string secret;
};

/// What a component may ask of its host. Implemented by the engine; outlives every component.
class host
{
public:
    virtual ~host() = default;
    virtual core::shard& shard() = 0;
    virtual core::log_sink& log() = 0;
    virtual const aws::environment& environment() const = 0;
    virtual const bloblang::environment& bloblang() const = 0;
    virtual const processor::lambda_defaults& lambda_defaults() const = 0;
    /// The network of new HTTP clients; null: the real one. For simulation.
    virtual std::unique_ptr<http::dialer> network();

    /// Resources by label; null when there is none of that kind and name. Resolved again at each use.
    virtual core::limiter* rate_limit(std::string_view label) = 0;
    virtual stage* processor_resource(std::string_view label) = 0;
    virtual processor::cache* cache(std::string_view label) { (void)label; return nullptr; }

    /// Where the `metric` processor counts; the default drops.
    virtual metrics_sink& metrics();

    /// Statistics of Lambda clients, for the live line and the summary. The client must be forgotten before it dies.
    virtual void watch(const aws::lambda_client& client) = 0;
    virtual void forget(const aws::lambda_client& client) = 0;
};

/// Who a component is: its place in the config and its label. Values; made by the builder.
class context
{
public:
    context(processor::host& owner, std::string name, std::string label, std::string path);

    processor::host& host() const noexcept { return host_; }
    core::shard& shard() const noexcept { return host_.shard(); }
    const std::string& name() const noexcept { return ref_->name; }
    const std::string& label() const noexcept { return ref_->label; }
    const std::string& path() const noexcept { return ref_->path; }   ///< pipeline.processors.0
    /// For failures that carry their source.
    const std::shared_ptr<const data::component_ref>& ref() const noexcept { return ref_; }

    /// A line with the component's fields (`label`, `path` = root.<path>).
    void log(core::log_level level, std::string_view message) const;
    /// The same with further fields.
    void log(core::log_level level, std::string_view message, core::log_fields more) const;

    /// Flags a message, with this component as the source; DEBUG "Processor failed: <text>".
    void fail(data::message& which, std::string text) const;
    /// The same without a source, as processors do whose failures `error_source_name()` does not know.
    void fail_unsourced(data::message& which, std::string text) const;

private:
    processor::host& host_;
    std::shared_ptr<const data::component_ref> ref_;
};

} // namespace lambent::processor
