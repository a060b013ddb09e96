#include <lambent/processor/catalogue.hpp>

#include <lambent/config/known.hpp>
#include <lambent/processor/detail/entries.hpp>

#include <array>
#include <utility>

namespace lambent::processor {
namespace {

using row = std::pair<std::string_view, entry>;

const auto& table()
{
    static const std::array rows{
        row{"archive", archive_entry()},
        row{"aws_lambda", aws_lambda_entry()},
        row{"bloblang", bloblang_entry()},
        row{"bounds_check", bounds_check_entry()},
        row{"branch", branch_entry()},
        row{"cache", cache_entry()},
        row{"cached", cached_entry()},
        row{"catch", catch_entry()},
        row{"compress", compress_entry()},
        row{"decompress", decompress_entry()},
        row{"dedupe", dedupe_entry()},
        row{"for_each", for_each_entry()},
        row{"group_by", group_by_entry()},
        row{"group_by_value", group_by_value_entry()},
        row{"insert_part", insert_part_entry()},
        row{"jmespath", jmespath_entry()},
        row{"jq", jq_entry()},
        row{"log", log_entry()},
        row{"mapping", mapping_entry()},
        row{"metric", metric_entry()},
        row{"mutation", mutation_entry()},
        row{"noop", noop_entry()},
        row{"parallel", parallel_entry()},
        row{"processors", processors_entry()},
        row{"rate_limit", rate_limit_entry()},
        row{"resource", resource_entry()},
        row{"retry", retry_entry()},
        row{"select_parts", select_parts_entry()},
        row{"sleep", sleep_entry()},
        row{"split", split_entry()},
        row{"switch", switch_entry()},
        row{"sync_response", sync_response_entry()},
        row{"try", try_entry()},
        row{"try_catch", try_catch_entry()},
        row{"unarchive", unarchive_entry()},
        row{"while", while_entry()},
        row{"workflow", workflow_entry()},
    };
    return rows;
}

/// Knows the names of the original's processors, built here or not: all that type inference asks for.
class names final : public config::lint_host
{
public:
    const config::spec* component(config::field_type kind, std::string_view name) const override
    {
        return kind == config::field_type::processor ? config::known_component(kind, name) : nullptr;
    }
    std::vector<std::string> component_names(config::field_type kind) const override
    {
        return config::known_components(kind);
    }
    std::optional<config::text_flaw> check_bloblang(std::string_view) const override { return std::nullopt; }
    std::optional<config::text_flaw> check_interpolated(std::string_view) const override { return std::nullopt; }
};

core::error not_built(const std::string& label, const std::string& path, const core::error& why)
{
    // The innermost component that failed is the one to name: an error that names one already passes through.
    if (why.code == errc::not_built)
        return why;
    const std::string who = label.empty() ? "<no label>" : "'" + label + "'";
    return core::error{errc::not_built, "failed to init processor " + who + " path root." + path + ": " + why.text()};
}

} // namespace

std::span<const std::pair<std::string_view, entry>> catalogue() { return table(); }

const entry* find(std::string_view name)
{
    for (const row& r : table())
        if (r.first == name)
            return &r.second;
    return nullptr;
}

core::result<stage_ptr> build(host& owner, const config::node& object, const std::string& path)
{
    const names known;
    auto what = config::infer_component(known, config::field_type::processor, object);
    if (!what)
        return not_built({}, path, what.error());
    const entry* found = find(what->name);
    if (!found)
        return not_built(what->label, path, core::error{errc::invalid_config, "lambent has no processor '" + what->name + "' yet"});
    const context who(owner, what->name, what->label, path);
    const config::reader read(found->spec(), what->value);
    if (auto readable = read.check(); !readable)
        return not_built(what->label, path, readable.error());
    auto made = found->make(who, read);
    if (!made)
        return not_built(what->label, path, made.error());
    return made;
}

core::result<std::vector<stage_ptr>> build_all(
    host& owner, const std::vector<config::node>& objects, const std::string& path)
{
    std::vector<stage_ptr> stages;
    stages.reserve(objects.size());
    for (std::size_t i = 0; i < objects.size(); ++i) {
        auto made = build(owner, objects[i], path + "." + std::to_string(i));
        if (!made)
            return made.error();
        stages.push_back(std::move(*made));
    }
    return stages;
}

} // namespace lambent::processor
