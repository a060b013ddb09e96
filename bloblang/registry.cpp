#include <lambent/bloblang/registry.hpp>

#include <algorithm>
#include <map>

namespace lambent::bloblang {
namespace {

using table = std::map<std::string_view, const definition*>;

table joined(std::initializer_list<const definitions*> groups)
{
    table all;
    for (const definitions* group : groups) {
        for (const definition& d : *group)
            all.emplace(d.name, &d);
    }
    return all;
}

const table& functions()
{
    static const table all = joined({&message_functions(), &general_functions(), &random_functions(), &world_functions()});
    return all;
}

const table& methods()
{
    static const table all = joined({
        &control_methods(),
        &conversion_methods(),
        &integer_methods(),
        &number_methods(),
        &string_methods(),
        &regexp_methods(),
        &array_methods(),
        &ordering_methods(),
        &query_methods(),
        &object_methods(),
        &json_methods(),
        &time_methods(),
        &duration_methods(),
        &encoding_methods(),
        &hash_methods(),
        &url_methods(),
        &escape_methods(),
        &text_format_methods(),
        &yaml_methods(),
        &schema_methods(),
        &cipher_methods(),
        &compression_methods(),
        &nested_methods(),
        &id_methods(),
    });
    return all;
}

const definition* found(const table& all, std::string_view name)
{
    const auto at = all.find(name);
    return at != all.end() ? at->second : nullptr;
}

std::vector<const definition*> listed(const table& all)
{
    std::vector<const definition*> out;
    for (const auto& [name, d] : all)
        out.push_back(d);
    return out;
}

} // namespace

const definition* find_function(std::string_view name) { return found(functions(), name); }
const definition* find_method(std::string_view name) { return found(methods(), name); }
std::vector<const definition*> all_functions() { return listed(functions()); }
std::vector<const definition*> all_methods() { return listed(methods()); }

} // namespace lambent::bloblang
