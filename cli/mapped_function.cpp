#include <lambent/cli/mapped_function.hpp>

#include <lambent/data/json.hpp>
#include <lambent/data/message.hpp>

#include <utility>

namespace lambent::cli {
namespace {

/// "failed assignment (line 3): bad id" is how a mapping tells its host where it failed; a function's caller is told the failure alone.
std::string_view without_place(std::string_view text)
{
    constexpr std::string_view start = "failed assignment (line ";
    if (!text.starts_with(start))
        return text;
    const std::size_t end = text.find("): ", start.size());
    return end == std::string_view::npos ? text : text.substr(end + 3);
}

class mapped final : public emulator::function
{
public:
    explicit mapped(bloblang::mapping mapping) : mapping_(std::move(mapping)) {}

    emulator::function_reply call(const emulator::function_call& call) override
    {
        data::batch batch;
        data::message& message = batch.emplace_back(std::string(call.payload));
        message.set_meta("aws_request_id", call.request_id);
        message.set_meta("function_name", call.function);
        message.set_meta("function_version", call.version);
        if (!call.client_context.empty())
            message.set_meta("client_context", call.client_context);
        const auto root = mapping_.evaluate(batch, 0);
        if (!root)
            return emulator::thrown(without_place(root.error().text()));
        auto text = data::write_json(*root);
        if (!text)
            return emulator::thrown(text.error().text(), "Runtime.MarshalError");
        emulator::function_reply reply;
        reply.payload = std::move(*text);
        return reply;
    }

private:
    bloblang::mapping mapping_;
};

} // namespace

std::unique_ptr<emulator::function> make_mapped(bloblang::mapping mapping)
{
    return std::make_unique<mapped>(std::move(mapping));
}

std::unique_ptr<emulator::function> make_fixed(std::string reply)
{
    return emulator::make_function([reply = std::move(reply)](const emulator::function_call&) {
        emulator::function_reply answer;
        answer.payload = reply;
        return answer;
    });
}

} // namespace lambent::cli
