#include <lambent/core/task_group.hpp>
#include <lambent/data/path.hpp>
#include <lambent/processor/branch.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

namespace lambent::processor {
namespace {

using layers = std::vector<std::vector<std::string>>;

/// What became of the branches for one message.
struct record
{
    std::set<std::string> succeeded;
    std::set<std::string> skipped;
    std::map<std::string, std::string> failed;

    void skip(const std::string& name)
    {
        succeeded.erase(name);
        skipped.insert(name);
    }
    void fail(const std::string& name, const std::string& why)
    {
        succeeded.erase(name);
        skipped.erase(name);
        failed[name] = why;
    }
    data::value to_value() const
    {
        data::value all = data::value::object();
        if (!succeeded.empty())
            all.set_member("succeeded", list(succeeded));
        if (!skipped.empty())
            all.set_member("skipped", list(skipped));
        if (!failed.empty()) {
            data::value why = data::value::object();
            for (const auto& [name, text] : failed)
                why.set_member(name, text);
            all.set_member("failed", std::move(why));
        }
        return all;
    }

private:
    static data::value list(const std::set<std::string>& names)
    {
        std::vector<data::value> items(names.begin(), names.end());
        return data::value::array(std::move(items));
    }
};

/// Puts `v` at the path, making objects on the way. Does nothing where something else than an object stands in the way.
void put_at(data::value& root, std::span<const std::string> path, data::value v)
{
    data::value* at = &root;
    for (const std::string& segment : path) {
        if (at->is_null())
            *at = data::value::object();
        if (!at->is_object())
            return;
        at = &at->edit_member(segment);
    }
    *at = std::move(v);
}

/// "[a b]", as Go prints a slice.
std::string listed(const std::vector<std::string>& names)
{
    std::string text = "[";
    for (const std::string& name : names)
        text += (text.size() > 1 ? " " : "") + name;
    return text + "]";
}

/// Named branches in layers: those of a layer at once, layer after layer. What failed is told in the document.
class workflow_stage final : public stage
{
public:
    using branch_map = std::map<std::string, std::unique_ptr<branch>>;

    /// @param own  null for a branch that is a processor resource of that name.
    workflow_stage(const context& who, std::vector<std::string> meta_path, branch_map own, layers order)
        : who_(who), meta_path_(std::move(meta_path)), own_(std::move(own)), order_(std::move(order))
    {
    }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        std::map<std::string, branch*> branches;
        for (const auto& [name, mine] : own_) {
            branch* found = mine ? mine.get() : dynamic_cast<branch*>(who_.host().processor_resource(name));
            if (!found)
                co_return refuse(std::move(batch), "missing branch resource: " + name);
            branches[name] = found;
        }
        std::vector<std::set<std::string>> skips;
        std::vector<record> records(batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            skips.push_back(skipped_by(batch[i]));
            for (const auto& layer : order_)
                records[i].succeeded.insert(layer.begin(), layer.end());
        }
        for (const auto& layer : order_) {
            std::vector<core::result<branch::answers>> asked(layer.size(), core::result<branch::answers>(branch::answers{}));
            core::task_group group(who_.shard());
            for (std::size_t b = 0; b < layer.size(); ++b)
                group.start(ask(*branches[layer[b]], layer[b], batch, skips, asked[b]));
            co_await group.join();
            for (core::result<branch::answers>& a : asked)
                if (!a)
                    co_return std::move(a).error();
            for (std::size_t b = 0; b < layer.size(); ++b)
                settle(*branches[layer[b]], layer[b], batch, *asked[b], records);
        }
        tell(batch, records);
        co_return as_batches(std::move(batch));
    }
    awaitable<void> close() override
    {
        for (const auto& [name, mine] : own_)
            if (mine)
                co_await mine->close();
    }

private:
    core::result<batches> refuse(data::batch batch, const std::string& why) const
    {
        who_.log(core::log_level::error, "Failed to establish workflow: " + why);
        for (data::message& m : batch)
            m.fail(why);
        return as_batches(std::move(batch));
    }

    /// All references are the caller's, who joins.
    static awaitable<void> ask(branch& which, const std::string& name, const data::batch& batch,
        const std::vector<std::set<std::string>>& skips, core::result<branch::answers>& into)
    {
        std::vector<bool> skip(batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i)
            skip[i] = skips[i].contains(name);
        into = co_await which.ask(batch, skip);
    }

    /// What a former run, or the document's author, said about which branches to leave out.
    std::set<std::string> skipped_by(const data::message& message) const
    {
        std::set<std::string> names;
        if (meta_path_.empty())
            return names;
        auto document = message.structured();
        if (!document)
            return names;
        const auto apply = names_at(*document, "apply");
        if (!apply.empty()) {
            for (const auto& [name, mine] : own_)
                names.insert(name);
            for (const std::string& name : apply)
                names.erase(name);
        }
        for (const char* list : {"succeeded", "skipped"})
            for (const std::string& name : names_at(*document, list))
                if (own_.contains(name))
                    names.insert(name);
        return names;
    }

    std::vector<std::string> names_at(const data::value& document, const char* list) const
    {
        std::vector<std::string> path = meta_path_;
        path.emplace_back(list);
        std::vector<std::string> names;
        const auto found = data::find_path(document, path);
        if (found && found->is_array())
            for (const data::value& item : found->items())
                if (item.is_string())
                    names.emplace_back(item.text());
        return names;
    }

    void settle(const branch& which, const std::string& name, data::batch& batch, const branch::answers& asked,
        std::vector<record>& records) const
    {
        if (asked.all_failed) {
            who_.log(core::log_level::error, "Failed to perform enrichment '" + name + "': " + *asked.all_failed);
            for (record& r : records)
                r.fail(name, *asked.all_failed);
            return;
        }
        for (std::size_t i = 0; i < records.size(); ++i)
            if (!asked.results[i])
                records[i].skip(name);
        for (const branch::failed_message& f : asked.failed)
            records[f.index].fail(name, f.text);
        for (const branch::failed_message& f : which.overlay(batch, asked))
            records[f.index].fail(name, f.text);
    }

    void tell(data::batch& batch, const std::vector<record>& records) const
    {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (meta_path_.empty()) {
                std::vector<std::string> names;
                for (const auto& [name, why] : records[i].failed)
                    names.push_back(name);
                if (!names.empty())
                    batch[i].fail("workflow branches failed: " + listed(names));
                continue;
            }
            auto document = batch[i].structured();
            if (!document) {
                who_.log(core::log_level::error,
                    "Failed to parse message for meta update: " + document.error().text());
                batch[i].fail(document.error().text());
                continue;
            }
            data::value told = records[i].to_value();
            if (auto previous = data::find_path(*document, meta_path_); previous && !previous->is_null())
                told.set_member("previous", std::move(*previous));
            put_at(*document, meta_path_, std::move(told));
            batch[i].set_structured(std::move(*document));
        }
    }

    context who_;
    std::vector<std::string> meta_path_; ///< empty: failures become flags
    branch_map own_;
    layers order_;
};

const config::spec& workflow_branch_spec()
{
    static const config::spec spec = branch::spec();
    return spec;
}

const config::spec& workflow_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("workflow", "Runs named branches in layers.")
        .field("meta_path", field_type::string, "Where in the document it is told what became of the branches.")
        .fallback("meta.workflow")
        .lists("order", field_type::string, "The layers, each a list of names.")
        .fallback("[]")
        .list("branch_resources", field_type::string, "Branches of `processor_resources`.")
        .fallback("[]")
        .advanced()
        .object_table("branches", branch::spec(), "Branches by name.")
        .fallback("{}");
    return spec;
}

bool is_branch_name(std::string_view name)
{
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), allowed);
}

core::result<workflow_stage::branch_map> read_branches(const context& who, const config::reader& read)
{
    workflow_stage::branch_map branches;
    for (const auto& [name, object] : read.raw("branches").items()) {
        if (!is_branch_name(name))
            return unusable("workflow branch name '" + name + "' contains invalid characters");
        auto made = branch::make(who, config::reader(workflow_branch_spec(), object), "branches." + name);
        if (!made)
            return made.error();
        branches[name] = std::move(*made);
    }
    auto resources = read.strings("branch_resources");
    if (!resources)
        return resources.error();
    for (const std::string& name : *resources) {
        if (branches.contains(name))
            return unusable("branch resource name '" + name + "' collides with an explicit branch");
        if (!who.host().processor_resource(name))
            return core::error{errc::resource_missing, "processor resource '" + name + "' was not found"};
        branches[name] = nullptr;
    }
    return branches;
}

core::result<layers> read_order(const context& who, const config::reader& read, workflow_stage::branch_map& branches)
{
    layers order;
    std::set<std::string> seen;
    for (const config::node& tier : read.elements("order")) {
        if (tier.size() == 0)
            return unusable("explicit order tier '" + std::to_string(order.size()) + "' was empty");
        order.emplace_back();
        for (std::size_t i = 0; i < tier.size(); ++i) {
            const std::string& name = tier.at(i).text();
            if (!seen.insert(name).second)
                return unusable("branch specified in order listed multiple times: " + name);
            if (!branches.contains(name)) {
                if (!who.host().processor_resource(name))
                    return core::error{errc::resource_missing, "processor resource '" + name + "' was not found"};
                branches[name] = nullptr;
            }
            order.back().push_back(name);
        }
    }
    if (order.empty() && branches.size() > 1)
        return unusable("the order of the branches cannot be found by itself yet: give it in the field 'order', "
                        "e.g. order: [ [ first, second ], [ last ] ]");
    if (order.empty() && branches.size() == 1)
        return layers{{branches.begin()->first}};
    std::vector<std::string> missing;
    for (const auto& [name, mine] : branches)
        if (!seen.contains(name))
            missing.push_back(name);
    if (!missing.empty())
        return unusable("the following branches were missing from order: " + listed(missing));
    return order;
}

core::result<stage_ptr> make_workflow(const context& who, const config::reader& read)
{
    auto meta_path = read.string("meta_path");
    if (!meta_path)
        return meta_path.error();
    auto branches = read_branches(who, read);
    if (!branches)
        return branches.error();
    auto order = read_order(who, read, *branches);
    if (!order)
        return order.error();
    std::vector<std::string> path;
    if (!meta_path->empty())
        path = data::split_path(*meta_path);
    return std::make_unique<workflow_stage>(who, std::move(path), std::move(*branches), std::move(*order));
}

} // namespace

entry workflow_entry() { return {&workflow_spec, &make_workflow}; }

} // namespace lambent::processor
