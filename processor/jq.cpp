#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>
#include <lambent/processor/jq/program.hpp>

#include <lambent/data/json.hpp>

#include <utility>
#include <vector>

namespace lambent::processor {
namespace {

data::value metadata_of(const data::message& m)
{
    std::vector<data::member> all;
    for (const auto& [key, v] : m.metadata())
        all.push_back({data::value(key), v});
    return data::value::object(std::move(all));
}

/// Replaces a message by what a jq query makes of it: nothing, one value, or a list of several.
class jq_stage final : public stage
{
public:
    jq_stage(const context& who, jq::program program, bool raw_input, bool raw_output)
        : who_(who), program_(std::move(program)), raw_input_(raw_input), raw_output_(raw_output)
    {
    }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        data::batch kept;
        kept.reserve(batch.size());
        for (data::message& m : batch) {
            auto results = run(m);
            if (!results) {
                who_.fail(m, results.error().text());
                kept.push_back(std::move(m));
                continue;
            }
            if (results->empty())
                continue;
            if (raw_output_) {
                if (auto text = raw(*results))
                    m.set_bytes(std::move(*text));
                else
                    who_.fail(m, text.error().text());
            } else if (results->size() == 1) {
                m.set_structured(std::move(results->front()));
            } else {
                m.set_structured(data::value::array(std::move(*results)));
            }
            kept.push_back(std::move(m));
        }
        co_return as_batches(std::move(kept));
    }

private:
    core::result<std::vector<data::value>> run(const data::message& m)
    {
        if (raw_input_)
            return program_.run(data::value(m.bytes()), metadata_of(m));
        const auto document = m.structured();
        if (!document)
            return document.error();
        return program_.run(*document, metadata_of(m));
    }

    /// One after another without anything between them.
    static core::result<std::string> raw(const std::vector<data::value>& results)
    {
        std::string all;
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (results[i].is_string()) {
                all += results[i].text();
                continue;
            }
            if (auto written = data::write_json(all, results[i], {.escape_html = true}); !written)
                return unusable("failed marshal JQ result at index " + std::to_string(i) + ": " + written.error().text());
        }
        return all;
    }

    context who_;
    jq::program program_;
    bool raw_input_;
    bool raw_output_;
};

const config::spec& jq_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("jq", "Replaces a message by the results of a jq query on it.")
        .field("query", field_type::string, "The query; metadata is in $metadata.")
        .field("raw", field_type::boolean, "Give the contents to the query as a string instead of as JSON.")
        .fallback("false")
        .advanced()
        .field("output_raw", field_type::boolean, "Write results that are strings without quotes.")
        .fallback("false")
        .advanced();
    return spec;
}

core::result<stage_ptr> make_jq(const context& who, const config::reader& read)
{
    auto query = read.string("query");
    if (!query)
        return query.error();
    auto raw_input = read.boolean("raw");
    if (!raw_input)
        return raw_input.error();
    auto raw_output = read.boolean("output_raw");
    if (!raw_output)
        return raw_output.error();
    auto program = jq::program::compile(*query);
    if (!program)
        return program.error();
    return std::make_unique<jq_stage>(who, std::move(*program), *raw_input, *raw_output);
}

} // namespace

entry jq_entry() { return {&jq_spec, &make_jq}; }

} // namespace lambent::processor
