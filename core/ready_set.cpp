#include <lambent/core/ready_set.hpp>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

#include <sys/epoll.h>
#include <unistd.h>

namespace lambent::core {
namespace {

// Four inner rounds a turn serve what the first round's answers have made ready, without a trip through the loop;
// more gained nothing in measurement and would starve the loop's other work.
constexpr int rounds_max = 4;
constexpr std::size_t batch_max = 256;
// Large messages make long turns (a megabyte is hashed and encrypted in 2 ms), and timers wait for their end.
constexpr duration turn_max = std::chrono::milliseconds(1);
constexpr std::size_t looks_each = 8; // events between two looks at the clock
// Events between two rounds of what was put off. Against writing at once, 64 connections over TLS made 1.10, 1.18, 1.25 and 1.31 times the
// requests with 4, 8, 16 and 32, and no more with 256; the first of 32 waits some 100 us for its turn.
constexpr std::size_t group = 32;

error last_error(const char* what) { return {error_code(errno, boost::system::system_category()), what}; }

} // namespace

// Shared with the wait's handler, which Asio may have queued already when the set dies.
struct ready_set::state : std::enable_shared_from_this<ready_set::state>
{
    state(const asio::any_io_executor& executor, std::shared_ptr<const timekeeper> clock) : descriptor(executor), time(std::move(clock))
    {
        if (const int made = ::epoll_create1(EPOLL_CLOEXEC); made >= 0)
            descriptor.assign(made);
        else
            failed = last_error("opening an epoll descriptor");
    }

    ~state()
    {
        for (turn_work* const work : works)
            if (work != nullptr)
                work->list_ = nullptr;
    }

    void arm()
    {
        armed = true;
        // Asio re-registers its interest here, and epoll looks again at the level: what a turn left over is not lost.
        descriptor.async_wait(asio::posix::descriptor_base::wait_read,
            [weak = weak_from_this(), mine = ++generation](error_code ec) {
                const auto self = weak.lock();
                // An older generation was cancelled too late to say so.
                if (!self || ec || mine != self->generation)
                    return;
                self->turn();
            });
    }

    /// The rest of a batch is told in a turn of its own, behind what the loop has to do meanwhile.
    void pause()
    {
        armed = true;
        asio::post(descriptor.get_executor(), [weak = weak_from_this(), mine = ++generation] {
            const auto self = weak.lock();
            if (self && mine == self->generation)
                self->turn();
        });
    }

    void turn()
    {
        armed = false;
        turning = true;
        const bool over = tell();
        do_put_off();
        turning = false;
        if (sinks == 0 || armed)
            return;
        over ? arm() : pause();
    }

    /// False when it was cut short.
    bool tell()
    {
        const instant began = time ? time->now() : instant();
        const auto long_enough = [&] { return time && time->now() - began >= turn_max; };
        for (int round = 0; round < rounds_max; ++round) {
            if (next == end) {
                const int count = ::epoll_wait(descriptor.native_handle(), batch.data(), static_cast<int>(batch.size()), 0);
                if (count <= 0)
                    break;
                next = 0;
                end = static_cast<std::size_t>(count);
            }
            while (next < end) {
                const epoll_event event = batch[next++];
                if (event.data.ptr)
                    static_cast<ready_sink*>(event.data.ptr)->on_ready(event.events);
                if (next % group == 0)
                    do_put_off();
                if (next < end && next % looks_each == 0 && long_enough())
                    return false;
            }
            next = end = 0;
            do_put_off();
            if (long_enough())
                break;
        }
        return true;
    }

    void do_put_off()
    {
        // By index: what is done may put off more, which has its turn here too.
        for (std::size_t i = 0; i < works.size(); ++i)
            if (turn_work* const work = std::exchange(works[i], nullptr)) {
                work->list_ = nullptr;
                work->at_turn_end();
            }
        works.clear();
    }

    asio::posix::stream_descriptor descriptor;
    std::shared_ptr<const timekeeper> time;
    error failed;
    std::size_t sinks = 0;
    std::uint64_t generation = 0;
    bool armed = false;
    bool turning = false;
    std::vector<turn_work*> works; ///< put off; null: dead
    std::array<epoll_event, batch_max> batch{};
    std::size_t next = 0; ///< of the round in progress: the first event not yet told
    std::size_t end = 0;
};

ready_set::ready_set(const asio::any_io_executor& executor, std::shared_ptr<const timekeeper> time)
    : state_(std::make_shared<state>(executor, std::move(time)))
{}
ready_set::~ready_set() = default;

std::size_t ready_set::size() const noexcept { return state_->sinks; }

result<void> ready_set::add(int descriptor, ready_sink& sink)
{
    state& s = *state_;
    if (s.failed.code)
        return s.failed;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &sink;
    if (::epoll_ctl(s.descriptor.native_handle(), EPOLL_CTL_ADD, descriptor, &event) != 0)
        return last_error("watching a descriptor");
    ++s.sinks;
    if (!s.armed)
        s.arm();
    return {};
}

bool ready_set::put_off(turn_work& work)
{
    if (!state_->turning)
        return false;
    if (work.list_ == nullptr) {
        state_->works.push_back(&work);
        work.list_ = &state_->works;
    }
    return true;
}

void ready_set::remove(int descriptor, ready_sink& sink) noexcept
{
    state& s = *state_;
    epoll_event unused{};
    ::epoll_ctl(s.descriptor.native_handle(), EPOLL_CTL_DEL, descriptor, &unused);
    for (std::size_t i = s.next; i < s.end; ++i) {
        if (s.batch[i].data.ptr == &sink)
            s.batch[i].data.ptr = nullptr;
    }
    if (--s.sinks == 0 && s.armed) {
        s.armed = false;
        ++s.generation;
        error_code ignored;
        s.descriptor.cancel(ignored);
    }
}

} // namespace lambent::core
