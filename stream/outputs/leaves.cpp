#include <lambent/core/gate.hpp>
#include <lambent/stream/descriptor.hpp>
#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/leaf.hpp>
#include <lambent/stream/writer_codec.hpp>

#include <unistd.h>

namespace lambent::stream {

namespace {

class stdout_output final : public leaf_output
{
public:
    stdout_output(resources& in, processor::context of, writer_codec codec)
        : leaf_output(std::move(of)), in_(in), codec_(std::move(codec)), out_(in.shard(), STDOUT_FILENO), turn_(in.stdout_turn())
    {}

    awaitable<outcome> write(data::batch batch) override
    {
        outcome result;
        const auto entered = co_await turn_.enter(core::deadline::never());
        if (!entered)
            co_return outcome::none_delivered(entered.error());
        // Message by message, so that a broken pipe tells which were written.
        for (std::size_t i = 0; i < batch.size(); ++i) {
            std::string text;
            codec_.append(text, batch[i].bytes());
            const auto written = co_await out_.write_all(text);
            if (written)
                continue;
            failed(result, i, written.error());
            if (written.error().code == boost::system::errc::broken_pipe)
                in_.break_down(written.error());
        }
        turn_.leave();
        co_return result;
    }

private:
    resources& in_;
    writer_codec codec_;
    descriptor out_;
    core::gate& turn_; ///< several outputs may write to stdout, and a long message takes several writes
};

core::result<output_ptr> make_stdout(resources& in, const processor::context& who, const config::reader& read)
{
    const auto text = read.string("codec");
    if (!text)
        return text.error();
    auto codec = writer_codec::parse(*text);
    if (!codec)
        return codec.error();
    return output_ptr(std::make_unique<stdout_output>(in, who, std::move(*codec)));
}

const config::spec& stdout_spec()
{
    static const config::spec declared = [] {
        config::spec s("stdout", "Writes messages to the process's standard output.");
        s.field("codec", config::field_type::string, "lines, delim:x, append or all-bytes.").fallback("lines");
        return s;
    }();
    return declared;
}

class drop_output final : public leaf_output
{
public:
    using leaf_output::leaf_output;
    awaitable<outcome> write(data::batch) override { co_return outcome::delivered(); }
};

core::result<output_ptr> make_drop(resources&, const processor::context& who, const config::reader&)
{
    return output_ptr(std::make_unique<drop_output>(who));
}

const config::spec& drop_spec()
{
    static const config::spec declared("drop", "Delivers to nowhere.");
    return declared;
}

class reject_output final : public leaf_output
{
public:
    reject_output(processor::context of, bloblang::interpolation why) : leaf_output(std::move(of)), why_(std::move(why)) {}

    /// The text is made from the first message and stands for the whole batch.
    awaitable<outcome> write(data::batch batch) override
    {
        auto text = why_.resolve(batch, 0);
        core::error why{errc::rejected, text ? std::move(*text) : "reject message interpolation error: " + text.error().text()};
        who().log(core::log_level::debug, "Rejecting message: " + why.detail);
        co_return outcome::none_delivered(std::move(why));
    }

private:
    bloblang::interpolation why_;
};

core::result<output_ptr> make_reject(resources&, const processor::context& who, const config::reader& read)
{
    const auto text = read.string();
    if (!text)
        return text.error();
    if (text->empty())
        return core::error{errc::invalid_config, "an error message must be provided in order to provide context for the rejection"};
    auto why = parse_interpolation(who, "reject", *text);
    if (!why)
        return why.error();
    return output_ptr(std::make_unique<reject_output>(who, std::move(*why)));
}

const config::spec& reject_spec()
{
    static const config::spec declared =
        config::spec::scalar("reject", config::field_type::interpolated, "\"\"", "Refuses every message, for the reason given.");
    return declared;
}

/// A shared output under its label.
class by_label final : public output
{
public:
    by_label(resources& in, std::string label) : in_(in), label_(std::move(label)) {}

    awaitable<core::result<void>> connect() override { co_return core::result<void>(); } // its owner connects it
    awaitable<outcome> write(data::batch batch) override
    {
        output* to = in_.output_resource(label_);
        if (to == nullptr) {
            core::error missing{errc::not_found, "output resource '" + label_ + "' was not found"};
            co_return outcome::none_delivered(std::move(missing));
        }
        co_return co_await to->write(std::move(batch));
    }
    void flush() noexcept override
    {
        if (output* to = in_.output_resource(label_))
            to->flush();
    }
    awaitable<void> close() override { co_return; }
    bool connected() const noexcept override
    {
        const output* to = in_.output_resource(label_);
        return to != nullptr && to->connected();
    }
    std::size_t max_in_flight() const noexcept override
    {
        const output* to = in_.output_resource(label_);
        return to == nullptr ? 1 : to->max_in_flight();
    }

private:
    resources& in_;
    std::string label_;
};

core::result<output_ptr> make_resource(resources& in, const processor::context&, const config::reader& read)
{
    auto label = read.string();
    if (!label)
        return label.error();
    if (in.output_resource(*label) == nullptr)
        return core::error{errc::not_found, "output resource '" + *label + "' was not found"};
    return output_ptr(std::make_unique<by_label>(in, std::move(*label)));
}

const config::spec& resource_spec()
{
    static const config::spec declared =
        config::spec::scalar("resource", config::field_type::string, "\"\"", "An output of `output_resources`, by its label.");
    return declared;
}

} // namespace

component_entry<output> stdout_output_entry() { return {&stdout_spec, &make_stdout}; }
component_entry<output> drop_output_entry() { return {&drop_spec, &make_drop}; }
component_entry<output> reject_output_entry() { return {&reject_spec, &make_reject}; }
component_entry<output> resource_output_entry() { return {&resource_spec, &make_resource}; }

} // namespace lambent::stream
