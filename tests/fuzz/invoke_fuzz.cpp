// A hostile Invoke request is read or refused; whatever is answered is JSON, and what is quoted is JSON again.
#include <lambent/emulator/authorization.hpp>
#include <lambent/emulator/json_text.hpp>
#include <lambent/emulator/protocol.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void must(bool condition)
{
    if (!condition)
        std::abort();
}

void check_answer(const lambent::emulator::service_error& error)
{
    must(!lambent::emulator::find_json_flaw(to_response(error, "the-id").body));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lambent;
    using namespace lambent::emulator;
    // Lines: path, query, invocation type, client context, authorization; the rest is the body.
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const auto line = [&] {
        const std::string_view taken = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), taken.size() + 1));
        return std::string(taken);
    };
    http::server_request request;
    request.method = "POST";
    request.path = line();
    request.query = line();
    request.fields.add("Host", "h");
    request.fields.add("X-Amz-Invocation-Type", line());
    request.fields.add("X-Amz-Client-Context", line());
    request.fields.add("Authorization", line());
    request.body = rest;

    const auto operation = read_invoke(request);
    if (const auto* error = std::get_if<service_error>(&operation))
        check_answer(*error);
    else
        must(read_function_name(std::get<invoke_operation>(operation).function.name).has_value());
    const bool good = !find_json_flaw(request.body);
    const auto payload_error = check_payload(invocation_type::request_response, request.body);
    must(request.body.empty() || payload_error.has_value() == !good);
    if (payload_error)
        check_answer(*payload_error);
    access_key key;
    key.id = "k";
    key.secret = "s";
    const auto caller = authorize(request, std::string(64, '0'), {&key, 1}, "", core::wall_time{});
    must(std::holds_alternative<service_error>(caller));
    check_answer(std::get<service_error>(caller));
    std::string quoted;
    append_quoted(quoted, request.body);
    must(!find_json_flaw(quoted));
    return 0;
}
