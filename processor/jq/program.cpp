#include <lambent/processor/jq/program.hpp>

#include <lambent/bloblang/go_text.hpp>
#include <lambent/data/json.hpp>
#include <lambent/processor/detail/expressions.hpp>
#include <lambent/processor/jq/prelude.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <utility>

extern "C" {
#include <jq.h>
}

namespace lambent::processor::jq {
namespace {

/// Results of one run beyond this number are a failure: a query can go on for ever.
constexpr std::size_t results_max = 1'000'000;

/// libjq knows doubles only: the texts of numbers that a double would be written otherwise.
class spellings
{
public:
    void learn(const data::value& v)
    {
        switch (v.kind()) {
        case data::kind::number: learn_number(v.text()); break;
        case data::kind::array:
            for (const data::value& item : v.items())
                learn(item);
            break;
        case data::kind::object:
            for (const data::member& m : v.members())
                learn(m.item);
            break;
        default: break;
        }
    }

    data::value number(double d) const
    {
        const auto known = texts_.find(std::bit_cast<std::uint64_t>(d));
        if (known != texts_.end() && !known->second.empty())
            return data::value::number(known->second);
        if (d == std::trunc(d) && std::fabs(d) < 0x1p63)
            return static_cast<std::int64_t>(d);
        return d;
    }

    static double parsed(std::string_view text)
    {
        const auto read = bloblang::parse_float(text);
        if (const double* d = std::get_if<double>(&read))
            return *d;
        return text.starts_with('-') ? -HUGE_VAL : HUGE_VAL;
    }

private:
    void learn_number(std::string_view text)
    {
        const double d = parsed(text);
        const auto plain = data::write_json(data::value(d));
        const bool usual = plain && *plain == text;
        // A number that occurs in its usual form too is written so: which of the two a result is cannot be told.
        const auto [known, fresh] = texts_.try_emplace(std::bit_cast<std::uint64_t>(d), usual ? std::string_view() : text);
        if (!fresh && usual)
            known->second.clear();
    }

    std::unordered_map<std::uint64_t, std::string> texts_;
};

jv text_of(std::string_view text) { return jv_string_sized(text.data(), static_cast<int>(text.size())); }

jv to_jv(const data::value& v)
{
    switch (v.kind()) {
    case data::kind::boolean: return jv_bool(v.as_bool() ? 1 : 0);
    case data::kind::int64: return jv_number(static_cast<double>(v.as_int64()));
    case data::kind::uint64: return jv_number(static_cast<double>(v.as_uint64()));
    case data::kind::float64: return jv_number(v.as_float64());
    case data::kind::number: return jv_number(spellings::parsed(v.text()));
    case data::kind::string:
    case data::kind::bytes: return text_of(v.text());
    case data::kind::array: {
        jv made = jv_array_sized(static_cast<int>(v.size()));
        for (const data::value& item : v.items())
            made = jv_array_append(made, to_jv(item));
        return made;
    }
    case data::kind::object: {
        jv made = jv_object();
        for (const data::member& m : v.members())
            made = jv_object_set(made, text_of(m.name()), to_jv(m.item));
        return made;
    }
    default: return jv_null();
    }
}

std::string_view view_of(jv text)
{
    return {jv_string_value(text), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(text)))};
}

/// Takes `v`.
data::value from_jv(jv v, const spellings& known)
{
    data::value made;
    switch (jv_get_kind(v)) {
    case JV_KIND_FALSE: made = data::value(false); break;
    case JV_KIND_TRUE: made = data::value(true); break;
    case JV_KIND_NUMBER: made = known.number(jv_number_value(v)); break;
    case JV_KIND_STRING: made = data::value(view_of(v)); break;
    case JV_KIND_ARRAY: {
        std::vector<data::value> items;
        const int count = jv_array_length(jv_copy(v));
        items.reserve(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i)
            items.push_back(from_jv(jv_array_get(jv_copy(v), i), known));
        made = data::value::array(std::move(items));
        break;
    }
    case JV_KIND_OBJECT: {
        std::vector<data::member> members;
        for (int i = jv_object_iter(v); jv_object_iter_valid(v, i) != 0; i = jv_object_iter_next(v, i))
            members.push_back({from_jv(jv_object_iter_key(v, i), known), from_jv(jv_object_iter_value(v, i), known)});
        made = data::value::object(std::move(members));
        // A failure that the query caught: its text.
        if (made.size() == 1 && made.members()[0].name() == failure_key)
            made = data::value(failure_text(made.members()[0].item));
        break;
    }
    default: break;
    }
    jv_free(v);
    return made;
}

void keep_message(void* into, jv message)
{
    static_cast<std::string*>(into)->append(view_of(message)).push_back('\n');
    jv_free(message);
}

} // namespace

/// A libjq machine with a program in it.
struct program::machine
{
    machine() : state(jq_init())
    {
        if (state != nullptr)
            jq_set_error_cb(state, keep_message, &messages);
    }
    machine(const machine&) = delete;
    machine& operator=(const machine&) = delete;
    ~machine() { jq_teardown(&state); }

    bool compile(const std::string& text)
    {
        jv named = jv_object_set(jv_object(), jv_string("metadata"), jv_object());
        return state != nullptr && jq_compile_args(state, text.c_str(), named) != 0;
    }

    jq_state* state;
    std::string messages;
};

struct program::beginning
{
    std::unique_ptr<machine> ready;
};

namespace {

/// The query with everything around it: it runs on [document, metadata].
std::string whole_program(std::string_view query)
{
    std::string all(prelude());
    all.append(". as [$_lambent_input, $metadata] | {} as $ENV | $_lambent_input | (");
    all.append(query).append("\n)");
    return all;
}

/// A function of libjq's that the original does not have; empty: none is called.
std::string_view foreign_function(std::span<const piece> pieces)
{
    static constexpr std::array<std::string_view, 8> foreign{"input", "inputs", "keys_unsorted", "input_filename",
        "input_line_number", "get_search_list", "ascii", "get_prog_origin"};
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const bool key = i + 1 < pieces.size() && (pieces[i + 1].text == ":" || pieces[i + 1].text == "(");
        if (!key && std::ranges::find(foreign, pieces[i].text) != foreign.end())
            return pieces[i].text;
    }
    return {};
}

/// The word that ends before `at` in a compiler's message.
std::string undefined_name(const std::string& messages)
{
    const std::size_t end = messages.find(" is not defined");
    if (end == std::string::npos)
        return {};
    const std::size_t from = messages.rfind(' ', end - 1);
    return messages.substr(from + 1, end - from - 1);
}

} // namespace

program::program(std::string query, std::unique_ptr<machine> ready)
    : query_(std::make_unique<std::string>(std::move(query))), machine_(std::move(ready))
{
}

program::program(program&&) noexcept = default;
program& program::operator=(program&&) noexcept = default;
program::~program() = default;

core::result<program> program::compile(std::string_view query)
{
    const std::vector<piece> pieces = pieces_of(query);
    if (!pieces.empty() && pieces.back().broken)
        return unusable("error parsing jq query: unterminated string literal");
    if (auto name = foreign_function(pieces); !name.empty())
        return unusable("error compiling jq query: "
            + (name.starts_with("input") && name.size() < 7 ? std::string("input(s)/0 is not allowed")
                                                           : "function not defined: " + std::string(name) + "/0"));
    const std::string usual = rewritten(pieces);
    auto bare = std::make_unique<machine>(); // alone first: within parentheses a stray one would close them
    if (bare->compile(std::string(prelude()) + usual)) {
        auto ready = std::make_unique<machine>();
        if (ready->compile(whole_program(usual)))
            return program(std::string(query), std::move(ready));
        return unusable("error parsing jq query: " + ready->messages);
    }
    const std::string name = undefined_name(bare->messages);
    if (bare->messages.find("syntax error") == std::string::npos && !name.empty()) {
        return unusable("error compiling jq query: "
            + std::string(name.starts_with('$') ? "variable" : "function") + " not defined: " + name);
    }
    // The first piece after which libjq no longer waits for more is the one out of place.
    for (std::size_t count = 1; count <= pieces.size(); ++count) {
        machine part;
        if (!part.compile(rewritten(std::span(pieces).first(count)))
                && part.messages.find("syntax error") != std::string::npos
                && part.messages.find("unexpected end") == std::string::npos
                && part.messages.find("unexpected $end") == std::string::npos)
            return unusable("error parsing jq query: unexpected token " + bloblang::go_quote(pieces[count - 1].text));
    }
    return unusable("error parsing jq query: unexpected EOF");
}

core::result<std::vector<data::value>> program::run(const data::value& input, const data::value& metadata)
{
    spellings known;
    known.learn(input);
    known.learn(metadata);
    jq_state* state = machine_->state;
    jq_start(state, to_jv(data::value::array({input, metadata})), 0);
    std::vector<data::value> found;
    jv next = jq_next(state);
    while (jv_is_valid(next) != 0) {
        found.push_back(from_jv(next, known));
        if (found.size() > results_max) {
            jq_start(state, jv_null(), 0);
            return unusable("the jq query gives more than " + std::to_string(results_max) + " results");
        }
        next = jq_next(state);
    }
    if (jq_halted(state) != 0) {
        jv_free(next);
        const data::value said = from_jv(jq_get_error_message(state), known);
        return unusable("halt error: " + (said.is_string() ? std::string(said.text()) : preview(said)));
    }
    if (jv_invalid_has_msg(jv_copy(next)) == 0) {
        jv_free(next);
        return found;
    }
    jv message = jv_invalid_get_msg(next);
    const bool failed_by_machine = jv_get_kind(message) == JV_KIND_OBJECT;
    const data::value said = from_jv(message, known);
    if (!said.is_string()) {
        const auto written = data::write_json(said);
        return unusable("error: " + (written ? *written : std::string("null")));
    }
    const std::string text(said.text());
    if (failed_by_machine)
        return unusable(text);
    constexpr std::string_view key_start = "Cannot use ";
    constexpr std::string_view key_end = " as object key";
    if (text.starts_with(key_start) && text.ends_with(key_end))
        return unusable("expected a string for object key but got: "
            + text.substr(key_start.size(), text.size() - key_start.size() - key_end.size()));
    if (!blamed_type(text).empty())
        return unusable(explained(text, input, metadata));
    return unusable("error: " + text); // given by the query itself
}

std::string program::explained(std::string_view complaint, const data::value& input, const data::value& metadata)
{
    if (!std::exchange(divided_, true)) {
        const std::vector<piece> pieces = pieces_of(*query_);
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            const std::string_view t = pieces[i].text;
            if (i > 0 && t != "[" && t != "|" && !(t.starts_with('.') && t.size() > 1))
                continue;
            const std::size_t count = i > 0 && pieces[i - 1].text == "|" ? i - 1 : i;
            auto part = std::make_unique<machine>();
            if (part->compile(whole_program(count == 0 ? "." : rewritten(std::span(pieces).first(count)))))
                beginnings_.push_back({std::move(part)});
        }
    }
    spellings known;
    known.learn(input);
    const std::string_view type = blamed_type(complaint);
    std::vector<data::value> passed;
    for (auto last = beginnings_.rbegin(); last != beginnings_.rend(); ++last) { // the longest that still works
        const beginning& one = *last;
        jq_start(one.ready->state, to_jv(data::value::array({input, metadata})), 0);
        jv next = jq_next(one.ready->state);
        for (std::size_t count = 0; jv_is_valid(next) != 0 && count < results_max; ++count) {
            const data::value got = from_jv(next, known);
            if (type_name(got) == type)
                return *access_error(complaint, &got);
            passed.push_back(got);
            next = jq_next(one.ready->state);
        }
        jv_free(next);
    }
    // Inside of a map or the like: an element of what went in.
    for (const data::value& list : passed) {
        for (const data::value& item : list.is_array() ? list.items() : std::span<const data::value>()) {
            if (type_name(item) == type)
                return *access_error(complaint, &item);
        }
    }
    return *access_error(complaint, nullptr);
}

} // namespace lambent::processor::jq
