#include <lambent/processor/detail/children.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <algorithm>
#include <utility>

namespace lambent::processor {
namespace {

constexpr std::size_t untraceable = static_cast<std::size_t>(-1);

struct switch_case
{
    std::optional<bloblang::mapping> check; ///< none: matches always
    std::vector<stage_ptr> stages;
    bool fall_through = false;
    bool goes_on = false; ///< `continue`
};

/// Puts messages back into the order in which they came. What cannot be traced stays behind the message it follows.
void restore_order(data::batch& result)
{
    struct placed
    {
        std::size_t at;
        data::message message;
    };
    std::vector<placed> all;
    all.reserve(result.size());
    std::size_t last = 0;
    for (data::message& m : result) {
        if (m.origin != untraceable)
            last = m.origin;
        placed p{last, std::move(m)};
        all.push_back(std::move(p));
    }
    const auto earlier = [](const placed& a, const placed& b) { return a.at < b.at; };
    std::stable_sort(all.begin(), all.end(), earlier);
    for (std::size_t i = 0; i < all.size(); ++i)
        result[i] = std::move(all[i].message);
}

/// Cases are tried in order against all messages that no earlier case took; the taken ones run through the case as one batch.
class switch_stage final : public stage
{
public:
    switch_stage(const context& who, std::vector<switch_case> cases) : who_(who), cases_(std::move(cases)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        // `origin` is lent for the time of the switch, so that switches can be nested.
        std::vector<std::size_t> outer(batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            outer[i] = batch[i].origin;
            batch[i].origin = i;
        }
        data::batch remaining = std::move(batch);
        data::batch carried;
        data::batch result;
        for (std::size_t c = 0; c < cases_.size(); ++c) {
            data::batch matched = std::exchange(carried, {});
            select(c, remaining, matched, result);
            if (matched.empty())
                continue;
            auto done = co_await run_all(cases_[c].stages, std::move(matched));
            if (!done)
                co_return std::move(done).error();
            data::batch& to = cases_[c].fall_through ? carried : cases_[c].goes_on ? remaining : result;
            for (data::message& m : flatten(std::move(*done)))
                to.push_back(std::move(m));
        }
        // What the last case carries on goes nowhere, as in the original; `make` warns.
        for (data::message& m : remaining)
            result.push_back(std::move(m));
        restore_order(result);
        for (data::message& m : result)
            m.origin = m.origin < outer.size() ? outer[m.origin] : untraceable;
        co_return as_batches(std::move(result));
    }
    awaitable<void> close() override
    {
        for (const switch_case& c : cases_)
            co_await close_all(c.stages);
    }

private:
    /// Moves what case `c` takes to `matched` and what its check fails on to `result`; the others stay in `remaining`.
    void select(std::size_t c, data::batch& remaining, data::batch& matched, data::batch& result) const
    {
        if (!cases_[c].check) {
            for (data::message& m : remaining)
                matched.push_back(std::move(m));
            remaining.clear();
            return;
        }
        std::vector<core::result<bool>> verdicts;
        verdicts.reserve(remaining.size());
        for (std::size_t i = 0; i < remaining.size(); ++i) {
            verdicts.push_back(cases_[c].check->check(remaining, i));
            if (!verdicts[i]) {
                const std::string why = verdicts[i].error().text();
                who_.log(core::log_level::error, "Failed to test case " + std::to_string(c) + ": " + why);
                who_.fail_unsourced(remaining[i], why);
            }
        }
        data::batch left;
        for (std::size_t i = 0; i < remaining.size(); ++i) {
            data::batch& to = !verdicts[i] ? result : *verdicts[i] ? matched : left;
            to.push_back(std::move(remaining[i]));
        }
        remaining = std::move(left);
    }

    context who_;
    std::vector<switch_case> cases_;
};

const config::spec& switch_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec::array_of("switch",
        config::spec("case")
            .field("check", field_type::bloblang, "A query that yields a boolean; empty: always true.")
            .fallback(R"("")")
            .list("processors", field_type::processor, "What happens to the messages that the check takes.")
            .fallback("[]")
            .field("fallthrough", field_type::boolean, "Send the results through the next case's processors as well.")
            .fallback("false")
            .advanced()
            .field("continue", field_type::boolean, "Test the results against the later cases.")
            .fallback("false")
            .advanced(),
        {}, "Runs processors on messages by what they are.");
    return spec;
}

core::result<switch_case> make_case(const context& who, const config::reader& read, std::size_t index)
{
    switch_case made;
    auto check_text = read.string("check");
    if (!check_text)
        return check_text.error();
    auto fall_through = read.boolean("fallthrough");
    if (!fall_through)
        return fall_through.error();
    made.fall_through = *fall_through;
    auto goes_on = read.boolean("continue");
    if (!goes_on)
        return goes_on.error();
    made.goes_on = *goes_on;
    if (made.fall_through && made.goes_on)
        return unusable("a case cannot have both 'fallthrough' and 'continue' set to true");
    auto check = parse_optional_mapping(who, *check_text, "");
    if (!check)
        return check.error();
    made.check = std::move(*check);
    auto stages = children(who, read.elements("processors"), std::to_string(index) + ".processors");
    if (!stages)
        return stages.error();
    if (stages->empty())
        return unusable("case has no processors, in order to have a no-op case use a `noop` processor");
    made.stages = std::move(*stages);
    return made;
}

core::result<stage_ptr> make_switch(const context& who, const config::reader& read)
{
    std::vector<switch_case> cases;
    for (const config::reader& one : read.objects()) {
        auto made = make_case(who, one, cases.size());
        if (!made)
            return of_element("case", cases.size(), made.error());
        cases.push_back(std::move(*made));
    }
    if (!cases.empty() && cases.back().fall_through)
        who.log(core::log_level::warn,
            "The last case has 'fallthrough: true': messages that reach it are dropped. Remove it from that case.");
    return std::make_unique<switch_stage>(who, std::move(cases));
}

} // namespace

entry switch_entry() { return {&switch_spec, &make_switch}; }

} // namespace lambent::processor
