#include <lambent/bloblang/json_schema.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/core/bytes.hpp>
#include <lambent/data/json.hpp>
#include <lambent/data/number_text.hpp>

#include <openssl/evp.h>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

constexpr unsigned depth_max = 1'000;

/// A type of the common schema: its name and the number that fingerprints use.
struct schema_type
{
    std::string_view name;
    int number = 0;
};

std::variant<schema_type, problem> type_of(const value& v)
{
    switch (v.kind()) {
    case kind::boolean:
        return schema_type{"BOOLEAN", 1};
    case kind::int64:
        if (v.width() == 32)
            return schema_type{"INT32", 2};
        if (v.width() == 0)
            return schema_type{"INT64", 3};
        break;
    case kind::float64:
        return v.width() == 32 ? schema_type{"FLOAT32", 4} : schema_type{"FLOAT64", 5};
    case kind::number:
        if (data::int64_of(v.text()))
            return schema_type{"INT64", 3};
        if (data::float64_of(v.text()))
            return schema_type{"FLOAT64", 5};
        return failed(" json.Number value \"" + std::string(v.text()) + "\" is not parseable as int64 or float64");
    case kind::string:
        return schema_type{"STRING", 6};
    case kind::bytes:
        return schema_type{"BYTE_ARRAY", 7};
    case kind::object:
        return schema_type{"OBJECT", 8};
    case kind::array:
        return schema_type{"ARRAY", 10};
    case kind::null:
        return schema_type{"NULL", 11};
    case kind::timestamp:
        return schema_type{"TIMESTAMP", 13};
    default:
        break;
    }
    return failed(" unsupported data type: " + go_type(v));
}

struct schema
{
    std::string name;
    schema_type type;
    std::vector<schema> children;
};

problem infer(const value& v, std::string name, schema& out, unsigned depth)
{
    out.name = std::move(name);
    if (!spend(1, sizeof(schema)))
        return spent_too_much();
    if (depth > depth_max)
        return failed(" nested deeper than " + std::to_string(depth_max) + " levels");
    auto type = type_of(v);
    if (auto* why = std::get_if<problem>(&type))
        return std::move(*why);
    out.type = std::get<schema_type>(type);
    if (v.is_object()) {
        for (const data::member& m : v.members()) {
            if (problem why = infer(m.item, std::string(m.name()), out.children.emplace_back(), depth + 1))
                return within("." + std::string(m.name()), std::move(why));
        }
    }
    for (std::size_t i = 0; v.is_array() && i < v.size(); ++i) {
        schema element;
        const std::string where = "." + std::to_string(i);
        if (problem why = infer(v.items()[i], "", element, depth + 1))
            return within(where, std::move(why));
        if (i == 0)
            out.children.push_back(std::move(element));
        else if (out.children.front().type.number != element.type.number)
            return failed(where + " mismatched array types, found " + std::string(out.children.front().type.name) + " and " +
                std::string(element.type.name));
    }
    return nullptr;
}

/// The form whose SHA-256 is the fingerprint: type number, name, optional flag (never), children.
void write_canonical(std::string& out, const schema& s)
{
    out += "T:" + std::to_string(s.type.number) + "|N:" + s.name + "|O:0|C:" + std::to_string(s.children.size()) + "|";
    for (std::size_t i = 0; i < s.children.size(); ++i) {
        out += "[" + std::to_string(i) + ":";
        write_canonical(out, s.children[i]);
        out += "]";
    }
}

value exported(const schema& s)
{
    std::string canonical;
    write_canonical(canonical, s);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_Digest(canonical.data(), canonical.size(), digest, &size, EVP_sha256(), nullptr);
    value out = value::object();
    out.set_member("type", value(s.type.name));
    out.set_member("fingerprint", value(core::to_hex(std::string_view(reinterpret_cast<const char*>(digest), size))));
    if (!s.name.empty())
        out.set_member("name", value(s.name));
    if (!s.children.empty()) {
        std::vector<value> children;
        for (const schema& child : s.children)
            children.push_back(exported(child));
        out.set_member("children", value::array(std::move(children)));
    }
    return out;
}

answer infer_schema(const call& c)
{
    schema s;
    if (problem why = infer(c.target, "", s, 0))
        return why;
    return exported(s);
}

preparation compile_schema(const arguments& args, const environment&)
{
    auto made = json_schema::compile(args.text(0));
    if (auto* why = std::get_if<problem>(&made))
        return {nullptr, within("failed to parse json schema definition: ", std::move(*why))};
    return {std::get<std::shared_ptr<json_schema>>(std::move(made)), nullptr};
}

answer json_schema_(const call& c)
{
    if (problem why = c.args.prepared<json_schema>().check(c.target))
        return why;
    return c.target;
}

} // namespace

const definitions& schema_methods()
{
    static const definitions all = {
        {.name = "infer_schema", .run = infer_schema, .unsourced = true},
        {.name = "json_schema",
            .parameters = {{"schema", parameter_type::string}},
            .run = json_schema_,
            .prepare = compile_schema},
    };
    return all;
}

} // namespace lambent::bloblang
