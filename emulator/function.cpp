#include <lambent/emulator/function.hpp>

#include <lambent/emulator/json_text.hpp>

namespace lambent::emulator {
namespace {

class callable final : public function
{
public:
    explicit callable(std::function<function_reply(const function_call&)> body) : body_(std::move(body)) {}
    function_reply call(const function_call& call) override { return body_(call); }

private:
    std::function<function_reply(const function_call&)> body_;
};

} // namespace

std::unique_ptr<function> make_function(std::function<function_reply(const function_call&)> body)
{
    return std::make_unique<callable>(std::move(body));
}

std::unique_ptr<function> make_echo()
{
    return make_function([](const function_call& call) {
        function_reply reply;
        reply.payload = std::string(call.payload);
        return reply;
    });
}

function_reply thrown(std::string_view message, std::string_view type)
{
    function_reply reply;
    reply.payload = "{\"errorMessage\":";
    append_quoted(reply.payload, message);
    reply.payload += ",\"errorType\":";
    append_quoted(reply.payload, type);
    reply.payload += '}';
    reply.function_error = "Unhandled";
    return reply;
}

} // namespace lambent::emulator
