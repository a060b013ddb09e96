#include <lambent/bloblang/failure.hpp>
#include <lambent/bloblang/value_rules.hpp>

namespace lambent::bloblang {

problem failed(std::string text)
{
    auto why = std::make_unique<failure>();
    why->text = std::move(text);
    return why;
}

problem wrong_type(std::string_view expected, const data::value& got)
{
    auto why = failed("expected " + std::string(expected) + " value, got " + std::string(type_name(got)));
    why->of_type = true;
    if (got.is_string())
        why->preview = " (\"" + std::string(got.text()) + "\")";
    else if (got.is_numeric() || got.kind() == data::kind::boolean)
        why->preview = " (" + to_text(got) + ")";
    return why;
}

problem named_by(problem why, std::string_view source)
{
    if (why->complete)
        return why;
    if (why->own_words) {
        why->own_words = false;
        return why;
    }
    if (why->of_type) {
        if (why->from.empty())
            why->from = source;
        return why;
    }
    if (!why->sourced)
        why->text = std::string(source) + ": " + why->text;
    why->sourced = true;
    return why;
}

problem within(std::string_view words, problem why)
{
    why->text = std::string(words) + why->words();
    why->from.clear();
    why->preview.clear();
    why->of_type = false;
    why->own_words = false;
    why->complete = false;
    return why;
}

} // namespace lambent::bloblang
