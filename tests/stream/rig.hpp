#pragma once

#include <lambent/stream/resources.hpp>
#include <lambent/stream/source.hpp>

#include <sim/fake_environment.hpp>
#include <sim/world.hpp>

#include <string>
#include <utility>
#include <vector>

namespace lambent::stream::test {

/// Keeps what was logged.
class log_keeper final : public core::log_sink
{
public:
    bool enabled(core::log_level) const noexcept override { return true; }
    void write(core::log_level level, std::string_view message, const core::log_fields&) override
    {
        lines.emplace_back(level, std::string(message));
    }
    std::size_t count(std::string_view part) const
    {
        std::size_t found = 0;
        for (const auto& [level, text] : lines)
            found += text.find(part) != std::string::npos ? 1 : 0;
        return found;
    }

    std::vector<std::pair<core::log_level, std::string>> lines;
};

class no_world final : public bloblang::environment
{
public:
    core::wall_time now() const override { return {}; }
    std::uint64_t random() const override { return 4; }
};

/// A simulated shard with everything a component asks for.
struct rig
{
    rig() : shared(services{world.shard(), log, environment, blobl, {}, nullptr}) {}
    processor::context who(std::string name) { return {shared, std::move(name), "", "input"}; }

    sim::world world;
    log_keeper log;
    sim::fake_environment environment;
    no_world blobl;
    resources shared;
};

inline data::batch batch_of(const std::vector<std::string>& texts)
{
    data::batch batch;
    for (const std::string& text : texts)
        batch.emplace_back(text);
    return batch;
}

inline std::vector<std::string> texts_of(const data::batch& batch)
{
    std::vector<std::string> texts;
    for (const data::message& message : batch)
        texts.emplace_back(message.bytes());
    return texts;
}

/// Gives numbered messages "0", "1", ... in batches, with a pause before some; counts how often each batch was settled.
class counting_source final : public source
{
public:
    counting_source(core::shard& on, std::size_t batches, std::size_t batch_size, double slow = 0)
        : shard_(on), stopping_(on, 0), batches_(batches), batch_size_(batch_size), slow_(slow), settled_times(batches, 0)
    {}

    awaitable<core::result<std::optional<sourced>>> read() override
    {
        if (shard_.chance().chance(slow_)) {
            using namespace std::chrono_literals;
            const auto slept = co_await stopping_.enter(shard_.time().in(10ms));
            if (slept.error().code == core::errc::cancelled)
                co_return slept.error();
        }
        if (stopped_ || given == batches_)
            co_return std::optional<sourced>();
        sourced next;
        next.tag = given;
        for (std::size_t i = 0; i < batch_size_; ++i)
            next.batch.emplace_back(std::to_string(given * batch_size_ + i));
        ++given;
        co_return std::optional<sourced>(std::move(next));
    }
    void stop() noexcept override
    {
        stopped_ = true;
        stopping_.close();
    }
    void settled(std::uint64_t tag, bool) override { ++settled_times.at(tag); }

private:
    core::shard& shard_;
    core::gate stopping_;
    std::size_t batches_;
    std::size_t batch_size_;
    double slow_;
    bool stopped_ = false;

public:
    std::size_t given = 0;
    std::vector<int> settled_times;
};

} // namespace lambent::stream::test
