#include <lambent/bloblang/mapping.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/parse_mapping.hpp>
#include <lambent/bloblang/value_rules.hpp>

namespace lambent::bloblang {

using data::value;

struct mapping::program
{
    compiled_mapping parts;
    const environment* world;
};

namespace {

core::error told(const failure& why)
{
    core::error e;
    e.code = core::errc::closed;
    e.detail = why.words();
    return e;
}

frame frame_of(const environment& world, const compiled_mapping& parts, const data::batch& reference, std::size_t index)
{
    frame at;
    at.world = &world;
    at.maps = parts.maps.get();
    at.reference = &reference;
    at.index = index;
    at.document_index = index;
    at.fallback = document::of_message;
    return at;
}

/// An evaluation whose account is used up has failed for that, also where a `catch` took the failure, or where a method that had to
/// stop early found something else to say.
problem run_all(const compiled_mapping& parts, const frame& at, outcome_slots& into)
{
    problem why = parts.statements->run(at, into);
    if (!overspent())
        return why;
    problem spent = spent_too_much();
    return why && why->words().find(spent->text) != std::string::npos ? std::move(why) : std::move(spent);
}

core::result<effect> settle(value root, data::message& onto)
{
    if (root.is_nothing())
        return effect::unchanged;
    if (root.is_deleted())
        return effect::deleted;
    if (root.is_text()) {
        onto.set_bytes(std::string(root.text()));
        return effect::changed;
    }
    core::error why;
    if (onto.set_writable(std::move(root), why))
        return effect::changed;
    why.detail = "failed to write root: " + why.detail;
    return why;
}

} // namespace

parsed<mapping> mapping::parse(std::string_view text, const environment& world)
{
    const metered costs(world.limits());
    auto made = parse_mapping(text, world, {world.directory(), 0});
    if (auto* wrong = std::get_if<parse_error>(&made))
        return std::move(*wrong);
    mapping out;
    out.program_ = std::make_shared<program>(program{std::get<compiled_mapping>(std::move(made)), &world});
    return out;
}

core::result<effect> mapping::map(data::message& onto, const data::batch& reference, std::size_t index) const
{
    const metered costs(program_->world->limits());
    outcome_slots into;
    into.message = &onto;
    variable_table variables;
    frame at = frame_of(*program_->world, program_->parts, reference, index);
    at.variables = &variables;
    at.target = &onto;
    at.root = &into.root;
    if (const problem why = run_all(program_->parts, at, into))
        return told(*why);
    return settle(std::move(into.root), onto);
}

core::result<effect> mapping::overlay(
    data::message& onto, const data::batch& reference, std::size_t index, bool onto_is_reference) const
{
    const metered costs(program_->world->limits());
    outcome_slots into;
    into.message = &onto;
    bool structured = false;
    if (core::result<value> document = onto.structured()) {
        into.root = std::move(document).value();
        structured = true;
    }
    // A message that is `null` has no document once it is opened for changes: the original holds nothing then.
    if (onto_is_reference && structured && into.root.kind() == data::kind::null) {
        onto.set_bytes({});
        structured = false;
    }
    live_document live{&onto, index, structured ? &into.root : nullptr};
    variable_table variables;
    frame at = frame_of(*program_->world, program_->parts, reference, index);
    at.variables = &variables;
    at.target = &onto;
    at.root = &into.root;
    if (onto_is_reference) {
        at.live = &live;
        into.live = &live;
    }
    const problem why = run_all(program_->parts, at, into);
    // What earlier statements did stays, also when a later one fails: the original changes the message in place.
    if (why && into.root.is_deleted())
        return told(*why);
    core::result<effect> done = settle(into.root, onto);
    if (why)
        return told(*why);
    return done;
}

core::result<bool> mapping::check(const data::batch& reference, std::size_t index) const
{
    core::result<value> v = evaluate(reference, index);
    if (!v)
        return v.error();
    core::error e;
    e.code = core::errc::closed;
    // A text would have become the contents of a message, which are read as a document.
    if (v.value().is_text()) {
        v = data::message(std::string(v.value().text())).structured();
        if (!v) {
            e.detail = v.error().text();
            return e;
        }
    }
    if (v.value().kind() == data::kind::boolean)
        return v.value().as_bool();
    if (v.value().is_deleted())
        e.detail = "query mapping resulted in deleted message, expected a boolean value";
    else
        e.detail = named_by(wrong_type("bool", v.value()), "mapping")->words();
    return e;
}

core::result<value> mapping::evaluate(const data::batch& reference, std::size_t index) const
{
    const metered costs(program_->world->limits());
    outcome_slots into;
    data::message scratch = index < reference.size() ? reference[index] : data::message();
    into.message = &scratch;
    variable_table variables;
    frame at = frame_of(*program_->world, program_->parts, reference, index);
    at.variables = &variables;
    at.target = &scratch;
    at.root = &into.root;
    if (const problem why = run_all(program_->parts, at, into))
        return told(*why);
    return std::move(into.root);
}

core::result<value> mapping::evaluate_onto(data::message& onto, const data::batch& reference, std::size_t index) const
{
    const metered costs(program_->world->limits());
    outcome_slots into;
    into.message = &onto;
    const live_document live{&onto, index, nullptr};
    variable_table variables;
    frame at = frame_of(*program_->world, program_->parts, reference, index);
    at.variables = &variables;
    at.target = &onto;
    at.root = &into.root;
    at.live = &live;
    if (const problem why = run_all(program_->parts, at, into))
        return told(*why);
    return std::move(into.root);
}

} // namespace lambent::bloblang
