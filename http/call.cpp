#include <lambent/http/call.hpp>

#include <lambent/http/connection.hpp>
#include <lambent/http/pool.hpp>

namespace lambent::http {

core::error timed_out_in(const dial_attempt& attempt, const origin& to)
{
    core::error out;
    switch (attempt.where) {
    case dial_attempt::phase::resolving:
        out.code = errc::resolve_timeout;
        out.detail = "resolving " + to.host;
        break;
    case dial_attempt::phase::connecting:
        out.code = errc::connect_timeout;
        out.detail = "connecting to " + (attempt.address.empty() ? to.host : attempt.address);
        break;
    case dial_attempt::phase::handshake:
        out.code = errc::tls_handshake_timeout;
        out.detail = "TLS handshake";
        break;
    }
    return out;
}

namespace {

core::error timed_out_in(errc phase)
{
    core::error out;
    out.code = phase;
    switch (phase) {
    case errc::write_timeout:
        out.detail = "writing the request";
        break;
    case errc::response_timeout:
        out.detail = "waiting for the response";
        break;
    case errc::body_timeout:
        out.detail = "reading the body";
        break;
    default:
        out.detail = "waiting for a connection";
        break;
    }
    return out;
}

} // namespace

call::~call() { leave(); }

void call::leave() noexcept
{
    switch (where) {
    case stage::queued:
        home->leave_queue(*this);
        break;
    case stage::may_dial:
    case stage::dialling:
        chain<call>::leave(*this);
        home->not_opened();
        break;
    case stage::granted:
    case stage::exchanging:
        on->give_up(*this);
        break;
    case stage::unplaced:
    case stage::done:
        break;
    }
    where = stage::done;
}

void call::stop(core::error why) noexcept
{
    if (where == stage::done)
        return;
    if (where == stage::dialling) {
        if (!dialling->stopped) {
            failure = std::move(why);
            dialling->stop();
        }
        return;
    }
    leave();
    fail(std::move(why));
    waiter.wake();
}

void call::expire() noexcept
{
    if (where == stage::dialling)
        stop(timed_out_in(*dialling, home->to()));
    else
        stop(timed_out_in(where == stage::exchanging ? on->phase_of(*this) : errc::queue_timeout));
}

} // namespace lambent::http
