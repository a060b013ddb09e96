#include <lambent/core/channel.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/event.hpp>
#include <lambent/stream/leaf.hpp>

#include <utility>

namespace lambent::stream {

namespace {

/// Ends its child after the batch whose first message passes the check, or when nothing came for a while.
class read_until final : public input
{
public:
    read_until(processor::context who, input_ptr from, std::optional<bloblang::mapping> check, std::optional<core::duration> idle)
        : who_(std::move(who)), from_(std::move(from)), check_(std::move(check)), idle_(idle), tasks_(who_.shard()),
          arrived_(who_.shard(), 0), wanted_(who_.shard())
    {}

    awaitable<core::result<std::optional<transaction>>> read() override
    {
        if (!started_) {
            started_ = true;
            tasks_.start(pull());
        }
        for (;;) {
            if (!std::exchange(asked_, true))
                wanted_.notify();
            const core::deadline until = idle_ && !ending_ ? who_.shard().time().in(*idle_) : core::deadline::never();
            auto next = co_await arrived_.receive(until);
            if (next) {
                asked_ = false;
                if (!next->is_pause() && !ending_ && matches(next->batch))
                    end();
                co_return std::optional<transaction>(std::move(*next));
            }
            if (next.error().code == core::errc::deadline_exceeded) {
                who_.log(core::log_level::info, "Idle timeout reached");
                end();
                continue;
            }
            if (next.error().code != core::errc::closed)
                co_return next.error();
            if (broken_)
                co_return *broken_;
            co_return std::optional<transaction>();
        }
    }
    void stop(ending how) noexcept override
    {
        ending_ = true;
        from_->stop(how);
    }
    awaitable<void> close() override
    {
        tasks_.cancel();
        co_await tasks_.join();
        co_await from_->close();
    }
    bool connected() const noexcept override { return from_->connected(); }

private:
    awaitable<void> pull()
    {
        for (;;) {
            // One at a time: what is read after the last message would be lost to the next reader.
            const auto asked = co_await wanted_.wait(core::deadline::never());
            if (!asked)
                break;
            auto next = co_await from_->read();
            if (!next || !next->has_value()) {
                if (!next && next.error().code != core::condition::cancelled)
                    broken_ = next.error();
                break;
            }
            transaction t = std::move(**next);
            const auto sent = co_await arrived_.send(t, core::deadline::never());
            if (!sent) {
                if (t.ack) {
                    core::error cancelled{core::errc::cancelled, ""};
                    t.ack->settle(outcome::none_delivered(std::move(cancelled)));
                }
                break;
            }
        }
        arrived_.close();
    }

    bool matches(const data::batch& batch)
    {
        if (!check_)
            return false;
        const auto passed = check_->check(batch, 0);
        if (!passed) {
            who_.log(core::log_level::error, "Failed to execute check query: " + passed.error().text());
            return false;
        }
        return *passed;
    }

    void end()
    {
        ending_ = true;
        from_->stop(ending::abandon);
    }

    processor::context who_;
    input_ptr from_;
    std::optional<bloblang::mapping> check_;
    std::optional<core::duration> idle_;
    core::task_group tasks_;
    core::channel<transaction> arrived_;
    std::optional<core::error> broken_;
    event wanted_;
    bool asked_ = false; ///< a read of the child is under way
    bool started_ = false;
    bool ending_ = false;
};

const config::spec& read_until_spec()
{
    static const config::spec declared = [] {
        config::spec s("read_until", "Reads from an input until a message passes a check.");
        s.field("input", config::field_type::input, "The input.");
        s.field("check", config::field_type::bloblang, "True for the last message.").optional();
        s.field("idle_timeout", config::field_type::string, "Ends when nothing came for this long.").optional();
        s.field("restart_input", config::field_type::boolean, "Begins an input again that ended; not available yet.").fallback("false");
        return s;
    }();
    return declared;
}

core::result<input_ptr> make_read_until(resources& in, const processor::context& who, const config::reader& read)
{
    const auto restart = read.boolean("restart_input");
    if (!restart)
        return restart.error();
    if (*restart)
        return core::error{errc::invalid_config, "field 'restart_input' is not available in lambent yet"};
    auto from = build_input(in, read.raw("input"), who.path() + ".read_until.input");
    if (!from)
        return from.error();
    std::optional<bloblang::mapping> check;
    if (read.has("check")) {
        const auto text = read.string("check");
        if (!text)
            return text.error();
        if (!text->empty()) {
            auto mapping = parse_mapping(who, *text);
            if (!mapping)
                return mapping.error();
            check = std::move(*mapping);
        }
    }
    const auto idle = read.optional_duration("idle_timeout");
    if (!idle)
        return idle.error();
    if (!check && !*idle)
        return core::error{errc::invalid_config, "either a check query or an idle timeout must be specified"};
    return input_ptr(std::make_unique<read_until>(who, std::move(*from), std::move(check), *idle));
}

} // namespace

component_entry<input> read_until_input_entry() { return {&read_until_spec, &make_read_until}; }

} // namespace lambent::stream
