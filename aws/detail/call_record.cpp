#include <lambent/aws/detail/call_record.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <span>
#include <utility>

namespace lambent::aws {
namespace {

constexpr std::string_view service = "lambda";
constexpr std::string_view user_agent = "\r\nUser-Agent: lambent/" LAMBENT_VERSION;
// Of our own request: content-type, invocation type, log type, client context, and host.
constexpr std::size_t signed_fields_max = 8;
constexpr std::size_t record_bytes = 16 * 1024;     // of a TLS record (RFC 8446 section 5.1)
constexpr std::size_t copied_whole_max = 64 * 1024; // of a payload

} // namespace

void call_record::begin(const invocation& call, core::deadline until, core::retry_budget* budget, std::string_view url_base,
    prepared_request* prepared, bool timed, bool* may_run)
{
    call_ = &call;
    prepared_ = prepared;
    may_run_ = may_run;
    timed_ = timed;
    phases = {};
    exchange = {};
    plan_.emplace(desk_.options.retry, call, until, budget, url_base, prepared != nullptr ? std::string_view(prepared->target) : std::string_view());
}

prepared_request* call_record::end() noexcept
{
    plan_.reset();
    keys_.reset();
    call_ = nullptr;
    may_run_ = nullptr;
    return std::exchange(prepared_, nullptr);
}

bool call_record::same_keys(const credentials& other) const noexcept
{
    return keys_ && keys_->id == other.id && keys_->secret.reveal() == other.secret.reveal() && keys_->token.reveal() == other.token.reveal();
}

// Makes the signature of this second and these keys, for all calls of this kind. The request's own fields are all signed; the
// trace is not.
core::result<void> call_record::sign_for(core::wall_time at)
{
    std::array<sigv4::field_view, signed_fields_max> fields;
    std::size_t count = 0;
    fields[count++] = {"host", desk_.authority};
    for (const http::header& field : prepared_->request.fields)
        fields[count++] = {field.name, field.value};
    const sigv4::request_view view{"POST", prepared_->request.path, prepared_->request.query, std::span(fields).first(count), {}};
    // Revealed to derive the signing key, and to sign the token.
    const sigv4::key_view key{keys_->id, keys_->secret.reveal(), keys_->token.reveal()};
    const sigv4::scope where{desk_.options.region, service};
    prepared_->keys = nullptr;
    if (auto done = desk_.signer.prepare(view, where, key, at, prepared_->signature); !done)
        return done;
    prepared_->keys = keys_;
    return {};
}

// Signs when the connection is there: the time of the signature is that of the sending.
core::result<void> call_record::write(std::string& out)
{
    const std::size_t begins = out.size();
    const core::instant began = timed_ ? desk_.shard.time().now() : core::instant();
    signed_offset_ = desk_.clock_offset;
    const core::wall_time at = desk_.shard.time().wall() + signed_offset_;
    if (prepared_->keys != keys_ || !prepared_->signature.covers(at)) {
        if (auto done = sign_for(at); !done)
            return done;
    }
    std::array<char, 64> digits;
    const auto length = std::to_chars(digits.data(), digits.data() + digits.size(), call_->payload.size());
    out.append(prepared_->head).append(digits.data(), length.ptr);
    out.append("\r\nX-Amz-Date: ").append(prepared_->signature.date());
    // Revealed to be sent.
    if (const std::string_view token = keys_->token.reveal(); !token.empty())
        out.append("\r\nX-Amz-Security-Token: ").append(token);
    prepared_->signature.sign(call_->payload, digits.data());
    out.append("\r\nAuthorization: ").append(prepared_->signature.authorization()).append(digits.data(), digits.size()).append(user_agent);
    if (!desk_.options.trace_id.empty())
        out.append("\r\nX-Amzn-Trace-Id: ").append(desk_.options.trace_id);
    out.append("\r\n\r\n");
    // The head and the payload's beginning fill a record; copying a megabyte would cost as much as a tenth of hashing it.
    const std::size_t copied = call_->payload.size() <= copied_whole_max ? call_->payload.size() : record_bytes - std::min(record_bytes, out.size() - begins);
    out.append(call_->payload.substr(0, copied));
    rest_ = call_->payload.substr(copied);
    if (may_run_ != nullptr)
        *may_run_ = true;
    if (timed_)
        phases.sign = desk_.shard.time().now() - began;
    return {};
}

std::uint64_t call_record::lane() const noexcept
{
    return call_->latency_class.empty() ? prepared_->lane : std::hash<std::string_view>()(call_->latency_class);
}

void call_record::take(const http::response_view& whole) noexcept
{
    answer_ = read_answer(whole, desk_.options.http.body_bytes_max);
}

void call_record::cut_short(const http::response_view& partial) noexcept
{
    broken_ = read_broken(partial);
}

next_step call_record::settle(core::result<void>&& sent)
{
    auto& time = desk_.shard.time();
    next_step next;
    if (sent) {
        // A success needs neither clock nor chance.
        const bool success = std::holds_alternative<invocation_reply>(answer_);
        const moment now{success ? core::instant() : time.now(), success ? core::wall_time() : time.wall(), signed_offset_, desk_.shard.chance()};
        next = plan_->answered(std::move(answer_), now);
    } else {
        const moment now{time.now(), time.wall(), signed_offset_, desk_.shard.chance()};
        next = plan_->broken(std::move(sent.error()), exchange.progress, broken_, now);
        broken_ = {};
    }
    if (may_run_ != nullptr)
        *may_run_ = plan_->report().certainty > certainty::refused;
    desk_.clock_offset = plan_->take_learnt_offset().value_or(desk_.clock_offset);
    return next;
}

void call_record::report_to(call_report& out) const
{
    out = plan_->report();
    out.reused = exchange.reused;
    out.phases = phases;
    out.phases.queue = exchange.phases.queue;
    out.phases.resolve = exchange.phases.resolve;
    out.phases.connect = exchange.phases.connect;
    out.phases.handshake = exchange.phases.handshake;
    out.phases.write = exchange.phases.write - phases.sign;
    out.phases.wait = exchange.phases.wait;
    out.phases.read = exchange.phases.read;
}

} // namespace lambent::aws
