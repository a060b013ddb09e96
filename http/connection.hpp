#pragma once

#include <lambent/core/time.hpp>
#include <lambent/http/call.hpp>
#include <lambent/http/chain.hpp>
#include <lambent/http/h1_session.hpp>
#include <lambent/http/pool_plan.hpp>
#include <lambent/http/transport.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace lambent::http {

struct exchange_context;

/// A transport, its session, and the calls on it: carries bytes between them whenever the transport is ready.
class connection final : public transport_owner, public chained<connection>
{
public:
    connection(pool& home, exchange_context& context, std::unique_ptr<transport> over, core::duration age_limit);
    ~connection();

    /// A place on it for `c`, which must then `begin`. Precondition: not full.
    void grant(call& c) noexcept;
    /// Writes the call's request. Afterwards the call exchanges, or is done, or unplaced again where a reused connection turned
    /// out dead before a byte had left; the connection may be gone.
    void begin(call& c) noexcept;
    /// Takes the call off. Its connection is closed where nobody else's answer is awaited on it; then it is gone.
    void give_up(call& c) noexcept;
    /// The phase of an exchanging call, as a time-out's code.
    errc phase_of(const call& c) const noexcept;
    /// Writes what was held back while the turn's other calls were resumed. The connection may be gone afterwards.
    void flush_held() noexcept;
    /// For an idle connection: looks at the wire. False when it is of no use any more.
    bool still_good() noexcept;
    /// For an idle connection that will not be needed soon.
    void rest() noexcept { transport_->rest(); }
    /// Ends it; calls on it fail. Whoever waits on them is resumed later. Leaves the object to its owner.
    void shut(core::error_code why) noexcept;
    /// Closes the transport; calls that were only granted a place are unplaced again.
    void close(bool orderly) noexcept;

    void on_transport_ready() noexcept override;

    load how_loaded() const noexcept;
    bool reused() const noexcept { return served_ > 0; }

    load placed = load::full;          ///< the pool's list it stands in
    core::instant born{};
    core::instant idle_since{};
    core::duration age_limit;
    std::size_t index = 0;             ///< in the pool's vector
    std::uint64_t lane = 0;            ///< of all on it; of the last one while idle

private:
    bool flush() noexcept;
    void die_writing() noexcept;
    void after_write_failure(chain<call>& finished) noexcept;
    /// Reads what there is. False when the connection has ended; calls that got their answer or failed are in `finished`.
    /// @param instead  what to blame for an end of stream, where the reason is known already.
    bool pump(chain<call>& finished, const core::error* instead) noexcept;
    bool consume(chain<call>& finished) noexcept;
    /// Where calls are timed: what has been written ends their phase; the first byte of an answer likewise.
    void note_written() noexcept;
    void note_answer() noexcept;
    /// All calls on it fail as `why` says; those of whom nothing was sent on a reused connection are unplaced.
    void break_off(const core::error& why, chain<call>& finished) noexcept;
    void fail_one(call& c, const core::error& why, chain<call>& finished) noexcept;
    core::error read_failure(const core::error& told) const;
    core::error write_failure() const;
    void return_output() noexcept;

    pool& home_;
    exchange_context& context_;
    std::unique_ptr<transport> transport_;
    h1_session session_;
    chain<call> calls_;   ///< submitted, in order
    chain<call> granted_;
    std::uint64_t served_ = 0;
    bool ended_ = false;
    bool held_ = false;
    bool times_writing_ = false; ///< a call whose times are taken is perhaps not wholly written
};

} // namespace lambent::http
