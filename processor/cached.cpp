#include <lambent/config/node.hpp>
#include <lambent/processor/detail/big_endian.hpp>
#include <lambent/processor/detail/children.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <utility>

namespace lambent::processor {
namespace {

// What is stored: version, number of messages, then length and bytes of each. Metadata is not stored.
constexpr std::uint32_t stored_version = 1;

std::string store_form(const data::batch& results)
{
    std::string out;
    put_u32(out, stored_version);
    put_u32(out, static_cast<std::uint32_t>(results.size()));
    for (const data::message& m : results) {
        put_u32(out, static_cast<std::uint32_t>(m.bytes().size()));
        out += m.bytes();
    }
    return out;
}

core::error not_stored_here(const std::string& why)
{
    return core::error{errc::invalid_message,
        "failed to parse cached result, this indicates the data was not set by this processor: " + why};
}

/// Copies of `original` with the stored contents.
core::result<data::batch> from_store(const data::message& original, std::string_view stored)
{
    const auto version = take_u32(stored);
    if (!version)
        return not_stored_here("failed to extract serialization format version: message is too small to extract number");
    if (*version != stored_version)
        return not_stored_here("invalid format version: " + std::to_string(*version));
    const auto count = take_u32(stored);
    if (!count)
        return not_stored_here("failed to extract batch size: message is too small to extract number");
    data::batch results;
    for (std::uint32_t i = 0; i < *count; ++i) {
        const std::string which = "failed to extract message " + std::to_string(i) + " size: ";
        const auto length = take_u32(stored);
        if (!length)
            return not_stored_here(which + "message is too small to extract number");
        if (stored.size() < *length)
            return not_stored_here(which + "input data ended unexpectedly");
        data::message copy = original;
        copy.set_bytes(std::string(stored.substr(0, *length)));
        results.push_back(std::move(copy));
        stored.remove_prefix(*length);
    }
    return results;
}

/// Runs the children on messages whose key the cache does not have, and keeps what they made for those that come later.
class cached_stage final : public stage
{
public:
    struct options
    {
        std::string cache;
        bloblang::interpolation key;
        std::optional<bloblang::interpolation> ttl;
        std::optional<bloblang::mapping> skip_on;
        std::vector<stage_ptr> stages;
    };

    cached_stage(const context& who, options o) : who_(who), options_(std::move(o)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        data::batch together;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            auto made = co_await one(batch[i]);
            if (made) {
                for (data::message& m : *made)
                    together.push_back(std::move(m));
                continue;
            }
            if (made.error().code == core::condition::cancelled)
                co_return std::move(made).error();
            who_.fail_unsourced(batch[i], made.error().text());
            together.push_back(std::move(batch[i]));
        }
        co_return as_batches(std::move(together));
    }
    awaitable<void> close() override { co_await close_all(options_.stages); }

private:
    awaitable<core::result<data::batch>> one(const data::message& message)
    {
        data::batch alone;
        alone.push_back(message);
        auto key = options_.key.resolve(alone, 0);
        if (!key)
            co_return core::error{errc::invalid_message, "failed to interpolate key expression: " + key.error().text()};
        auto ttl = resolve_ttl(alone);
        if (!ttl)
            co_return std::move(ttl).error();
        cache* store = who_.host().cache(options_.cache);
        if (!store)
            co_return core::error{errc::resource_missing, "unable to locate resource: " + options_.cache};
        auto found = co_await store->get(*key);
        if (found)
            co_return from_store(message, *found);
        if (found.error().code != errc::key_not_found)
            co_return std::move(found).error();
        auto done = co_await run_all(options_.stages, std::move(alone));
        if (!done)
            co_return std::move(done).error();
        const bool keep = worth_keeping(*done);
        data::batch results = flatten(std::move(*done));
        if (keep)
            co_await put(*key, results, *ttl);
        co_return std::move(results);
    }

    core::result<std::optional<core::duration>> resolve_ttl(const data::batch& alone) const
    {
        std::optional<core::duration> none;
        if (!options_.ttl)
            return none;
        auto text = options_.ttl->resolve(alone, 0);
        if (!text)
            return core::error{errc::invalid_message, "failed to interpolate ttl expression: " + text.error().text()};
        auto ttl = config::parse_duration(*text);
        if (!ttl)
            return core::error{errc::invalid_message, "failed to parse ttl expression: " + ttl.error().text()};
        return std::optional<core::duration>(*ttl);
    }

    bool worth_keeping(const batches& results) const
    {
        if (!options_.skip_on)
            return true;
        for (const data::batch& b : results) {
            auto skip = options_.skip_on->check(b, 0);
            if (!skip)
                who_.log(core::log_level::error, "skip_on check failed: failed to execute skip_on mapping: "
                    + skip.error().text() + ", caching will be skipped as a precaution");
            if (!skip || *skip)
                return false;
        }
        return true;
    }

    /// What cannot be stored is only logged: the message has its result.
    awaitable<void> put(const std::string& key, const data::batch& results, std::optional<core::duration> ttl)
    {
        cache* store = who_.host().cache(options_.cache);
        if (!store)
            co_return;
        const std::string form = store_form(results);
        auto stored = co_await store->set(key, form, ttl);
        if (!stored)
            who_.log(core::log_level::error, "failed to write result to cache: " + stored.error().text());
    }

    context who_;
    options options_;
};

const config::spec& cached_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("cached", "Keeps the results of processors in a cache.")
        .field("cache", field_type::string, "The label of a cache resource.")
        .field("skip_on", field_type::bloblang, "A query; results for which it holds are not kept.")
        .optional()
        .field("key", field_type::interpolated, "Under which key a result is kept.")
        .field("ttl", field_type::interpolated, "How long; empty: as the cache says.")
        .optional()
        .list("processors", field_type::processor, "What makes the result.");
    return spec;
}

core::result<stage_ptr> make_cached(const context& who, const config::reader& read)
{
    cached_stage::options o;
    auto label = read.string("cache");
    if (!label)
        return label.error();
    if (!who.host().cache(*label))
        return core::error{errc::resource_missing, "cache named " + *label + " not found"};
    o.cache = std::move(*label);
    auto key_text = read.string("key");
    if (!key_text)
        return key_text.error();
    auto key = parse_text(who, *key_text, "failed to parse interpolated field 'key': ");
    if (!key)
        return key.error();
    o.key = std::move(*key);
    if (read.has("ttl")) {
        auto ttl_text = read.string("ttl");
        if (!ttl_text)
            return ttl_text.error();
        auto ttl = parse_text(who, *ttl_text, "failed to parse interpolated field 'ttl': ");
        if (!ttl)
            return ttl.error();
        o.ttl = std::move(*ttl);
    }
    auto stages = children(who, read.elements("processors"), "processors");
    if (!stages)
        return stages.error();
    o.stages = std::move(*stages);
    if (read.has("skip_on")) {
        auto skip_text = read.string("skip_on");
        if (!skip_text)
            return skip_text.error();
        auto skip = parse_mapping(who, *skip_text, "failed to parse bloblang mapping 'skip_on': ");
        if (!skip)
            return skip.error();
        o.skip_on = std::move(*skip);
    }
    return std::make_unique<cached_stage>(who, std::move(o));
}

} // namespace

entry cached_entry() { return {&cached_spec, &make_cached}; }

} // namespace lambent::processor
