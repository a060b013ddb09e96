#include <sim/network.hpp>

#include <lambent/core/assert.hpp>
#include <lambent/core/deadline_watch.hpp>
#include <lambent/http/errc.hpp>

#include <algorithm>
#include <deque>
#include <utility>

namespace lambent::sim {
namespace {

/// Counts a frame for as long as it lives.
class counted
{
public:
    explicit counted(std::size_t& count) noexcept : count_(count) { ++count_; }
    ~counted() { --count_; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;

private:
    std::size_t& count_;
};

} // namespace

/// One connection: the client's end of it is the transport, the server's end is what `receive` does.
class network::wire final : public http::transport
{
public:
    explicit wire(network& net) : net_(net), node_{{}, &wire::fire, this}
    {
        next_ = std::exchange(net_.first_, this);
        if (next_ != nullptr)
            next_->previous_ = this;
        ++net_.open_;
        number_ = ++net_.made_;
        if (!net_.scripts_.empty()) {
            script_ = &net_.scripts_[std::min(number_, net_.scripts_.size()) - 1];
            play();
        }
    }
    ~wire() override
    {
        wire::close(false);
        (previous_ != nullptr ? previous_->next_ : net_.first_) = next_;
        if (next_ != nullptr)
            next_->previous_ = previous_;
        net_.resting_ -= resting_ ? 1 : 0;
    }

    void rest() noexcept override
    {
        net_.resting_ += std::exchange(resting_, true) ? 0 : 1;
    }
    http::io try_read(std::span<char> into) noexcept override
    {
        net_.tell();
        broken_ = broken_ || net_.breaks_now();
        if (broken_)
            return {http::io::outcome::failed, 0};
        if (inbox_.empty()) {
            if (ended_ == end::fin)
                return {http::io::outcome::ended, 0};
            if (ended_ == end::rst) {
                broken_ = true;
                return {http::io::outcome::failed, 0};
            }
            return {http::io::outcome::not_yet, 0};
        }
        std::size_t n = std::min({into.size(), inbox_.size(), net_.read_max});
        if (net_.draw(net_.faults.split))
            n = 1 + static_cast<std::size_t>(net_.shard_.chance().below(n));
        std::copy_n(inbox_.begin(), n, into.begin());
        inbox_.erase(0, n);
        return {http::io::outcome::moved, n};
    }

    http::io try_write(std::span<const char> from) noexcept override
    {
        net_.resting_ -= std::exchange(resting_, false) ? 1 : 0;
        net_.tell();
        broken_ = broken_ || net_.breaks_now();
        if (broken_ || ended_ == end::rst)
            return {http::io::outcome::failed, 0};
        if (net_.shard_.time().now() < writable_at_)
            return {http::io::outcome::not_yet, 0};
        if (net_.draw(net_.faults.delay)) {
            writable_at_ = net_.later();
            schedule();
            return {http::io::outcome::not_yet, 0};
        }
        std::size_t n = std::min(from.size(), net_.write_max);
        if (n < from.size()) {
            writable_at_ = net_.shard_.time().now() + net_.latency / 10;
            schedule();
        }
        if (net_.draw(net_.faults.split))
            n = 1 + static_cast<std::size_t>(net_.shard_.chance().below(n));
        if (server_open_)
            receive(std::string_view(from.data(), n));
        else
            post_end(end::rst, net_.shard_.time().now() + net_.latency); // as a kernel answers bytes for a closed socket
        return {http::io::outcome::moved, n};
    }

    bool look() noexcept override { return broken_ || !inbox_.empty() || ended_ != end::none; }
    void attend(http::transport_owner* owner) noexcept override { owner_ = owner; }
    void close(bool) noexcept override
    {
        owner_ = nullptr;
        net_.shard_.time().remove(node_);
        if (!std::exchange(closed_, true))
            --net_.open_;
    }
    core::error failure() const override
    {
        core::error out;
        if (broken_ || ended_ == end::rst)
            out.detail = "read tcp sim->sim: read: connection reset by peer";
        return out;
    }

    void server_closes()
    {
        server_open_ = false;
        post_end(end::fin, net_.shard_.time().now() + net_.latency);
    }
    void dies() noexcept { broken_ = true; }
    wire* next() const noexcept { return next_; }

private:
    enum class end { none, fin, rst };
    struct piece
    {
        core::instant at;
        std::string bytes;
        end then = end::none;
    };

    void receive(std::string_view bytes)
    {
        server_inbox_.append(bytes);
        if (script_ != nullptr)
            return play();
        for (std::size_t length = support::request_length(server_inbox_); length > 0 && server_open_; length = support::request_length(server_inbox_)) {
            const std::string request = server_inbox_.substr(0, length);
            server_inbox_.erase(0, length);
            ++net_.served_;
            net_.asked_on_ = number_;
            std::string response = net_.answer_(request);
            // Answers come in order: behind one that hangs, all do.
            hung_ = hung_ || net_.draw(net_.faults.hang);
            if (!response.empty() && !hung_)
                respond(std::move(response));
        }
    }

    /// As far as the script goes with what has come.
    void play()
    {
        using act = support::step::act;
        const core::instant at = net_.shard_.time().now() + net_.latency;
        for (; at_step_ < script_->size(); ++at_step_) {
            const support::step& one = (*script_)[at_step_];
            switch (one.what) {
            case act::skip_handshake:
                break;
            case act::read_some:
            case act::read_request: {
                const std::size_t length = one.what == act::read_some ? server_inbox_.size() : support::request_length(server_inbox_);
                if (length == 0)
                    return;
                server_inbox_.erase(0, length);
                ++net_.served_;
                break;
            }
            case act::write:
                deliver(one.text, at);
                break;
            case act::shut:
            case act::cut:
                post_end(end::fin, at);
                break;
            case act::reset:
                server_open_ = false;
                at_step_ = script_->size();
                // What was written before has arrived by then.
                return post_end(end::rst, std::max(at, last_at_ + net_.latency));
            case act::hold:
                return server_inbox_.clear();
            }
        }
        if (std::exchange(server_open_, false))
            post_end(end::fin, at);
    }

    void deliver(const std::string& text, core::instant at)
    {
        if (!net_.cut_at || *net_.cut_at >= text.size())
            return post(text, end::none, at);
        post(text.substr(0, *net_.cut_at), end::none, at);
        post(text.substr(*net_.cut_at), end::none, last_at_ + std::chrono::microseconds(1));
    }

    void respond(std::string response)
    {
        const auto& f = net_.faults;
        auto& chance = net_.shard_.chance();
        core::instant at = std::max(net_.shard_.time().now() + net_.latency, last_at_);
        end then = end::none;
        if (net_.draw(f.garbage)) {
            std::string noise(1 + static_cast<std::size_t>(chance.below(8)), '\0');
            for (char& c : noise)
                c = static_cast<char>(chance.below(32)); // controls: never part of a right answer
            response.insert(static_cast<std::size_t>(chance.below(2)) * response.size(), noise);
        }
        if (net_.draw(f.truncate)) {
            response.resize(static_cast<std::size_t>(chance.below(response.size())));
            then = end::fin;
        } else if (net_.draw(f.reset)) {
            response.resize(static_cast<std::size_t>(chance.below(response.size() + 1)));
            then = end::rst;
        } else if (net_.draw(f.close_idle)) {
            then = end::fin;
        }
        while (response.size() > 1 && net_.draw(f.split)) {
            const auto n = 1 + static_cast<std::size_t>(chance.below(response.size() - 1));
            post(response.substr(0, n), end::none, at);
            response.erase(0, n);
            if (net_.draw(f.delay))
                at = std::max(at, net_.later());
        }
        if (net_.draw(f.delay))
            at = std::max(at, net_.later());
        post(std::move(response), then, at);
        if (then != end::none)
            server_open_ = false;
    }

    void post(std::string bytes, end then, core::instant at)
    {
        last_at_ = std::max(last_at_, at);
        pieces_.push_back({last_at_, std::move(bytes), then});
        schedule();
    }
    void post_end(end then, core::instant at) { post({}, then, at); }

    void schedule()
    {
        if (closed_)
            return;
        auto& time = net_.shard_.time();
        core::instant at = core::instant::max();
        if (!pieces_.empty())
            at = pieces_.front().at;
        if (writable_at_ > time.now())
            at = std::min(at, writable_at_);
        time.remove(node_);
        if (at == core::instant::max())
            return;
        node_.at = at;
        time.push(node_);
    }

    static void fire(void* self) noexcept
    {
        auto& w = *static_cast<wire*>(self);
        w.net_.tell();
        const core::instant now = w.net_.shard_.time().now();
        while (!w.pieces_.empty() && w.pieces_.front().at <= now) {
            piece& p = w.pieces_.front();
            w.inbox_ += p.bytes;
            if (p.then != end::none)
                w.ended_ = p.then;
            if (p.then == end::rst && w.net_.shard_.chance().chance(0.5)) {
                w.inbox_.clear(); // a kernel may forget what was not yet read
                w.broken_ = true;
            }
            w.pieces_.pop_front();
        }
        w.schedule();
        if (w.owner_ != nullptr)
            w.owner_->on_transport_ready(); // may have destroyed this
    }

    bool resting_ = false;
    network& net_;
    core::wake_node node_;
    http::transport_owner* owner_ = nullptr;
    std::string inbox_;
    std::string server_inbox_;
    std::deque<piece> pieces_;
    core::instant last_at_{};
    core::instant writable_at_{};
    end ended_ = end::none;
    bool broken_ = false;
    bool closed_ = false;
    bool server_open_ = true;
    bool hung_ = false;
    std::size_t number_ = 0;
    const support::script* script_ = nullptr;
    std::size_t at_step_ = 0;
    wire* next_ = nullptr;
    wire* previous_ = nullptr;
};

class network::line final : public http::dialer
{
public:
    explicit line(network& net) : net_(net) {}
    awaitable<core::result<std::unique_ptr<http::transport>>> dial(const http::origin& to, http::dial_attempt& attempt) override;

private:
    network& net_;
};

awaitable<core::result<std::unique_ptr<http::transport>>> network::line::dial(const http::origin& to, http::dial_attempt& attempt)
{
    network& net = net_;
    ++net.dialled_;
    const counted under_way(net.dialling_);
    attempt.address = to.authority();
    core::deadline until = net.shard_.time().in(net.latency);
    const bool hangs = net.draw(net.faults.dial_hang);
    attempt.enter(hangs ? net.hang_in : http::dial_attempt::phase::connecting);
    if (hangs) {
        until = core::deadline::never();
    } else if (net.draw(net.faults.delay)) {
        until = core::deadline(net.later());
    }
    bool cancelled = false;
    {
        auto wake = [&attempt]() noexcept { attempt.waiter.wake(); };
        core::deadline_watch due(net.shard_.time(), until, wake);
        while (!due.fired() && !attempt.stopped && !cancelled) {
            const auto [ec] = co_await attempt.waiter.wait(await_tuple);
            cancelled = static_cast<bool>(ec);
        }
    }
    net.tell();
    core::error failed;
    if (attempt.stopped || cancelled) {
        failed.code = core::errc::cancelled;
        co_return failed;
    }
    if (net.breaks_now() || net.draw(net.faults.refuse)) {
        failed.code = http::errc::connect_failed;
        failed.detail = "dial tcp " + attempt.address + ": connect: connection refused";
        co_return failed;
    }
    auto made = std::make_unique<wire>(net);
    if (net.dead_on_arrival)
        made->dies();
    co_return std::unique_ptr<http::transport>(std::move(made));
}

network::network(core::shard& on, responder answer) : shard_(on), answer_(std::move(answer)) {}

network::network(core::shard& on, std::vector<support::script> scripts) : shard_(on), scripts_(std::move(scripts)) {}

network::~network() { LAMBENT_ASSERT(first_ == nullptr, "a simulated network outlives its connections"); }

std::unique_ptr<http::dialer> network::door() { return std::make_unique<line>(*this); }

void network::close_all()
{
    for (wire* one = first_; one != nullptr; one = one->next())
        one->server_closes();
}

void network::break_all()
{
    for (wire* one = first_; one != nullptr; one = one->next())
        one->dies();
}

bool network::breaks_now() noexcept { return operations_++ == fail_at; }

bool network::draw(double probability) { return shard_.chance().chance(probability); }

core::instant network::later()
{
    const auto most = static_cast<std::uint64_t>(faults.delay_max.count());
    return shard_.time().now() + core::duration(static_cast<core::duration::rep>(shard_.chance().below(most)) + 1);
}

void network::tell()
{
    if (watch)
        watch();
}

} // namespace lambent::sim
