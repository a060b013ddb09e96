#include <lambent/processor/cache.hpp>

#include <lambent/config/node.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <utility>

namespace lambent::processor {
namespace {

enum class cache_operator { set, add, get, remove, exists };

/// One operation on a cache per message. `get` and `exists` replace the contents by what the cache says.
class cache_stage final : public stage
{
public:
    struct options
    {
        std::string resource;
        cache_operator does = cache_operator::get;
        bloblang::interpolation key;
        bloblang::interpolation value;
        bloblang::interpolation ttl;
    };

    cache_stage(const context& who, options o) : who_(who), options_(std::move(o)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            auto what = resolve(batch, i);
            if (!what) {
                who_.fail(batch[i], what.error().text());
                continue;
            }
            auto done = co_await operate(*what, batch[i]);
            if (done)
                continue;
            if (done.error().code == core::condition::cancelled)
                co_return std::move(done).error();
            if (done.error().code == errc::key_exists)
                who_.fail(batch[i], "key already exists: " + what->key);
            else
                who_.fail(batch[i], "operator failed for key '" + what->key + "': " + done.error().text());
        }
        co_return as_batches(std::move(batch));
    }

private:
    struct operands
    {
        std::string key;
        std::string value;
        std::optional<core::duration> ttl;
    };

    core::result<operands> resolve(const data::batch& batch, std::size_t i) const
    {
        operands made;
        auto key = options_.key.resolve(batch, i);
        if (!key)
            return core::error{errc::invalid_message, "key interpolation error: " + key.error().text()};
        made.key = std::move(*key);
        auto value = options_.value.resolve(batch, i);
        if (!value)
            return core::error{errc::invalid_message, "value interpolation error: " + value.error().text()};
        made.value = std::move(*value);
        auto ttl = options_.ttl.resolve(batch, i);
        if (!ttl)
            return core::error{errc::invalid_message, "ttl interpolation error: " + ttl.error().text()};
        if (!ttl->empty()) {
            auto duration = config::parse_duration(*ttl);
            if (!duration)
                return core::error{errc::invalid_message, "ttl must be a duration: " + duration.error().text()};
            made.ttl = *duration;
        }
        return made;
    }

    awaitable<core::result<void>> operate(const operands& what, data::message& message)
    {
        cache* store = who_.host().cache(options_.resource);
        if (!store)
            co_return core::error{errc::resource_missing, "unable to locate resource: " + options_.resource};
        switch (options_.does) {
        case cache_operator::set:
            co_return co_await store->set(what.key, what.value, what.ttl);
        case cache_operator::add:
            co_return co_await store->add(what.key, what.value, what.ttl);
        case cache_operator::remove:
            co_return co_await store->remove(what.key);
        case cache_operator::get:
        case cache_operator::exists:
            break;
        }
        auto found = co_await store->get(what.key);
        if (!found && found.error().code == core::condition::cancelled)
            co_return std::move(found).error();
        if (options_.does == cache_operator::exists) {
            // Whatever kept the cache from finding it: it is not there.
            message.set_structured(data::value(found.has_value()));
            co_return core::result<void>();
        }
        if (!found)
            co_return std::move(found).error();
        message.set_bytes(std::move(*found));
        co_return core::result<void>();
    }

    context who_;
    options options_;
};

const config::spec& cache_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("cache", "Stores and finds what messages name in a cache.")
        .field("resource", field_type::string, "The label of a cache resource.")
        .field("operator", field_type::string, "set, add, get, delete or exists.")
        .field("key", field_type::interpolated, "The key.")
        .field("value", field_type::interpolated, "The value, where the operator has one.")
        .optional()
        .field("ttl", field_type::interpolated, "How long an entry lives; empty: as the cache says.")
        .optional()
        .advanced();
    return spec;
}

std::optional<cache_operator> operator_named(const std::string& name)
{
    if (name == "set")
        return cache_operator::set;
    if (name == "add")
        return cache_operator::add;
    if (name == "get")
        return cache_operator::get;
    if (name == "delete")
        return cache_operator::remove;
    if (name == "exists")
        return cache_operator::exists;
    return std::nullopt;
}

core::result<stage_ptr> make_cache(const context& who, const config::reader& read)
{
    cache_stage::options o;
    auto resource = read.string("resource");
    if (!resource)
        return resource.error();
    auto name = read.string("operator");
    if (!name)
        return name.error();
    if (resource->empty())
        return unusable("cache name must be specified");
    const auto does = operator_named(*name);
    if (!does)
        return unusable("operator not recognised: " + *name);
    o.does = *does;
    for (const auto& [field, into] :
        {std::pair{"key", &o.key}, std::pair{"value", &o.value}, std::pair{"ttl", &o.ttl}}) {
        const bool required = into == &o.key;
        core::result<std::string> text{std::string()};
        if (required || read.has(field))
            text = read.string(field);
        if (!text)
            return text.error();
        auto expression = parse_text(who, *text, "failed to parse " + std::string(field) + " expression: ");
        if (!expression)
            return expression.error();
        *into = std::move(*expression);
    }
    if (!who.host().cache(*resource))
        return core::error{errc::resource_missing, "cache resource '" + *resource + "' was not found"};
    o.resource = std::move(*resource);
    return std::make_unique<cache_stage>(who, std::move(o));
}

} // namespace

entry cache_entry() { return {&cache_spec, &make_cache}; }

} // namespace lambent::processor
