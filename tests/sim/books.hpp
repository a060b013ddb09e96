#pragma once

#include <lambent/http/stats.hpp>

#include <sim/network.hpp>
#include <sim/world.hpp>

#include <algorithm>
#include <cstddef>

namespace lambent::sim {

/// Compares a client's counters with what the network sees: in the middle of whatever happens on a wire, after every step of the
/// world, and whenever it has come to rest. One client over one network; neither may die before this.
class books
{
public:
    struct options
    {
        std::size_t pipeline_depth = 1;
        bool spares = false;         ///< connections are dialled for nobody (`idle_min`, `warm_up`)
        bool counts_calls = false;   ///< every call is announced by a `calling`
    };
    books(world& in, network& over, const http::client_stats& kept, const options& how)
        : world_(in), network_(over), kept_(kept), how_(how)
    {
        network_.watch = [this] { inside(); };
        world_.watch = [this](bool at_rest) { after_step(at_rest); };
    }
    ~books()
    {
        network_.watch = nullptr;
        world_.watch = nullptr;
    }
    books(const books&) = delete;
    books& operator=(const books&) = delete;

    /// A call to the client, for as long as it is awaited.
    class calling
    {
    public:
        explicit calling(books& in) noexcept : in_(in) { ++in_.calls_; }
        ~calling() { --in_.calls_; }
        calling(const calling&) = delete;
        calling& operator=(const calling&) = delete;

    private:
        books& in_;
    };

    /// From now on connections may be dialled for nobody.
    void expect_spares() noexcept { how_.spares = true; }
    std::size_t checked() const noexcept { return checked_; }
    /// The most that were queued at rest.
    std::size_t queued_max() const noexcept { return queued_max_; }

private:
    void balance()
    {
        if (kept_.opened != kept_.closed + kept_.idle + kept_.busy)
            FAIL("opened " << kept_.opened << ", closed " << kept_.closed << ", idle " << kept_.idle << ", busy " << kept_.busy);
    }
    void inside()
    {
        balance();
        // A connection just made is the dialer's until the pool has it.
        if (network_.open_connections() < kept_.idle + kept_.busy)
            FAIL(network_.open_connections() << " open, " << kept_.idle + kept_.busy << " in the pool");
    }
    void after_step(bool at_rest)
    {
        ++checked_;
        balance();
        if (at_rest)
            queued_max_ = std::max<std::size_t>(queued_max_, kept_.queued);
        if (network_.open_connections() != kept_.idle + kept_.busy)
            FAIL(network_.open_connections() << " open, " << kept_.idle << " idle, " << kept_.busy << " busy");
        if (!how_.counts_calls || !at_rest)
            return;
        // Who calls waits in the queue, or for a dial, or for an answer, and nowhere else.
        const std::size_t placed = kept_.queued + (how_.pipeline_depth == 1 ? kept_.busy : 0);
        const bool all_found = how_.pipeline_depth > 1 || calls_ <= placed + network_.dialling();
        const bool none_invented = how_.spares ? calls_ >= placed : calls_ >= placed + network_.dialling();
        if (!all_found || !none_invented)
            FAIL(calls_ << " calls, " << kept_.queued << " queued, " << kept_.busy << " busy, " << network_.dialling() << " dialling");
    }

    world& world_;
    network& network_;
    const http::client_stats& kept_;
    options how_;
    std::size_t calls_ = 0;
    std::size_t checked_ = 0;
    std::size_t queued_max_ = 0;
};

} // namespace lambent::sim
