#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>

namespace lambent::processor {
namespace {

enum class metric_kind { counter, counter_by, gauge, timing };

/// Counts what messages say; changes none, and what cannot be counted is only logged.
class metric_stage final : public stage
{
public:
    using label_texts = std::vector<std::pair<std::string, bloblang::interpolation>>;

    metric_stage(const context& who, metric_kind kind, std::string name, bloblang::interpolation value, label_texts labels)
        : who_(who), kind_(kind), name_(std::move(name)), value_(std::move(value)), labels_(std::move(labels))
    {
    }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            auto value = value_.resolve(batch, i);
            if (!value) {
                who_.log(core::log_level::error, "Value interpolation error: " + value.error().text());
                continue;
            }
            if (auto why = count(*value, batch, i); !why.empty())
                who_.log(core::log_level::error, "Handler error: " + why);
        }
        co_return as_batches(std::move(batch));
    }

private:
    /// Why it could not be counted; empty: it was.
    std::string count(const std::string& text, const data::batch& batch, std::size_t i)
    {
        std::vector<std::pair<std::string, std::string>> labels;
        for (const auto& [name, label_text] : labels_) {
            auto label = label_text.resolve(batch, i);
            if (!label)
                return "label interpolation error: " + label.error().text();
            labels.emplace_back(name, std::move(*label));
        }
        metrics_sink& to = who_.host().metrics();
        if (kind_ == metric_kind::counter) {
            to.count(name_, labels, 1);
            return {};
        }
        double number = 0;
        if (auto why = parse(text, number); !why.empty())
            return why;
        switch (kind_) {
        case metric_kind::counter:
        case metric_kind::counter_by:
            to.count(name_, labels, number);
            break;
        case metric_kind::gauge:
            to.gauge(name_, labels, number);
            break;
        case metric_kind::timing:
            to.timing(name_, labels, number);
            break;
        }
        return {};
    }

    std::string parse(const std::string& text, double& into) const
    {
        const char* const end = text.data() + text.size();
        std::int64_t whole = 0;
        if (const auto [at, ec] = std::from_chars(text.data(), end, whole); ec == std::errc() && at == end) {
            into = static_cast<double>(whole);
            if (whole < 0)
                return kind_ == metric_kind::timing ? "value is negative" : "value " + text + " is negative";
            return {};
        }
        if (kind_ == metric_kind::timing)
            return "strconv.ParseInt: parsing \"" + text + "\": invalid syntax";
        if (const auto [at, ec] = std::from_chars(text.data(), end, into); ec != std::errc() || at != end)
            return "strconv.ParseFloat: parsing \"" + text + "\": invalid syntax";
        if (into < 0) {
            char shown[352]; // the longest double in %f
            std::snprintf(shown, sizeof shown, "value %f is negative", into);
            return shown;
        }
        return {};
    }

    context who_;
    metric_kind kind_;
    std::string name_;
    bloblang::interpolation value_;
    label_texts labels_;
};

const config::spec& metric_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("metric", "Counts what messages say.")
        .field("type", field_type::string, "counter, counter_by, gauge or timing.")
        .field("name", field_type::string, "The metric's name.")
        .table("labels", field_type::interpolated, "Labels and their values.")
        .optional()
        .field("value", field_type::interpolated, "The number, where the type has one.")
        .fallback(R"("")");
    return spec;
}

std::optional<metric_kind> kind_named(std::string name)
{
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    if (name == "counter")
        return metric_kind::counter;
    if (name == "counter_by")
        return metric_kind::counter_by;
    if (name == "gauge")
        return metric_kind::gauge;
    if (name == "timing")
        return metric_kind::timing;
    return std::nullopt;
}

core::result<metric_stage::label_texts> read_labels(const context& who, const config::reader& read)
{
    metric_stage::label_texts labels;
    if (!read.has("labels"))
        return labels;
    auto texts = read.string_map("labels");
    if (!texts)
        return texts.error();
    std::sort(texts->begin(), texts->end());
    for (const auto& [name, text] : *texts) {
        auto label = parse_text(who, text, "failed to parse label '" + name + "' expression: ");
        if (!label)
            return label.error();
        labels.emplace_back(name, std::move(*label));
    }
    return labels;
}

core::result<stage_ptr> make_metric(const context& who, const config::reader& read)
{
    auto type = read.string("type");
    if (!type)
        return type.error();
    auto name = read.string("name");
    if (!name)
        return name.error();
    auto text = read.string("value");
    if (!text)
        return text.error();
    auto value = parse_text(who, *text, "failed to parse value expression: ");
    if (!value)
        return value.error();
    if (name->empty())
        return unusable("metric name must not be empty");
    auto labels = read_labels(who, read);
    if (!labels)
        return labels.error();
    const auto kind = kind_named(*type);
    if (!kind)
        return unusable("metric type unrecognised: " + *type);
    return std::make_unique<metric_stage>(who, *kind, std::move(*name), std::move(*value), std::move(*labels));
}

} // namespace

entry metric_entry() { return {&metric_spec, &make_metric}; }

} // namespace lambent::processor
