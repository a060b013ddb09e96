#include <lambent/bloblang/mapping.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/parse_query.hpp>
#include <lambent/bloblang/value_rules.hpp>

namespace lambent::bloblang {

struct interpolation::parts
{
    struct part
    {
        std::string text;
        expression_ptr query; ///< null: `text`
    };
    std::vector<part> all;
    const environment* world = nullptr;
    std::string plain;
    bool constant = true;
};

namespace {

/// `${! query }` and the escape `${{! text }}`.
class interpolation_parser final : public query_parser
{
public:
    using query_parser::query_parser;

    bool run(std::vector<interpolation::parts::part>& out);

private:
    bool one_query(expression_ptr& out);
    bool escaped(std::string& out);
};

bool interpolation_parser::one_query(expression_ptr& out)
{
    at_ += 3;
    skip_spaces();
    if (!query(out))
        return required();
    skip_spaces();
    if (token("}"))
        return true;
    as("end of expression");
    return required();
}

bool interpolation_parser::escaped(std::string& out)
{
    at_ += 4;
    const auto end = rest().find("}}");
    if (end == std::string_view::npos) {
        expect("end of escaped expression");
        return required();
    }
    out = "${!" + std::string(rest().substr(0, end)) + "}";
    at_ += end + 2;
    return true;
}

bool interpolation_parser::run(std::vector<interpolation::parts::part>& out)
{
    std::string plain;
    while (!at_end()) {
        if (rest().starts_with("${!")) {
            out.push_back({std::move(plain), nullptr});
            plain.clear();
            expression_ptr query;
            if (!one_query(query))
                return false;
            out.push_back({{}, std::move(query)});
        } else if (rest().starts_with("${{!")) {
            std::string text;
            if (!escaped(text))
                return false;
            plain += text;
        } else {
            plain.push_back(peek());
            ++at_;
        }
    }
    out.push_back({std::move(plain), nullptr});
    return true;
}

} // namespace

parsed<interpolation> interpolation::parse(std::string_view text, const environment& world)
{
    auto made = std::make_shared<parts>();
    made->world = &world;
    const metered costs(world.limits());
    interpolation_parser parser(text, world);
    if (!parser.run(made->all))
        return parser.wrong.told(text);
    for (const parts::part& p : made->all) {
        made->constant = made->constant && p.query == nullptr;
        made->plain += p.text;
    }
    interpolation out;
    out.parts_ = std::move(made);
    return out;
}

core::result<std::string> interpolation::resolve(const data::batch& reference, std::size_t index) const
{
    if (parts_->constant)
        return parts_->plain;
    const metered costs(parts_->world->limits());
    frame at;
    at.world = parts_->world;
    at.reference = &reference;
    at.index = index;
    at.document_index = index;
    at.fallback = document::if_any;
    std::string out;
    for (const parts::part& p : parts_->all) {
        if (!p.query) {
            out += p.text;
            continue;
        }
        const answer a = p.query->eval(at);
        if (!a.ok()) {
            core::error e;
            e.code = core::errc::closed;
            e.detail = a.why().words();
            return e;
        }
        out += to_text(a.value());
    }
    if (overspent()) {
        core::error e;
        e.code = core::errc::limit_exceeded;
        e.detail = spent_too_much()->words();
        return e;
    }
    return out;
}

const std::string* interpolation::literal() const noexcept { return parts_->constant ? &parts_->plain : nullptr; }

} // namespace lambent::bloblang
