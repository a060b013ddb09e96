#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/resources.hpp>

#include <map>

namespace lambent::stream {

namespace {

/// Entries with a time to live; expired ones are swept out when a sweep is due.
class memory_cache final : public processor::cache
{
public:
    memory_cache(const core::timekeeper& time, std::optional<core::duration> ttl, std::optional<core::duration> sweep_every)
        : time_(time), ttl_(ttl), sweep_every_(sweep_every), swept_(time.now())
    {}

    void preset(const std::string& key, const std::string& value) { put(key, value, std::nullopt); }

    awaitable<core::result<std::string>> get(std::string_view key) override
    {
        const auto found = entries_.find(key);
        if (found == entries_.end() || found->second.until.passed(time_.now()))
            co_return core::error{processor::errc::key_not_found, "key does not exist"};
        co_return found->second.value;
    }
    awaitable<core::result<void>> set(std::string_view key, std::string_view value, std::optional<core::duration> ttl) override
    {
        sweep();
        put(key, value, ttl ? ttl : ttl_);
        co_return core::result<void>();
    }
    /// An expired entry counts until it is swept out, as in the original.
    awaitable<core::result<void>> add(std::string_view key, std::string_view value, std::optional<core::duration> ttl) override
    {
        sweep();
        if (entries_.contains(key))
            co_return core::error{processor::errc::key_exists, "key already exists"};
        put(key, value, ttl ? ttl : ttl_);
        co_return core::result<void>();
    }
    awaitable<core::result<void>> remove(std::string_view key) override
    {
        sweep();
        if (const auto found = entries_.find(key); found != entries_.end())
            entries_.erase(found);
        co_return core::result<void>();
    }

private:
    struct entry
    {
        std::string value;
        core::deadline until;
    };

    void put(std::string_view key, std::string_view value, std::optional<core::duration> ttl)
    {
        entry& e = entries_[std::string(key)];
        e.value = value;
        e.until = ttl ? core::deadline(time_.now() + *ttl) : core::deadline::never();
    }
    void sweep()
    {
        const core::instant now = time_.now();
        if (!sweep_every_ || now - swept_ < *sweep_every_)
            return;
        swept_ = now;
        std::erase_if(entries_, [&](const auto& kept) { return kept.second.until.passed(now); });
    }

    const core::timekeeper& time_;
    std::optional<core::duration> ttl_;
    std::optional<core::duration> sweep_every_;
    core::instant swept_;
    std::map<std::string, entry, std::less<>> entries_;
};

const config::spec& memory_spec()
{
    static const config::spec declared = [] {
        config::spec s("memory", "A store within this process.");
        s.field("default_ttl", config::field_type::duration, "How long entries live.").fallback("5m");
        s.field("compaction_interval", config::field_type::duration, "How often expired entries are removed; empty: never.").fallback("60s");
        s.table("init_values", config::field_type::string, "Entries that are there from the beginning, and stay.").fallback("{}");
        s.field("shards", config::field_type::integer, "Has no effect: there is one thread.").fallback("1").advanced();
        return s;
    }();
    return declared;
}

core::result<std::unique_ptr<processor::cache>> make_memory(resources& in, const processor::context&, const config::reader& read)
{
    const auto ttl = read.optional_duration("default_ttl");
    if (!ttl)
        return ttl.error();
    const auto sweep = read.optional_duration("compaction_interval");
    if (!sweep)
        return sweep.error();
    const auto presets = read.string_map("init_values");
    if (!presets)
        return presets.error();
    auto made = std::make_unique<memory_cache>(in.shard().time(), *ttl, *sweep);
    for (const auto& [key, value] : *presets)
        made->preset(key, value);
    return std::unique_ptr<processor::cache>(std::move(made));
}

} // namespace

component_entry<processor::cache> memory_cache_entry() { return {&memory_spec, &make_memory}; }

} // namespace lambent::stream
