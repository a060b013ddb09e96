#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// `mapping` and its older name `bloblang`: a new document per message; a failure leaves the message as it was.
class mapping_stage final : public stage
{
public:
    mapping_stage(const context& who, bloblang::mapping map) : who_(who), map_(std::move(map)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        data::batch kept;
        kept.reserve(batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            data::message made = batch[i];
            auto done = map_.map(made, batch, i);
            if (!done) {
                who_.fail(batch[i], done.error().text());
                who_.log(core::log_level::error, done.error().text());
                kept.push_back(batch[i]);
            } else if (*done != bloblang::effect::deleted) {
                kept.push_back(std::move(made));
            }
        }
        co_return as_batches(std::move(kept));
    }

private:
    context who_;
    bloblang::mapping map_;
};

const config::spec& mapping_spec()
{
    static const config::spec spec = config::spec::scalar(
        "mapping", config::field_type::bloblang, {}, "Makes a new document of each message by a Bloblang mapping.");
    return spec;
}

const config::spec& bloblang_spec()
{
    static const config::spec spec = config::spec::scalar(
        "bloblang", config::field_type::bloblang, R"("")", "The older name of `mapping`.");
    return spec;
}

core::result<stage_ptr> make_mapping(const context& who, const config::reader& read)
{
    auto text = read.string();
    if (!text)
        return text.error();
    auto map = parse_mapping(who, *text, "failed to parse bloblang mapping '': ");
    if (!map)
        return map.error();
    return std::make_unique<mapping_stage>(who, std::move(*map));
}

core::result<stage_ptr> make_bloblang(const context& who, const config::reader& read)
{
    auto text = read.string();
    if (!text)
        return text.error();
    // Alone among the processors this one names line and column.
    auto parsed = bloblang::mapping::parse(*text, who.host().bloblang());
    if (const auto* flaw = std::get_if<bloblang::parse_error>(&parsed))
        return unusable(flaw->text());
    return std::make_unique<mapping_stage>(who, std::get<bloblang::mapping>(std::move(parsed)));
}

} // namespace

entry mapping_entry() { return {&mapping_spec, &make_mapping}; }
entry bloblang_entry() { return {&bloblang_spec, &make_bloblang}; }

} // namespace lambent::processor
