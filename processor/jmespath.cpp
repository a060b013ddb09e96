#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>
#include <lambent/processor/jmespath/query.hpp>

#include <lambent/bloblang/go_text.hpp>

#include <cmath>
#include <utility>
#include <vector>

namespace lambent::processor {
namespace {

/// Numbers become float64, as the query language has them; one out of range becomes infinite.
data::value with_floats(const data::value& v)
{
    switch (v.kind()) {
    case data::kind::number: {
        const auto read = bloblang::parse_float(v.text());
        if (const double* number = std::get_if<double>(&read))
            return *number;
        return v.text().starts_with('-') ? -HUGE_VAL : HUGE_VAL;
    }
    case data::kind::int64: return static_cast<double>(v.as_int64());
    case data::kind::uint64: return static_cast<double>(v.as_uint64());
    case data::kind::array: {
        std::vector<data::value> items;
        items.reserve(v.size());
        for (const data::value& item : v.items())
            items.push_back(with_floats(item));
        return data::value::array(std::move(items));
    }
    case data::kind::object: {
        std::vector<data::member> members;
        members.reserve(v.size());
        for (const data::member& m : v.members())
            members.push_back({m.key, with_floats(m.item)});
        return data::value::object(std::move(members));
    }
    default: return v;
    }
}

/// Replaces a document by what a JMESPath query makes of it.
class jmespath_stage final : public stage
{
public:
    jmespath_stage(const context& who, jmespath::query query) : who_(who), query_(std::move(query)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        for (data::message& m : batch) {
            const auto document = m.structured();
            if (!document) {
                who_.fail(m, document.error().text());
                continue;
            }
            data::value numbers = with_floats(*document);
            auto found = query_.search(numbers);
            if (found) {
                m.set_structured(std::move(*found));
                continue;
            }
            // The original has changed the numbers in place by then; a lone number excepted.
            if (numbers.is_array() || numbers.is_object())
                m.set_structured(std::move(numbers));
            who_.fail(m, found.error().text());
        }
        co_return as_batches(std::move(batch));
    }

private:
    context who_;
    jmespath::query query_;
};

const config::spec& jmespath_spec()
{
    static const config::spec spec =
        config::spec("jmespath", "Replaces a JSON document by the result of a JMESPath query on it.")
            .field("query", config::field_type::string, "The query.");
    return spec;
}

core::result<stage_ptr> make_jmespath(const context& who, const config::reader& read)
{
    auto text = read.string("query");
    if (!text)
        return text.error();
    auto query = jmespath::query::compile(*text);
    if (!query)
        return unusable("failed to compile JMESPath query: " + query.error().text());
    return std::make_unique<jmespath_stage>(who, std::move(*query));
}

} // namespace

entry jmespath_entry() { return {&jmespath_spec, &make_jmespath}; }

} // namespace lambent::processor
