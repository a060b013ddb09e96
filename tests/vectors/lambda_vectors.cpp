// lambda_vectors FILE|FOLDER...: the recorded aws_lambda cases through the real processor, against the fake servers beside each file
// (those of this folder where there are none).
#include "fake_endpoints.hpp"
#include "lambda_case.hpp"

#include <lambent/config/node.hpp>
#include <lambent/core/limiter.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/data/json.hpp>
#include <lambent/http/dialer.hpp>
#include <lambent/processor/catalogue.hpp>

#include <sim/fake_environment.hpp>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace lambent::vectors {
namespace {

/// Cases that run at once, each against a server of its own: the scripts count calls by function name.
constexpr std::size_t lanes_max = 12;

class no_log final : public core::log_sink
{
public:
    bool enabled(core::log_level) const noexcept override { return false; }
    void write(core::log_level, std::string_view, const core::log_fields&) override {}
};

class plain_bloblang final : public bloblang::environment
{
public:
    explicit plain_bloblang(core::shard& on) : shard_(on) {}
    core::wall_time now() const override { return shard_.time().wall(); }
    std::uint64_t random() const override { return shard_.chance().next(); }

private:
    core::shard& shard_;
};

class case_host final : public processor::host
{
public:
    explicit case_host(core::shard& on) : bloblang_(on), shard_(on) {}
    core::shard& shard() override { return shard_; }
    core::log_sink& log() override { return log_; }
    const aws::environment& environment() const override { return variables; }
    const bloblang::environment& bloblang() const override { return bloblang_; }
    const processor::lambda_defaults& lambda_defaults() const override { return defaults_; }
    core::limiter* rate_limit(std::string_view label) override { return label == "rl" ? limiter.get() : nullptr; }
    processor::stage* processor_resource(std::string_view) override { return nullptr; }
    void watch(const aws::lambda_client&) override {}
    void forget(const aws::lambda_client&) override {}

    sim::fake_environment variables;
    std::unique_ptr<core::limiter> limiter;

private:
    no_log log_;
    plain_bloblang bloblang_;
    processor::lambda_defaults defaults_;
    core::shard& shard_;
};

std::string read_file(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return in ? text.str() : std::string();
}

struct tally
{
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t skipped = 0;
};

/// One file's run: its cases, its servers, its lanes.
class lambda_run
{
public:
    lambda_run(core::shard& on, std::filesystem::path folder, std::vector<lambda_case> cases)
        : shard_(on), folder_(std::move(folder)), cases_(std::move(cases)), found_(cases_.size())
    {
        for (std::size_t i = 0; i < std::min(lanes_max, cases_.size()); ++i)
            servers_.push_back(std::make_unique<fake_endpoint>(folder_ / "fake_lambda.py"));
    }

    bool ready() const
    {
        for (const auto& server : servers_)
            if (!server->wait_until_listening())
                return false;
        return true;
    }

    void start(core::task_group& group)
    {
        for (const auto& server : servers_)
            group.start(lane(*server));
    }

    void report(tally& count) const
    {
        for (std::size_t i = 0; i < cases_.size(); ++i) {
            if (!cases_[i].skip.empty()) {
                ++count.skipped;
                std::cout << "SKIPPED " << cases_[i].name << ": " << cases_[i].skip << '\n';
            } else if (found_[i].empty()) {
                ++count.passed;
            } else {
                ++count.failed;
                std::cout << "FAILED " << cases_[i].name << '\n';
                for (const std::string& problem : found_[i])
                    std::cout << "    " << problem << '\n';
            }
        }
    }

private:
    awaitable<void> lane(fake_endpoint& server)
    {
        http::client_options options;
        http::client control(shard_, options);
        while (next_ < cases_.size()) {
            const std::size_t mine = next_++;
            if (cases_[mine].skip.empty())
                co_await run_case(mine, server, control);
        }
        co_await control.close(core::deadline::never());
    }

    std::string with_port(std::string text, const fake_endpoint& server) const
    {
        return replaced(replaced(std::move(text), "127.0.0.1:PORT", "127.0.0.1:" + std::to_string(server.port())),
            "127.0.0.1:LAMBDA", "127.0.0.1:" + std::to_string(server.port()));
    }

    void prepare(case_host& host, const lambda_case& c, const fake_endpoint& server) const
    {
        for (const auto& [name, value] : c.environment)
            host.variables.variables[name] = with_port(replaced(value, "DIR/", "/profile/"), server);
        for (const char* file : {"config", "credentials", "webtoken"})
            host.variables.files[std::string("/profile/") + file] = with_port(read_file(folder_ / "profile" / file), server);
        if (c.limit_interval)
            host.limiter = core::make_local_limiter(shard_, 1, *c.limit_interval);
    }

    core::result<std::vector<processor::stage_ptr>> build(case_host& host, const lambda_case& c, const fake_endpoint& server) const
    {
        auto list = config::node::parse(with_port(c.processors, server), c.name);
        if (!list)
            return list.error();
        std::vector<processor::stage_ptr> stages;
        for (std::size_t i = 0; i < list->size(); ++i) {
            auto made = processor::build(host, list->at(i), "pipeline.processors." + std::to_string(c.first_index + i));
            if (!made)
                return made.error();
            stages.push_back(std::move(*made));
        }
        return stages;
    }

    /// One thread of the pipeline: takes batches until none are left.
    static awaitable<void> work(const std::vector<processor::stage_ptr>& stages, const std::vector<data::batch>& batches,
        std::size_t& next, std::vector<std::vector<data::message>>& results)
    {
        while (next < batches.size()) {
            const std::size_t mine = next++;
            data::batch batch = batches[mine];
            auto done = co_await processor::run_all(stages, std::move(batch));
            if (done)
                results[mine] = processor::flatten(std::move(*done));
        }
    }

    awaitable<void> run_case(std::size_t index, fake_endpoint& server, http::client& control)
    {
        const lambda_case& c = cases_[index];
        case_host host(shard_);
        prepare(host, c, server);
        auto reset = co_await server.reset(control);
        if (!reset) {
            found_[index].push_back("the fake server does not answer: " + reset.error().text());
            co_return;
        }
        lambda_outcome got;
        auto stages = build(host, c, server);
        if (!stages) {
            got.build_error = stages.error().text();
        } else {
            std::vector<std::vector<data::message>> results(c.batches.size());
            std::size_t next = 0;
            core::task_group workers(shard_);
            for (std::size_t i = 0; i < c.threads; ++i)
                workers.start(work(*stages, c.batches, next, results));
            co_await workers.join();
            co_await processor::close_all(*stages);
            for (auto& of_batch : results)
                for (data::message& m : of_batch)
                    got.messages.push_back(std::move(m));
        }
        auto log = co_await server.log(control);
        if (log)
            for (const data::value& request : log->items())
                got.requests.push_back(request);
        found_[index] = differences(c, got, server.port());
    }

    core::shard& shard_;
    std::filesystem::path folder_;
    std::vector<lambda_case> cases_;
    std::vector<std::vector<std::string>> found_;
    std::vector<std::unique_ptr<fake_endpoint>> servers_;
    std::size_t next_ = 0;
};

/// Where the scripts and the profile files of a recording are.
std::filesystem::path fakes_beside(const std::filesystem::path& file)
{
    const std::filesystem::path folder = file.parent_path();
    return std::filesystem::exists(folder / "fake_lambda.py") ? folder : std::filesystem::path(LAMBENT_FAKE_LAMBDA_DIR);
}

bool run_file(const std::filesystem::path& path, tally& count)
{
    auto document = data::read_json(read_file(path));
    if (!document || !document->is_object()) {
        std::cerr << "lambda_vectors: " << path << ": not a readable file of cases\n";
        return false;
    }
    asio::io_context io(1);
    core::shard shard(io.get_executor());
    lambda_run run(shard, fakes_beside(path), load_lambda_cases(*document));
    if (!run.ready()) {
        std::cerr << "lambda_vectors: " << fakes_beside(path) / "fake_lambda.py" << " does not start\n";
        return false;
    }
    core::task_group lanes(shard);
    run.start(lanes);
    io.run();
    run.report(count);
    return true;
}

/// A file, or every .json file of a folder.
bool run_path(const std::filesystem::path& path, tally& count)
{
    if (!std::filesystem::is_directory(path))
        return run_file(path, count);
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(path))
        if (entry.path().extension() == ".json")
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    bool readable = !files.empty();
    for (const std::filesystem::path& file : files)
        readable = run_file(file, count) && readable;
    return readable;
}

} // namespace
} // namespace lambent::vectors

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::cerr << "usage: lambda_vectors FILE|FOLDER...\n";
        return 1;
    }
    lambent::vectors::tally count;
    bool readable = true;
    for (int i = 1; i < argc; ++i)
        readable = lambent::vectors::run_path(argv[i], count) && readable;
    std::cout << count.passed << " passed, " << count.failed << " failed, " << count.skipped << " skipped\n";
    return readable && count.failed == 0 && count.passed > 0 ? 0 : 1;
}
