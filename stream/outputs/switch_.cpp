#include <lambent/stream/backing.hpp>
#include <lambent/stream/composite.hpp>
#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/leaf.hpp>
#include <lambent/stream/legs.hpp>

namespace lambent::stream {

namespace {

struct switch_case
{
    std::optional<bloblang::mapping> check; ///< unset: always
    bool go_on = false;                     ///< `continue`: later cases are asked too
};

/// Sends each message to the first case whose check it passes.
class switch_output final : public composite_output
{
public:
    switch_output(processor::context of, std::vector<output_ptr> children, std::vector<switch_case> cases, bool strict)
        : composite_output(std::move(of), std::move(children)), cases_(std::move(cases)), strict_(strict)
    {}

    awaitable<outcome> write(data::batch batch) override
    {
        std::vector<leg> legs(cases_.size());
        for (std::size_t i = 0; i < cases_.size(); ++i)
            legs[i].to = children()[i].get();
        for (std::size_t m = 0; m < batch.size(); ++m) {
            if (choose(batch, m, legs) || !strict_)
                continue;
            who().log(core::log_level::error, "Message failed to match against at least one output check with strict mode enabled, "
                                              "it will be nacked and/or re-processed");
            core::error unmatched{errc::rejected, "no switch output conditions were met by message"};
            co_return outcome::none_delivered(std::move(unmatched));
        }
        std::erase_if(legs, [](const leg& one) { return one.batch.empty(); });
        if (legs.empty())
            co_return outcome::delivered();
        const std::size_t size = batch.size();
        batch.clear();
        co_await write_all(who().shard(), legs);
        co_return merged(legs, size);
    }

private:
    /// False when no case took the message.
    bool choose(const data::batch& batch, std::size_t m, std::vector<leg>& legs) const
    {
        bool taken = false;
        for (std::size_t i = 0; i < cases_.size(); ++i) {
            bool matched = true;
            if (cases_[i].check) {
                const auto checked = cases_[i].check->check(batch, m);
                if (!checked)
                    who().log(core::log_level::error, "Failed to test case " + std::to_string(i) + ": " + checked.error().text());
                matched = checked && *checked;
            }
            if (!matched)
                continue;
            taken = true;
            legs[i].batch.push_back(batch[m]);
            legs[i].indices.push_back(m);
            if (!cases_[i].go_on)
                break;
        }
        return taken;
    }

    std::vector<switch_case> cases_;
    bool strict_;
};

const config::spec& case_spec()
{
    static const config::spec declared = [] {
        config::spec s("cases");
        s.field("check", config::field_type::bloblang, "True for the messages of this case; empty: all.").fallback("\"\"");
        s.field("output", config::field_type::output, "Where they go.");
        s.field("continue", config::field_type::boolean, "Ask the later cases too.").fallback("false").advanced();
        return s;
    }();
    return declared;
}

const config::spec& switch_spec()
{
    static const config::spec declared = [] {
        config::spec s("switch", "Sends messages to different outputs by what is in them.");
        s.field("retry_until_success", config::field_type::boolean, "Repeat a failed write until it succeeds.").fallback("false");
        s.field("strict_mode", config::field_type::boolean, "Refuse a batch with a message that no case takes.").fallback("false").advanced();
        s.objects("cases", case_spec(), "Asked in order.");
        return s;
    }();
    return declared;
}

core::result<output_ptr> make_switch(resources& in, const processor::context& who, const config::reader& read)
{
    const auto until_success = read.boolean("retry_until_success");
    if (!until_success)
        return until_success.error();
    const auto strict = read.boolean("strict_mode");
    if (!strict)
        return strict.error();
    std::vector<output_ptr> children;
    std::vector<switch_case> cases;
    for (const config::reader& one : read.objects("cases")) {
        // The original leaves the case's number out of the path.
        auto to = build_output(in, one.raw("output"), who.path() + ".switch.output");
        if (!to)
            return to.error();
        children.push_back(*until_success ? with_retries(who, std::move(*to), retry_limits{}) : std::move(*to));
        switch_case made;
        const auto check = one.string("check");
        if (!check)
            return check.error();
        if (!check->empty()) {
            auto mapping = parse_mapping(who, *check);
            if (!mapping)
                return core::error{errc::invalid_config, "failed to parse case " + std::to_string(cases.size()) + " check: " + mapping.error().text()};
            made.check = std::move(*mapping);
        }
        const auto go_on = one.boolean("continue");
        if (!go_on)
            return go_on.error();
        made.go_on = *go_on;
        cases.push_back(std::move(made));
    }
    if (cases.size() < 2)
        return core::error{errc::invalid_config, "attempting to create a switch with fewer than 2 cases"};
    return output_ptr(std::make_unique<switch_output>(who, std::move(children), std::move(cases), *strict));
}

} // namespace

component_entry<output> switch_output_entry() { return {&switch_spec, &make_switch}; }

} // namespace lambent::stream
