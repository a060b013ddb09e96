#include <lambent/bloblang/expression.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/data/number_text.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

std::string literal_name(const value& v)
{
    switch (v.kind()) {
    case kind::deleted:
        return "delete";
    case kind::nothing:
        return "nothing";
    default:
        return std::string(type_name(v)) + " literal";
    }
}

class literal_expression final : public expression
{
public:
    literal_expression(value v, std::string name) : value_(std::move(v)), name_(std::move(name)) {}

    std::string annotation() const override { return name_; }
    const value* literal() const noexcept override { return &value_; }

protected:
    answer run(const frame&) const override { return value_; }

private:
    value value_;
    std::string name_;
};

class array_expression final : public expression
{
public:
    explicit array_expression(std::vector<expression_ptr> items) : items_(std::move(items)) {}

    const std::vector<expression_ptr>& items() const noexcept { return items_; }

    std::string annotation() const override { return "array literal"; }

protected:
    answer run(const frame& at) const override
    {
        if (!spend(0, items_.size() * sizeof(value)))
            return spent_too_much();
        std::vector<value> out;
        out.reserve(items_.size());
        for (const expression_ptr& item : items_) {
            answer a = item->eval(at);
            if (!a.ok())
                return a;
            if (!a.value().is_deleted() && !a.value().is_nothing())
                out.push_back(std::move(a).value());
        }
        return value::array(std::move(out));
    }

private:
    std::vector<expression_ptr> items_;
};

class object_expression final : public expression
{
public:
    explicit object_expression(std::vector<object_part> parts) : parts_(std::move(parts)) { find_places(); }

    const std::vector<object_part>& parts() const noexcept { return parts_; }

    std::string annotation() const override { return "object literal"; }

protected:
    answer run(const frame& at) const override { return places_.empty() ? run_sorting(at) : run_in_places(at); }

private:
    static constexpr std::size_t places_max = 16;

    /// Where each part stands by its key, when all keys are known and differ.
    void find_places()
    {
        if (parts_.size() > places_max)
            return;
        std::vector<value> keys;
        for (const object_part& part : parts_) {
            const value* key = part.key->literal();
            if (key == nullptr || !key->is_string())
                return;
            keys.push_back(*key);
        }
        const auto below = [&](const value& key) {
            return std::count_if(keys.begin(), keys.end(), [&](const value& other) { return other.text() < key.text(); });
        };
        std::vector<std::size_t> places;
        for (const value& key : keys) {
            if (std::count_if(keys.begin(), keys.end(), [&](const value& other) { return other.text() == key.text(); }) > 1)
                return;
            places.push_back(static_cast<std::size_t>(below(key)));
        }
        places_ = std::move(places);
    }

    problem of_item(const value& key, answer item) const
    {
        return within("failed to resolve '" + std::string(key.text()) + "' value: ", std::move(item).take_failure());
    }

    answer run_in_places(const frame& at) const
    {
        if (!spend(0, parts_.size() * sizeof(data::member)))
            return spent_too_much();
        std::array<data::member, places_max> row;
        std::size_t left_out = 0;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            const value& key = *parts_[i].key->literal();
            answer item = parts_[i].item->eval(at);
            if (!item.ok())
                return of_item(key, std::move(item));
            data::member& place = row[places_[i]];
            if (item.value().is_deleted() || item.value().is_nothing()) {
                ++left_out;
                continue;
            }
            place.key = key;
            place.item = std::move(item).value();
        }
        if (left_out > 0) {
            const auto end = row.begin() + static_cast<std::ptrdiff_t>(parts_.size());
            static_cast<void>(std::remove_if(row.begin(), end, [](const data::member& m) { return !m.key.is_string(); }));
        }
        return value::ordered_object(std::span(row.data(), parts_.size() - left_out));
    }

    answer run_sorting(const frame& at) const
    {
        if (!spend(0, parts_.size() * sizeof(data::member)))
            return spent_too_much();
        std::vector<data::member> out;
        out.reserve(parts_.size());
        for (const object_part& part : parts_) {
            answer key = part.key->eval(at);
            if (!key.ok())
                return within("failed to resolve key: ", std::move(key).take_failure());
            if (!key.value().is_string())
                return failed("mapping returned invalid key type: " + go_type(key.value()));
            answer item = part.item->eval(at);
            if (!item.ok())
                return of_item(key.value(), std::move(item));
            if (!item.value().is_deleted() && !item.value().is_nothing())
                out.push_back({std::move(key).value(), std::move(item).value()});
        }
        return value::object(std::move(out));
    }

    std::vector<object_part> parts_;
    std::vector<std::size_t> places_; ///< empty: not known
};

} // namespace

std::string go_type(const value& v)
{
    switch (v.kind()) {
    case kind::null:
        return "<nil>";
    case kind::boolean:
        return "bool";
    case kind::int64:
        return "int" + std::to_string(v.width() == 0 ? 64 : v.width());
    case kind::uint64:
        return "uint" + std::to_string(v.width() == 0 ? 64 : v.width());
    case kind::float64:
        return v.width() == 32 ? "float32" : "float64";
    case kind::number:
        return "json.Number";
    case kind::string:
        return "string";
    case kind::bytes:
        return "[]uint8";
    case kind::timestamp:
        return "time.Time";
    case kind::array:
        return "[]interface {}";
    case kind::object:
        return "map[string]interface {}";
    case kind::deleted:
        return "value.Delete";
    case kind::nothing:
        return "value.Nothing";
    }
    return "<nil>";
}

expression_ptr make_literal(value v, std::string name)
{
    if (name.empty())
        name = literal_name(v);
    return std::make_shared<literal_expression>(std::move(v), std::move(name));
}

expression_ptr make_array(std::vector<expression_ptr> items)
{
    for (const expression_ptr& item : items) {
        if (item->literal() == nullptr)
            return std::make_shared<array_expression>(std::move(items));
    }
    frame none;
    value made = array_expression(std::move(items)).eval(none).value();
    return make_literal(made.size() == 0 ? unmade_list() : std::move(made));
}

answer checked_object(const std::vector<object_part>& parts)
{
    for (const object_part& part : parts) {
        const value* key = part.key->literal();
        if (key != nullptr && !key->is_string())
            return failed("object keys must be strings, received: " + go_type(*key));
    }
    return value();
}

expression_ptr make_object(std::vector<object_part> parts)
{
    for (const object_part& part : parts) {
        if (part.key->literal() == nullptr || part.item->literal() == nullptr)
            return std::make_shared<object_expression>(std::move(parts));
    }
    frame none;
    return make_literal(object_expression(std::move(parts)).eval(none).value());
}

expression_ptr as_assigned(expression_ptr e)
{
    if (const value* constant = e->literal()) {
        value made = with_lists_made(*constant);
        return constant->is_array() || constant->is_object() ? make_literal(std::move(made), e->annotation()) : e;
    }
    if (const auto* list = dynamic_cast<const array_expression*>(e.get())) {
        std::vector<expression_ptr> items = list->items();
        for (expression_ptr& item : items)
            item = as_assigned(std::move(item));
        return std::make_shared<array_expression>(std::move(items));
    }
    if (const auto* object = dynamic_cast<const object_expression*>(e.get())) {
        std::vector<object_part> parts = object->parts();
        for (object_part& part : parts)
            part.item = as_assigned(std::move(part.item));
        return std::make_shared<object_expression>(std::move(parts));
    }
    return e;
}

} // namespace lambent::bloblang
