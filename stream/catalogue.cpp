#include <lambent/stream/catalogue.hpp>

#include <lambent/processor/catalogue.hpp>
#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/processed.hpp>
#include <lambent/stream/resources.hpp>
#include <lambent/stream/schema.hpp>

#include <array>

namespace lambent::stream {

std::span<const component_row<input>> inputs()
{
    static const std::array rows{
        component_row<input>{"batched", batched_input_entry()},
        component_row<input>{"broker", broker_input_entry()},
        component_row<input>{"file", file_input_entry()},
        component_row<input>{"generate", generate_input_entry()},
        component_row<input>{"read_until", read_until_input_entry()},
        component_row<input>{"resource", resource_input_entry()},
        component_row<input>{"sequence", sequence_input_entry()},
        component_row<input>{"stdin", stdin_input_entry()},
    };
    return rows;
}

std::span<const component_row<output>> outputs()
{
    static const std::array rows{
        component_row<output>{"broker", broker_output_entry()},
        component_row<output>{"drop", drop_output_entry()},
        component_row<output>{"drop_on", drop_on_output_entry()},
        component_row<output>{"fallback", fallback_output_entry()},
        component_row<output>{"file", file_output_entry()},
        component_row<output>{"reject", reject_output_entry()},
        component_row<output>{"reject_errored", reject_errored_output_entry()},
        component_row<output>{"resource", resource_output_entry()},
        component_row<output>{"retry", retry_output_entry()},
        component_row<output>{"stdout", stdout_output_entry()},
        component_row<output>{"switch", switch_output_entry()},
    };
    return rows;
}

std::span<const component_row<core::limiter>> rate_limits()
{
    static const std::array rows{component_row<core::limiter>{"local", local_rate_limit_entry()}};
    return rows;
}

std::span<const component_row<processor::cache>> caches()
{
    static const std::array rows{component_row<processor::cache>{"memory", memory_cache_entry()}};
    return rows;
}

namespace {

/// The innermost component that failed is the one to name: an error that names one passes through.
core::error not_built(config::field_type kind, const std::string& label, const std::string& path, const core::error& why)
{
    if (why.code == errc::not_built || why.code == processor::errc::not_built)
        return why;
    const std::string who = label.empty() ? "<no label>" : "'" + label + "'";
    return core::error{errc::not_built,
        "failed to init " + std::string(config::kind_name(kind)) + " " + who + " path root." + path + ": " + why.text()};
}

template <class T>
struct built
{
    std::unique_ptr<T> component;
    processor::context who;
};

template <class T>
core::result<built<T>> build(resources& in, std::span<const component_row<T>> rows, config::field_type kind,
    const config::node& object, const std::string& path)
{
    auto what = config::infer_component(schema(), kind, object);
    if (!what)
        return not_built(kind, {}, path, what.error());
    for (const auto& [name, entry] : rows) {
        if (name != what->name)
            continue;
        processor::context who(in, what->name, what->label, path);
        const config::reader read(entry.spec(), what->value);
        if (auto checked = read.check(); !checked)
            return not_built(kind, what->label, path, checked.error());
        auto made = entry.make(in, who, read);
        if (!made)
            return not_built(kind, what->label, path, made.error());
        return built<T>{std::move(*made), std::move(who)};
    }
    const core::error unknown{errc::invalid_config, "lambent has no " + std::string(config::kind_name(kind)) + " '" + what->name + "' yet"};
    return not_built(kind, what->label, path, unknown);
}

core::result<std::vector<processor::stage_ptr>> build_processors(resources& in, const config::node& object, const std::string& path)
{
    const config::node list = object.get("processors");
    std::vector<config::node> objects;
    for (std::size_t i = 0; i < list.size(); ++i)
        objects.push_back(list.at(i));
    return processor::build_all(in, objects, path + ".processors");
}

} // namespace

core::result<input_ptr> build_input(resources& in, const config::node& object, const std::string& path)
{
    auto made = build<input>(in, inputs(), config::field_type::input, object, path);
    if (!made)
        return made.error();
    auto stages = build_processors(in, object, path);
    if (!stages)
        return stages.error();
    return with_processors(in, std::move(made->component), std::move(*stages));
}

core::result<output_ptr> build_output(resources& in, const config::node& object, const std::string& path)
{
    auto made = build<output>(in, outputs(), config::field_type::output, object, path);
    if (!made)
        return made.error();
    auto stages = build_processors(in, object, path);
    if (!stages)
        return stages.error();
    return with_processors(std::move(made->component), std::move(*stages));
}

core::result<std::unique_ptr<core::limiter>> build_rate_limit(resources& in, const config::node& object, const std::string& path)
{
    auto made = build<core::limiter>(in, rate_limits(), config::field_type::rate_limit, object, path);
    if (!made)
        return made.error();
    return std::move(made->component);
}

core::result<std::unique_ptr<processor::cache>> build_cache(resources& in, const config::node& object, const std::string& path)
{
    auto made = build<processor::cache>(in, caches(), config::field_type::cache, object, path);
    if (!made)
        return made.error();
    return std::move(made->component);
}

} // namespace lambent::stream
