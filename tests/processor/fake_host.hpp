#pragma once

#include <lambent/config/node.hpp>
#include <lambent/http/dialer.hpp>
#include <lambent/processor/catalogue.hpp>
#include <lambent/processor/context.hpp>

#include <sim/fake_environment.hpp>
#include <sim/world.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lambent::test {

struct log_line
{
    core::log_level level;
    std::string message;
    std::map<std::string, std::string> fields;
};

/// Keeps every line.
class recording_sink final : public core::log_sink
{
public:
    bool enabled(core::log_level) const noexcept override { return true; }
    void write(core::log_level level, std::string_view message, const core::log_fields& fields) override
    {
        lines.push_back({level, std::string(message), {fields.begin(), fields.end()}});
    }
    /// The messages of one level, in order.
    std::vector<std::string> at(core::log_level level) const
    {
        std::vector<std::string> texts;
        for (const log_line& line : lines)
            if (line.level == level)
                texts.push_back(line.message);
        return texts;
    }
    bool has(core::log_level level, const std::string& text) const
    {
        const auto texts = at(level);
        return std::find(texts.begin(), texts.end(), text) != texts.end();
    }

    std::vector<log_line> lines;
};

/// A cache in a map, without expiry; `broken` fails every call.
class map_cache final : public processor::cache
{
public:
    std::map<std::string, std::string, std::less<>> entries;
    std::map<std::string, std::optional<core::duration>, std::less<>> ttls;
    bool broken = false;

    awaitable<core::result<std::string>> get(std::string_view key) override
    {
        if (broken)
            co_return core::error{core::errc::closed, "the cache is broken"};
        const auto found = entries.find(key);
        if (found == entries.end())
            co_return core::error{processor::errc::key_not_found, {}};
        co_return found->second;
    }
    awaitable<core::result<void>> set(
        std::string_view key, std::string_view value, std::optional<core::duration> ttl) override
    {
        if (broken)
            co_return core::error{core::errc::closed, "the cache is broken"};
        entries.insert_or_assign(std::string(key), std::string(value));
        ttls.insert_or_assign(std::string(key), ttl);
        co_return core::result<void>();
    }
    awaitable<core::result<void>> add(
        std::string_view key, std::string_view value, std::optional<core::duration> ttl) override
    {
        if (!broken && entries.contains(key))
            co_return core::error{processor::errc::key_exists, {}};
        co_return co_await set(key, value, ttl);
    }
    awaitable<core::result<void>> remove(std::string_view key) override
    {
        if (const auto found = entries.find(key); found != entries.end())
            entries.erase(found);
        co_return core::result<void>();
    }
};

class bloblang_world final : public bloblang::environment
{
public:
    explicit bloblang_world(core::shard& on) : shard_(on) {}
    core::wall_time now() const override { return shard_.time().wall(); }
    std::uint64_t random() const override { return shard_.chance().next(); }

private:
    core::shard& shard_;
};

class counted_metrics final : public processor::metrics_sink
{
public:
    /// "name{a=1}" -> value
    std::map<std::string, double> values;

    void count(std::string_view name, labels with, double by) override { values[key(name, with)] += by; }
    void gauge(std::string_view name, labels with, double to) override { values[key(name, with)] = to; }
    void timing(std::string_view name, labels with, double ns) override { values[key(name, with)] = ns; }

private:
    static std::string key(std::string_view name, labels with)
    {
        std::string text(name);
        text += '{';
        for (const auto& [label, value] : with)
            text += label + "=" + value + ";";
        return text + '}';
    }
};

/// A host that a test fills as it needs.
class fake_host final : public processor::host
{
public:
    explicit fake_host(core::shard& on) : bloblang_(on), shard_(on) {}

    core::shard& shard() override { return shard_; }
    core::log_sink& log() override { return lines; }
    const aws::environment& environment() const override { return variables; }
    const bloblang::environment& bloblang() const override { return bloblang_; }
    const processor::lambda_defaults& lambda_defaults() const override { return defaults; }
    std::unique_ptr<http::dialer> network() override { return make_network ? make_network() : nullptr; }
    core::limiter* rate_limit(std::string_view label) override { return find(limiters, label); }
    processor::stage* processor_resource(std::string_view label) override { return find(processors, label); }
    processor::cache* cache(std::string_view label) override { return find(caches, label); }
    processor::metrics_sink& metrics() override { return counted; }
    void watch(const aws::lambda_client& client) override { watched.push_back(&client); }
    void forget(const aws::lambda_client& client) override { std::erase(watched, &client); }

    recording_sink lines;
    sim::fake_environment variables;
    processor::lambda_defaults defaults;
    std::function<std::unique_ptr<http::dialer>()> make_network;
    std::map<std::string, std::unique_ptr<core::limiter>, std::less<>> limiters;
    std::map<std::string, processor::stage_ptr, std::less<>> processors;
    std::map<std::string, std::unique_ptr<map_cache>, std::less<>> caches;
    counted_metrics counted;
    std::vector<const aws::lambda_client*> watched;

private:
    template <class Map>
    static auto find(const Map& in, std::string_view label) -> decltype(in.begin()->second.get())
    {
        const auto found = in.find(label);
        return found == in.end() ? nullptr : found->second.get();
    }

    bloblang_world bloblang_;
    core::shard& shard_;
};

inline core::result<processor::stage_ptr> try_build(
    processor::host& host, const std::string& yaml, const std::string& path = "pipeline.processors.0")
{
    auto node = config::node::parse(yaml, "test.yaml");
    REQUIRE(node);
    return processor::build(host, *node, path);
}

/// The error of a processor that cannot be built.
inline std::string build_error(processor::host& host, const std::string& yaml)
{
    auto made = try_build(host, yaml);
    return made ? "(built)" : made.error().text();
}

inline data::batch messages(const std::vector<std::string>& contents)
{
    data::batch batch;
    for (const std::string& text : contents)
        batch.emplace_back(text);
    return batch;
}

inline std::vector<std::string> contents(const data::batch& batch)
{
    std::vector<std::string> texts;
    for (const data::message& m : batch)
        texts.emplace_back(m.bytes());
    return texts;
}

/// By batch.
inline std::vector<std::vector<std::string>> contents(const processor::batches& all)
{
    std::vector<std::vector<std::string>> texts;
    for (const data::batch& b : all)
        texts.push_back(contents(b));
    return texts;
}

/// What `error()` says of each message; "" for those that did not fail.
inline std::vector<std::string> failures(const data::batch& batch)
{
    std::vector<std::string> texts;
    for (const data::message& m : batch)
        texts.push_back(m.failed() ? m.failed()->text : "");
    return texts;
}

/// A world of virtual time with a host in it.
struct bench
{
    sim::world world;
    fake_host host{world.shard()};

    processor::stage_ptr build(const std::string& yaml, const std::string& path = "pipeline.processors.0")
    {
        auto made = try_build(host, yaml, path);
        INFO(yaml);
        if (!made)
            FAIL(made.error().text());
        return std::move(*made);
    }

    core::result<processor::batches> process(processor::stage& stage, data::batch batch)
    {
        return world.run(stage.process(std::move(batch)));
    }

    /// Builds, runs and closes one processor. Several batches where it makes several.
    processor::batches all(const std::string& yaml, data::batch batch)
    {
        auto stage = build(yaml);
        auto done = process(*stage, std::move(batch));
        REQUIRE(done);
        world.run(stage->close());
        return std::move(*done);
    }
    /// The same for processors that make one batch, or none (empty).
    data::batch one(const std::string& yaml, data::batch batch)
    {
        auto made = all(yaml, std::move(batch));
        REQUIRE(made.size() <= 1);
        return made.empty() ? data::batch() : std::move(made.front());
    }
    data::batch one(const std::string& yaml, const std::vector<std::string>& texts) { return one(yaml, messages(texts)); }
    data::batch one(const std::string& yaml, std::initializer_list<std::string> texts) { return one(yaml, messages(texts)); }
};

} // namespace lambent::test
