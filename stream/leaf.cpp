#include <lambent/stream/leaf.hpp>

#include <lambent/stream/errc.hpp>
#include <lambent/stream/replay.hpp>

namespace lambent::stream {

core::result<input_ptr> replayed(resources& in, const processor::context& who, const config::reader& read, source_ptr from)
{
    const auto replays = read.boolean("auto_replay_nacks");
    if (!replays)
        return replays.error();
    replay_options options;
    options.replay_nacks = *replays;
    return input_ptr(std::make_unique<replaying>(who, std::move(from), options, in.count(), in.rejected()));
}

void add_replay_field(config::spec& input)
{
    input.field("auto_replay_nacks", config::field_type::boolean,
             "Give messages that an output refused out again, until they are delivered; false: drop them.")
        .fallback("true");
}

awaitable<core::result<void>> leaf_output::connect()
{
    if (!connected_) {
        connected_ = true;
        who_.log(core::log_level::info, "Output type " + who_.name() + " is now active");
    }
    co_return core::result<void>();
}

awaitable<void> leaf_output::close()
{
    connected_ = false;
    co_return;
}

void leaf_output::failed(outcome& what, std::size_t index, core::error why) const
{
    if (why.code != core::condition::cancelled)
        who_.log(core::log_level::error, "Failed to send message to " + who_.name() + ": " + why.text());
    what.add(index, std::move(why));
}

core::result<bloblang::mapping> parse_mapping(const processor::context& who, std::string_view text)
{
    auto parsed = bloblang::mapping::parse(text, who.host().bloblang());
    if (const auto* wrong = std::get_if<bloblang::parse_error>(&parsed))
        return core::error{errc::invalid_config, "failed to parse bloblang mapping: " + wrong->text()};
    return std::get<bloblang::mapping>(std::move(parsed));
}

core::result<bloblang::interpolation> parse_interpolation(const processor::context& who, std::string_view field, std::string_view text)
{
    auto parsed = bloblang::interpolation::parse(text, who.host().bloblang());
    if (const auto* wrong = std::get_if<bloblang::parse_error>(&parsed))
        return core::error{errc::invalid_config,
            "failed to parse '" + std::string(field) + "' as an interpolated string: " + wrong->text()};
    return std::get<bloblang::interpolation>(std::move(parsed));
}

} // namespace lambent::stream
