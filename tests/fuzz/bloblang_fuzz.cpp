// A mapping, a NUL byte, a document: every way of running it ends in a result or an error, the same one twice, and a structured
// result is written as JSON that can be read.
#include "bloblang_world.hpp"

#include <lambent/data/json.hpp>

#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace lambent;

std::string told(const core::result<bloblang::effect>& done, const data::message& onto)
{
    return done ? "done " + std::to_string(static_cast<int>(done.value())) + std::string(onto.bytes()) : "failed " + done.error().text();
}

std::string mapped(std::string_view text, const data::batch& batch, const fuzz::small_world& world)
{
    world.begin();
    const auto parsed = bloblang::mapping::parse(text, world);
    if (const auto* wrong = std::get_if<bloblang::parse_error>(&parsed))
        return wrong->text();
    data::message onto = batch[0];
    const auto done = std::get<bloblang::mapping>(parsed).map(onto, batch, 0);
    return told(done, onto);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const fuzz::small_world world;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const std::size_t end = all.find('\0');
    const std::string_view text = all.substr(0, end);
    data::message message(std::string(end == std::string_view::npos ? std::string_view() : all.substr(end + 1)));
    message.set_meta("key", data::value("text"));
    const data::batch batch{message, data::message(R"({"second":[1,{"a":"b"}]})")};

    world.begin();
    const auto parsed = bloblang::mapping::parse(text, world);
    const auto* mapping = std::get_if<bloblang::mapping>(&parsed);
    if (mapping == nullptr)
        return 0;
    // `count` is the process's own and goes on from run to run.
    if (text.find("count") == std::string_view::npos && mapped(text, batch, world) != mapped(text, batch, world))
        std::abort();
    data::message edited = batch[0];
    (void)told(mapping->overlay(edited, batch, 0, true), edited);
    (void)mapping->check(batch, 0);
    const auto root = mapping->evaluate(batch, 0);
    if (!root)
        return 0;
    if (const auto written = data::write_json(*root); written && !data::read_json(*written))
        std::abort();
    return 0;
}
