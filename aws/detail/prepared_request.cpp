#include <lambent/aws/detail/prepared_request.hpp>

#include <lambent/aws/errc.hpp>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace lambent::aws {
namespace {

core::error invalid_call(std::string why)
{
    return {errc::invalid_call, std::move(why)};
}

bool is_control(char c) noexcept
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

} // namespace

core::error flaw_of(const invocation& call, bool any_name)
{
    if (any_name)
        return {};
    if (!call.function.empty() && !is_function_name(call.function))
        return invalid_call("the function's name has a character that no name, alias or ARN of a function has (letters, digits, - _ . $ :)");
    if (!call.qualifier.empty() && !is_qualifier(call.qualifier))
        return invalid_call("the qualifier has a character that no version or alias has (letters, digits, - _ . $)");
    if (std::any_of(call.client_context.begin(), call.client_context.end(), is_control))
        return invalid_call("the client context has a control character, which JSON writes as an escape");
    return {};
}

core::error flaw_of(const credentials& keys)
{
    const auto visible = [](char c) { return c > 0x20 && c < 0x7f; };
    // The id stands in the Authorization header between '=', '/' and ','.
    if (!std::all_of(keys.id.begin(), keys.id.end(), [&](char c) { return visible(c) && c != '/' && c != ',' && c != '='; }))
        return {errc::no_credentials, "the access key id has a character that no key id has: is there a line end or a blank behind it?"};
    // Revealed to be looked at.
    const std::string_view token = keys.token.reveal();
    if (!std::all_of(token.begin(), token.end(), visible))
        return {errc::no_credentials, "the session token has a character that no token has: is there a line end or a blank in it?"};
    return {};
}

prepared_request* request_shelf::find(const invocation& call) noexcept
{
    if (latest_ != nullptr && latest_->fits(call))
        return latest_;
    for (const auto& one : kept_)
        if (one->fits(call))
            return latest_ = one.get();
    return nullptr;
}

core::result<prepared_request*> request_shelf::take(
    const invocation& call, const endpoint& where, std::string_view authority, bool any_name)
{
    const bool shareable = call.client_context.empty();
    if (shareable) {
        if (prepared_request* const found = find(call)) {
            ++found->users;
            return found;
        }
    }
    if (core::error flaw = flaw_of(call, any_name); flaw.code)
        return flaw;
    auto built = to_request(call, where.base_path);
    if (!built)
        return std::move(built.error());
    auto made = std::make_unique<prepared_request>();
    made->function = call.function;
    made->lane = std::hash<std::string_view>()(call.function);
    made->qualifier = call.qualifier;
    made->type = call.type;
    made->log_tail = call.log_tail;
    made->request = std::move(*built);
    made->target = made->request.target();
    made->head.append("POST ").append(made->target).append(" HTTP/1.1\r\nHost: ").append(authority).append("\r\n");
    for (const http::header& field : made->request.fields)
        made->head.append(field.name).append(": ").append(field.value).append("\r\n");
    made->head.append("Content-Length: ");
    made->users = 1;
    prepared_request* const out = made.get();
    if (shareable)
        keep(std::move(made));
    else
        static_cast<void>(made.release()); // its user's, until given back
    return out;
}

void request_shelf::keep(std::unique_ptr<prepared_request> made)
{
    if (kept_.size() >= kept_max) {
        const auto idle = std::find_if(kept_.begin(), kept_.end(), [](const auto& one) { return one->users == 0; });
        if (idle == kept_.end()) {
            static_cast<void>(made.release());
            return;
        }
        if (latest_ == idle->get())
            latest_ = nullptr;
        kept_.erase(idle);
    }
    made->shared = true;
    latest_ = made.get();
    kept_.push_back(std::move(made));
}

void request_shelf::give_back(prepared_request* one) noexcept
{
    --one->users;
    if (!one->shared)
        delete one;
}

} // namespace lambent::aws
