#include <lambent/processor/branch.hpp>

#include <lambent/processor/detail/children.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <utility>

namespace lambent::processor {

branch::branch(const context& who, std::optional<bloblang::mapping> request, std::vector<stage_ptr> stages,
    std::optional<bloblang::mapping> result)
    : who_(who), request_(std::move(request)), stages_(std::move(stages)), result_(std::move(result))
{
}

config::spec branch::spec()
{
    using config::field_type;
    config::spec s("branch", "Runs processors on a request made from each message and maps the results back.");
    s.field("request_map", field_type::bloblang, "Makes the request; empty: an exact copy.").fallback(R"("")");
    s.list("processors", field_type::processor, "What happens to the requests.");
    s.field("result_map", field_type::bloblang, "Maps a result onto the original; empty: it stays as it is.").fallback(R"("")");
    return s;
}

core::result<std::unique_ptr<branch>> branch::make(
    const context& who, const config::reader& read, const std::string& below)
{
    auto stages = children(who, read.elements("processors"), below.empty() ? "processors" : below + ".processors");
    if (!stages)
        return stages.error();
    if (stages->empty())
        return unusable("the branch processor requires at least one child processor");
    auto request_text = read.string("request_map");
    if (!request_text)
        return request_text.error();
    auto request = parse_optional_mapping(who, *request_text, "failed to parse request mapping: ");
    if (!request)
        return request.error();
    auto result_text = read.string("result_map");
    if (!result_text)
        return result_text.error();
    auto result = parse_optional_mapping(who, *result_text, "failed to parse result mapping: ");
    if (!result)
        return result.error();
    return std::unique_ptr<branch>(
        new branch(who, std::move(*request), std::move(*stages), std::move(*result)));
}

data::batch branch::requests(const data::batch& batch, const std::vector<bool>& skip, answers& into,
    std::vector<std::size_t>& sent) const
{
    data::batch made;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (!skip.empty() && skip[i])
            continue;
        data::message request = batch[i];
        request.clear_failure(); // the original keeps its own
        if (request_) {
            // A map that never assigns root sends an empty message, not the original's contents.
            request.set_bytes({});
            auto done = request_->map(request, batch, i);
            if (!done) {
                who_.log(core::log_level::debug,
                    "Failed to map request '" + std::to_string(i) + "': " + done.error().text());
                into.failed.push_back({i, "request mapping failed: " + done.error().text()});
                continue;
            }
            if (*done == bloblang::effect::deleted)
                continue;
        }
        made.push_back(std::move(request));
        sent.push_back(i);
    }
    return made;
}

void branch::align(
    data::batch replies, const std::vector<std::size_t>& sent, std::size_t count, answers& into) const
{
    if (replies.size() != sent.size()) {
        // The original has the two numbers the wrong way round; its text is what people search for.
        const std::size_t skipped_or_failed = count - sent.size();
        into.all_failed = "message count from branch processors does not match request, started with "
            + std::to_string(replies.size() + skipped_or_failed) + " messages, finished with " + std::to_string(count);
        who_.log(core::log_level::error, "Failed to align branch result: " + *into.all_failed
            + ". Avoid using filters or archive/unarchive processors within your branch, or anything that increases or "
              "reduces the number of messages. These processors should instead be applied before or after the branch "
              "processor.");
        return;
    }
    for (std::size_t k = 0; k < sent.size(); ++k) {
        if (const auto& failure = replies[k].failed())
            into.failed.push_back({sent[k], "processors failed: " + failure->text});
        else
            into.results[sent[k]] = std::move(replies[k]);
    }
}

awaitable<core::result<branch::answers>> branch::ask(const data::batch& batch, const std::vector<bool>& skip)
{
    answers made;
    made.results.resize(batch.size());
    std::vector<std::size_t> sent;
    data::batch asked = requests(batch, skip, made, sent);
    batches replies;
    if (!asked.empty()) {
        auto done = co_await run_all(stages_, std::move(asked));
        if (!done)
            co_return std::move(done).error();
        replies = std::move(*done);
        if (replies.empty()) {
            made.all_failed = "child processors resulted in zero messages";
            who_.log(core::log_level::error, "Child processors failed: " + *made.all_failed);
            co_return std::move(made);
        }
    }
    align(flatten(std::move(replies)), sent, batch.size(), made);
    co_return std::move(made);
}

std::vector<branch::failed_message> branch::overlay(data::batch& batch, const answers& from) const
{
    std::vector<failed_message> failed;
    if (!result_)
        return failed;
    data::batch reference(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i)
        if (from.results[i])
            reference[i] = *from.results[i];
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (!from.results[i])
            continue;
        // Deleted is ignored: a result map filters nothing.
        auto done = result_->overlay(batch[i], reference, i, false);
        if (!done) {
            who_.log(core::log_level::debug,
                "Failed to map result '" + std::to_string(i) + "': " + done.error().text());
            failed.push_back({i, "result mapping failed: " + done.error().text()});
        }
    }
    return failed;
}

awaitable<core::result<batches>> branch::process(data::batch batch)
{
    const std::vector<bool> nobody;
    auto asked = co_await ask(batch, nobody);
    if (!asked)
        co_return std::move(asked).error();
    if (asked->all_failed) {
        for (data::message& m : batch)
            m.fail(*asked->all_failed);
        for (failed_message& f : asked->failed)
            batch[f.index].fail(std::move(f.text));
        co_return as_batches(std::move(batch));
    }
    for (failed_message& f : asked->failed) {
        who_.log(core::log_level::debug, "Branch error: " + f.text);
        batch[f.index].fail(std::move(f.text));
    }
    for (failed_message& f : overlay(batch, *asked)) {
        who_.log(core::log_level::error, "Branch error: " + f.text);
        batch[f.index].fail(std::move(f.text));
    }
    co_return as_batches(std::move(batch));
}

awaitable<void> branch::close() { co_await close_all(stages_); }

namespace {

const config::spec& branch_spec()
{
    static const config::spec spec = branch::spec();
    return spec;
}

core::result<stage_ptr> make_branch(const context& who, const config::reader& read)
{
    auto made = branch::make(who, read);
    if (!made)
        return made.error();
    return stage_ptr(std::move(*made));
}

} // namespace

entry branch_entry() { return {&branch_spec, &make_branch}; }

} // namespace lambent::processor
