#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// Drops messages whose key the cache has already seen. A key that cannot be made drops its message too, as in the original.
class dedupe_stage final : public stage
{
public:
    dedupe_stage(const context& who, std::string cache, bloblang::interpolation key, bool drop_on_error)
        : who_(who), cache_(std::move(cache)), key_(std::move(key)), drop_on_error_(drop_on_error)
    {
    }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        std::vector<bool> dropped(batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            auto key = key_.resolve(batch, i);
            if (!key) {
                who_.fail(batch[i], "key interpolation error: " + key.error().text());
                dropped[i] = true;
                continue;
            }
            auto added = co_await add(*key);
            if (added)
                continue;
            if (added.error().code == core::condition::cancelled)
                co_return std::move(added).error();
            dropped[i] = true;
            if (added.error().code == errc::key_exists)
                continue;
            who_.log(core::log_level::error, "Cache error: " + added.error().text());
            if (!drop_on_error_) {
                who_.fail(batch[i], added.error().text());
                dropped[i] = false;
            }
        }
        data::batch kept;
        for (std::size_t i = 0; i < batch.size(); ++i)
            if (!dropped[i])
                kept.push_back(std::move(batch[i]));
        co_return as_batches(std::move(kept));
    }

private:
    awaitable<core::result<void>> add(const std::string& key)
    {
        if (cache* store = who_.host().cache(cache_))
            co_return co_await store->add(key, "t", std::nullopt);
        co_return core::error{errc::resource_missing, "unable to locate resource: " + cache_};
    }

    context who_;
    std::string cache_;
    bloblang::interpolation key_;
    bool drop_on_error_;
};

const config::spec& dedupe_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("dedupe", "Drops messages whose key was seen before.")
        .field("cache", field_type::string, "The label of a cache resource.")
        .field("key", field_type::interpolated, "What makes messages the same.")
        .field("drop_on_err", field_type::boolean, "Drop a message also when the cache cannot be asked.")
        .fallback("true");
    return spec;
}

core::result<stage_ptr> make_dedupe(const context& who, const config::reader& read)
{
    auto label = read.string("cache");
    if (!label)
        return label.error();
    auto text = read.string("key");
    if (!text)
        return text.error();
    auto drop = read.boolean("drop_on_err");
    if (!drop)
        return drop.error();
    if (text->empty())
        return unusable("dedupe key must not be empty");
    auto key = parse_text(who, *text, "failed to parse key expression: ");
    if (!key)
        return key.error();
    if (!who.host().cache(*label))
        return core::error{errc::resource_missing, "cache resource '" + *label + "' was not found"};
    return std::make_unique<dedupe_stage>(who, std::move(*label), std::move(*key), *drop);
}

} // namespace

entry dedupe_entry() { return {&dedupe_spec, &make_dedupe}; }

} // namespace lambent::processor
