#include "lambda_case.hpp"

#include <lambent/data/json.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace lambent::vectors {
namespace {

std::string text_of(const data::value& object, std::string_view key)
{
    const data::value* v = object.peek(key);
    return v && v->is_text() ? std::string(v->text()) : std::string();
}

std::int64_t number_of(const data::value& object, std::string_view key, std::int64_t otherwise)
{
    const data::value* v = object.peek(key);
    return v && v->kind() == data::kind::number ? std::stoll(std::string(v->text())) : otherwise;
}

/// As a YAML scalar in flow style.
std::string quoted(std::string_view text)
{
    std::string out;
    data::write_json_string(out, text);
    return out;
}

data::batch one_message(std::string text)
{
    data::batch batch;
    batch.emplace_back(std::move(text));
    return batch;
}

lambda_case fault_case(const data::value& recorded)
{
    lambda_case c;
    c.name = text_of(recorded, "name");
    c.retries = number_of(recorded, "retries", 3);
    c.first_index = 1; // behind a mapping that took the time
    c.processors = "- aws_lambda: { function: " + quoted(text_of(recorded, "function")) + ", retries: "
        + std::to_string(c.retries) + ", timeout: " + quoted(text_of(recorded, "timeout")) + ", endpoint: "
        + quoted(text_of(recorded, "endpoint")) + ", region: us-east-1, credentials: { id: AKIDEXAMPLE, secret: s3cr3t }";
    if (const std::string more = text_of(recorded, "extra_fields"); !more.empty())
        c.processors += ", " + more;
    c.processors += " }";
    c.batches.push_back(one_message(text_of(recorded, "input")));
    return c;
}

/// The retries that stand in a line of YAML.
std::int64_t retries_in(const std::string& yaml)
{
    const std::size_t at = yaml.find("retries: ");
    return at == std::string::npos ? 3 : std::stoll(yaml.substr(at + 9));
}

data::message batching_message(const data::value& recorded, std::int64_t index)
{
    const std::string name = text_of(recorded, "name");
    if (name.starts_with("payload"))
        return data::message(std::string(static_cast<std::size_t>(number_of(recorded, "first_body_len", 0)), 'y'));
    if (name.starts_with("structured message")) {
        // Written in another order than it is sent: it must leave with its keys sorted and its numbers as they were.
        data::message m;
        m.set_structured(
            data::read_json(R"({"z":1,"h":"<&>","big":12345678901234567890,"b":1.50,"a":1e3})").value());
        return m;
    }
    data::message m("{\"i\":" + std::to_string(index) + "}");
    if (name.starts_with("error flag from before"))
        m.fail("failed assignment (line 1): earlier");
    return m;
}

lambda_case batching_case(const data::value& recorded)
{
    lambda_case c;
    c.name = text_of(recorded, "name");
    c.processors = "    - " + text_of(recorded, "config_processor");
    c.retries = retries_in(c.processors);
    c.threads = static_cast<std::size_t>(number_of(recorded, "threads", 1));
    if (c.processors.find("rate_limit: rl") != std::string::npos)
        c.limit_interval = std::chrono::milliseconds(100);
    const bool batched = recorded.peek("batch")->as_bool();
    data::batch batch;
    for (std::int64_t i = 0; i < number_of(recorded, "messages", 0); ++i) {
        batch.push_back(batching_message(recorded, i));
        if (!batched)
            c.batches.push_back(std::exchange(batch, {}));
    }
    if (batched)
        c.batches.push_back(std::move(batch));
    return c;
}

/// Why a case of credentials cannot be run yet.
std::string missing_machinery(const lambda_case& c)
{
    const auto set = [&](std::string_view name) {
        const auto is_it = [&](const auto& variable) { return variable.first.starts_with(name); };
        return std::any_of(c.environment.begin(), c.environment.end(), is_it);
    };
    if (c.processors.find("role:") != std::string::npos && c.processors.find("from_ec2_role:") == std::string::npos)
        return "assuming a role (STS) comes later";
    if (c.processors.find("from_ec2_role:") != std::string::npos || set("AWS_EC2_METADATA_SERVICE_ENDPOINT"))
        return "the instance's role (IMDS) comes later";
    if (set("AWS_CONTAINER_"))
        return "container credentials come later";
    if (set("AWS_WEB_IDENTITY_TOKEN_FILE"))
        return "web identity (STS) comes later";
    if (c.processors.find("profile: proc") != std::string::npos)
        return "credential_process comes later";
    if (c.processors.find("profile: assumer") != std::string::npos)
        return "profiles with a role (STS) come later";
    if (set("HTTP_PROXY"))
        return "proxies are not supported";
    return {};
}

lambda_case credentials_case(const data::value& recorded)
{
    lambda_case c;
    c.name = text_of(recorded, "name");
    c.processors = "- aws_lambda: { function: " + quoted(text_of(recorded, "function")) + ", " + text_of(recorded, "fields") + " }";
    c.retries = retries_in(c.processors);
    for (const data::member& variable : recorded.peek("env")->members())
        c.environment[std::string(variable.name())] = std::string(variable.item.text());
    c.batches.push_back(one_message(R"({"id":1})"));
    c.skip = missing_machinery(c);
    return c;
}

} // namespace

std::string replaced(std::string text, std::string_view from, std::string_view to)
{
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

std::vector<lambda_case> load_lambda_cases(const data::value& document)
{
    std::vector<lambda_case> all;
    for (const auto& [section, make] : {std::pair{"cases", &fault_case}, std::pair{"batching_and_limits", &batching_case},
             std::pair{"credentials_and_environment", &credentials_case}}) {
        const data::value* cases = document.peek(section);
        if (!cases)
            continue;
        for (const data::value& recorded : cases->items()) {
            lambda_case c = make(recorded);
            c.recorded = recorded;
            all.push_back(std::move(c));
        }
    }
    return all;
}

} // namespace lambent::vectors
