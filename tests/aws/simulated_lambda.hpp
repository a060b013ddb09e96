#pragma once

#include <lambent/aws/credentials_sources.hpp>
#include <lambent/aws/errc.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/sigv4/digest.hpp>
#include <lambent/sigv4/verify.hpp>

#include <sim/books.hpp>
#include <sim/network.hpp>
#include <sim/world.hpp>
#include <support/catch.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lambent::aws {

using namespace std::chrono_literals;

/// What reached the simulated Lambda.
struct received
{
    std::string method;
    std::string path;
    std::string query;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    std::string header(std::string_view name) const
    {
        for (const auto& [key, value] : headers)
            if (http::equal_ignoring_case(key, name))
                return value;
        return "(none)";
    }
};

inline received parsed(const std::string& text)
{
    received request;
    const std::size_t end = text.find("\r\n\r\n");
    request.body = text.substr(end + 4);
    std::size_t at = text.find("\r\n");
    const std::string line = text.substr(0, at);
    request.method = line.substr(0, line.find(' '));
    const std::string target = line.substr(request.method.size() + 1, line.rfind(' ') - request.method.size() - 1);
    request.path = target.substr(0, target.find('?'));
    request.query = target.size() > request.path.size() ? target.substr(request.path.size() + 1) : "";
    while (at < end) {
        const std::size_t next = text.find("\r\n", at + 2);
        const std::string field = text.substr(at + 2, next - at - 2);
        const std::size_t colon = field.find(':');
        request.headers.emplace_back(field.substr(0, colon), field.substr(colon + 2));
        at = next;
    }
    return request;
}

inline std::string answer_of(int status, std::string_view body, std::string_view fields = {})
{
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(fields) + "\r\n"
        + std::string(body);
}

inline std::string refusal_of(int status, std::string_view code, std::string_view fields = {})
{
    return answer_of(status, R"({"Message":"m"})", "x-amzn-ErrorType: " + std::string(code) + "\r\n" + std::string(fields));
}

inline credentials keys(std::string id)
{
    return {std::move(id), secret_string("secret"), secret_string("token"), std::nullopt};
}

/// Gives one id after the other, the next one when the last was invalidated.
class rotating_source final : public credentials_source
{
public:
    explicit rotating_source(std::vector<std::string> ids) : ids_(std::move(ids)) {}
    awaitable<core::result<std::shared_ptr<const credentials>>> fetch(core::deadline) override
    {
        co_return std::make_shared<const credentials>(keys(ids_[at_]));
    }
    void invalidate() override
    {
        if (at_ + 1 < ids_.size())
            ++at_;
    }

private:
    std::vector<std::string> ids_;
    std::size_t at_ = 0;
};

class counting_limiter final : public core::limiter
{
public:
    explicit counting_limiter(core::shard& on) : shard_(on) {}
    bool try_admit() override
    {
        ++asked;
        return pause == core::duration::zero();
    }
    awaitable<core::result<void>> admit(core::deadline until) override
    {
        const core::deadline free = shard_.time().in(pause);
        auto slept = co_await shard_.time().sleep_until(core::earlier_of(free, until));
        if (!slept)
            co_return slept;
        if (until < free)
            co_return core::error{core::errc::deadline_exceeded, {}};
        co_return core::result<void>();
    }

    std::size_t asked = 0;
    core::duration pause{0};

private:
    core::shard& shard_;
};

/// A client in a simulated world, before a Lambda that answers by script, its last answer for ever.
struct bench
{
    sim::world world;
    std::deque<std::string> answers{answer_of(200, "{}")};
    std::vector<received> requests;
    std::function<std::string(const received&)> decide; ///< instead of `answers`
    sim::network network;
    lambda_options options;
    std::shared_ptr<credentials_source> source = make_static_source(keys("AKID"));
    core::limiter* limiter = nullptr;
    std::unique_ptr<lambda_client> client;
    std::optional<sim::books> books; ///< the client's connections, compared after every step
    invocation call;
    call_report report;

    explicit bench(std::uint64_t seed = sim::seed_of_run())
        : world(seed), network(world.shard(), [this](const std::string& text) { return respond(text); })
    {
        options.region = "eu-west-1";
        options.retry.retries = 3;
        call.function = "f";
        call.payload = R"({"id":1})";
    }
    ~bench()
    {
        if (client)
            world.run(client->close(world.time().in(1s)));
        drop_client();
        CHECK(network.open_connections() == 0);
    }

    std::string respond(const std::string& text)
    {
        requests.push_back(parsed(text));
        if (decide)
            return decide(requests.back());
        std::string next = answers.front();
        if (answers.size() > 1)
            answers.pop_front();
        return next;
    }
    lambda_client& get()
    {
        if (!client) {
            client = std::make_unique<lambda_client>(world.shard(), options, source, limiter, network.door());
            books.emplace(world, network, client->transport_stats(), sim::books::options{options.http.pipeline_depth});
        }
        return *client;
    }
    void drop_client()
    {
        books.reset();
        client.reset();
    }
    core::result<invocation_reply> invoke(core::duration within = core::forever)
    {
        return world.run(get().invoke(call, within, &report));
    }
    std::string error(core::duration within = core::forever)
    {
        auto reply = invoke(within);
        REQUIRE_FALSE(reply);
        return reply.error().detail;
    }
    sigv4::verification verified(const received& request, core::duration clock = 0s)
    {
        std::vector<sigv4::field_view> fields;
        for (const auto& [name, value] : request.headers)
            fields.push_back({name, value});
        const std::string hash = sigv4::sha256_hex(request.body);
        const sigv4::request_view view{request.method, request.path, request.query, fields, hash};
        sigv4::claim claimed;
        if (auto read = sigv4::read_claim(view, claimed); !read)
            return read;
        sigv4::verify_options wanted;
        wanted.region = options.region;
        wanted.service = "lambda";
        wanted.window = 1s;
        return sigv4::verify(view, claimed, {claimed.key_id, "secret", "token"}, world.time().wall() + clock, wanted);
    }
};

} // namespace lambent::aws
