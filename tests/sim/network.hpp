#pragma once

#include <lambent/core/shard.hpp>
#include <lambent/http/dialer.hpp>

#include <support/script.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lambent::sim {

/// What goes wrong, each with its probability. Drawn from the world's chance, so a seed replays it.
struct faults
{
    double refuse = 0;       ///< a dial: connection refused
    double dial_hang = 0;    ///< a dial: no answer, until it is stopped
    double reset = 0;        ///< an answer: RST before, inside or right behind it
    double truncate = 0;     ///< an answer: FIN inside it
    double garbage = 0;      ///< an answer: bytes in front of it, changed inside it, or behind it
    double hang = 0;         ///< an answer: none, nor to what is asked behind it
    double close_idle = 0;   ///< FIN right behind the answer, without having said so
    double split = 0;        ///< a write or an answer: taken or delivered in pieces
    double delay = 0;        ///< a dial, a write or a piece: later by up to `delay_max`
    core::duration delay_max = std::chrono::milliseconds(50);
};

/// A network without sockets, in virtual time: servers at every name that answer each complete request by `answer`.
class network
{
public:
    /// `answer` makes the bytes of a response from those of a request (head and body); empty: none.
    using responder = std::function<std::string(const std::string& request)>;

    network(core::shard& on, responder answer);
    /// Servers that follow scripts: the n-th connection the n-th, later ones the last.
    network(core::shard& on, std::vector<support::script> scripts);
    ~network(); ///< precondition: the client that uses it is gone

    /// The door for a client; the network must outlive it.
    std::unique_ptr<http::dialer> door();

    /// May be changed at any time.
    sim::faults faults;
    core::duration latency = std::chrono::milliseconds(1); ///< of a dial, and from request to answer
    bool dead_on_arrival = false;                          ///< what is dialled breaks with its first write
    std::size_t read_max = static_cast<std::size_t>(-1);   ///< bytes that one read gives
    std::size_t write_max = static_cast<std::size_t>(-1);  ///< bytes that one write takes; then it blocks for a tenth of the latency
    std::optional<std::size_t> cut_at;                     ///< what a script writes comes in two pieces, cut here
    std::optional<std::size_t> fail_at;                    ///< this dial, read or write, counted from 0, breaks

    /// Dials, reads and writes so far.
    std::size_t operations() const noexcept { return operations_; }
    /// Called in the middle of everything that happens, for invariants.
    std::function<void()> watch;
    /// Where a dial hangs that does.
    http::dial_attempt::phase hang_in = http::dial_attempt::phase::connecting;

    std::size_t dialled() const noexcept { return dialled_; }
    std::size_t dialling() const noexcept { return dialling_; }
    std::size_t open_connections() const noexcept { return open_; }
    /// Of them, those whose owner expects to need them no time soon.
    std::size_t resting() const noexcept { return resting_; }
    /// Which connection the request came over that is being answered, counted from 1 in the order they were made.
    std::size_t asked_on() const noexcept { return asked_on_; }
    /// Complete requests that reached a server.
    std::size_t served() const noexcept { return served_; }
    /// All servers close their connections now.
    void close_all();
    /// All connections are dead from now on, and no edge tells: the next try finds out.
    void break_all();

private:
    class wire;
    class line;
    friend class line;

    bool draw(double probability);
    bool breaks_now() noexcept;
    core::instant later();
    void tell();

    core::shard& shard_;
    responder answer_;
    std::vector<support::script> scripts_; ///< empty: `answer_`
    wire* first_ = nullptr; ///< all that live
    std::size_t dialled_ = 0;
    std::size_t dialling_ = 0;
    std::size_t made_ = 0;
    std::size_t operations_ = 0;
    std::size_t asked_on_ = 0;
    std::size_t open_ = 0;
    std::size_t resting_ = 0;
    std::size_t served_ = 0;
};

} // namespace lambent::sim
