#pragma once

#include <lambent/bloblang/mapping.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace lambent::bloblang {

/// A world whose clock stands still and whose chance is a given word, or counts up from it.
class still_world final : public environment
{
public:
    explicit still_world(std::uint64_t word = 0, std::uint64_t step = 0) : word_(word), step_(step) {}
    core::wall_time now() const override { return core::wall_time{} + std::chrono::milliseconds(1'605'130'023'456); }
    std::uint64_t random() const override
    {
        const std::uint64_t given = word_;
        word_ += step_;
        return given;
    }

private:
    mutable std::uint64_t word_;
    std::uint64_t step_;
};

/// What a mapping makes of a document: its bytes, or "error: ..." or "parse error: ...".
inline std::string outcome(std::string_view text, const environment& world, std::string_view input = "{}")
{
    const auto parsed = mapping::parse(text, world);
    if (const auto* wrong = std::get_if<parse_error>(&parsed))
        return "parse error: " + wrong->message;
    const data::batch batch{data::message(std::string(input))};
    data::message onto = batch[0];
    const auto done = std::get<mapping>(parsed).map(onto, batch, 0);
    return done ? std::string(onto.bytes()) : "error: " + done.error().text();
}

} // namespace lambent::bloblang
