// bench_connections: what idle connections cost, and whether they harm the busy ones.
//
//   bench_connections --endpoint https://127.0.0.1:9444 --ca-file ca.pem [--connections 1000] [--busy 64] [--duration 5]
//
// One JSON line: resident memory per connection once they are open, and after each has served two requests, both with free
// heap given back; latency of a few busy callers before the idle connections are there, and beside them.
#include <lambent/core/histogram.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/http/client.hpp>
#include <lambent/http/url.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using namespace lambent;
using namespace std::chrono_literals;

struct options
{
    std::string endpoint = "https://127.0.0.1:9444";
    std::string ca_file;
    std::size_t connections = 1000;
    std::size_t busy = 64;
    double seconds = 5;
};

struct figures
{
    double untrimmed_kib = 0;   ///< with the heap that simultaneous handshakes left free
    double fresh_kib = 0;
    double used_kib = 0;
    core::histogram alone;
    core::histogram beside;
    std::uint64_t errors = 0;
    std::string first_error;
};

double resident_kib()
{
    unsigned long pages = 0;
    if (std::FILE* file = std::fopen("/proc/self/statm", "re")) {
        if (std::fscanf(file, "%*u %lu", &pages) != 1)
            pages = 0;
        std::fclose(file);
    }
    return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

class crowd
{
public:
    crowd(core::shard& shard, const options& asked, http::origin to)
        : shard_(shard), asked_(asked), to_(std::move(to)), body_(256, 'x')
    {}

    awaitable<void> measure()
    {
        co_await busy_phase(0, figures_.alone);
        co_await idle_phase();
        std::printf("{\"connections\":%zu,\"rss_kib_per_connection_fresh\":%.2f,\"rss_kib_per_connection_used\":%.2f,"
                    "\"rss_kib_per_connection_untrimmed\":%.2f,"
                    "\"busy_p50_us\":%.1f,\"busy_p99_us\":%.1f,\"busy_p99_us_without\":%.1f,\"busy_requests\":%llu,\"rss_mb\":%.1f,"
                    "\"errors\":%llu}\n",
            asked_.connections, figures_.fresh_kib, figures_.used_kib, figures_.untrimmed_kib, us(figures_.beside, 0.5), us(figures_.beside, 0.99),
            us(figures_.alone, 0.99), static_cast<unsigned long long>(figures_.beside.count()), resident_kib() / 1024,
            static_cast<unsigned long long>(figures_.errors));
        if (!figures_.first_error.empty())
            std::fprintf(stderr, "bench_connections: first error: %s\n", figures_.first_error.c_str());
    }

    bool failed() const noexcept { return figures_.errors > 0; }

private:
    static double us(const core::histogram& of, double q) { return static_cast<double>(of.quantile(q)) / 1000; }

    http::client_options client_options(std::size_t idle) const
    {
        http::client_options made;
        made.connections_max = std::max(idle, asked_.busy);
        made.idle_min = idle;
        made.idle_max = 1h;
        made.age_max = 1h;
        made.tls_handshake_timeout = 2min; // ten thousand at once take their time, on both sides
        made.tls.ca_file = asked_.ca_file;
        return made;
    }

    void note(const core::error& why)
    {
        ++figures_.errors;
        if (figures_.first_error.empty())
            figures_.first_error = why.text();
    }

    /// So many requests one after another, or for so long.
    awaitable<void> work(http::client& client, std::size_t requests, core::deadline until, core::histogram* into)
    {
        const http::request_view request{.method = "POST", .target = "/2015-03-31/functions/bench/invocations", .body = body_};
        for (std::size_t i = 0; i < requests && !until.passed(shard_.time().now()); ++i) {
            const core::instant begun = shard_.time().now();
            const auto answered = co_await client.send(to_, request, shard_.time().in(30s));
            if (!answered)
                note(answered.error());
            else if (into != nullptr)
                into->record(static_cast<std::uint64_t>((shard_.time().now() - begun).count()));
        }
    }

    awaitable<void> everybody(http::client& client, std::size_t callers, std::size_t requests, core::deadline until, core::histogram* into)
    {
        core::task_group group(shard_);
        for (std::size_t i = 0; i < callers; ++i)
            group.start(work(client, requests, until, into));
        co_await group.join();
    }

    awaitable<void> busy_phase(std::size_t idle, core::histogram& into)
    {
        http::client client(shard_, client_options(idle));
        co_await everybody(client, asked_.busy, 100, core::deadline::never(), nullptr);
        const auto until = shard_.time().in(std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(asked_.seconds)));
        co_await everybody(client, asked_.busy, static_cast<std::size_t>(-1), until, &into);
        co_await client.close(shard_.time().in(10s));
    }

    awaitable<void> idle_phase()
    {
        http::client client(shard_, client_options(asked_.connections));
        const double before = resident_kib();
        const auto warmed = co_await client.warm_up(to_, shard_.time().in(120s));
        if (!warmed)
            note(warmed.error());
        const auto per_connection = static_cast<double>(asked_.connections);
        figures_.untrimmed_kib = (resident_kib() - before) / per_connection;
        malloc_trim(0); // all handshakes went on at once; what they left free is not the connections'
        figures_.fresh_kib = (resident_kib() - before) / per_connection;
        for (int twice = 0; twice < 2; ++twice)
            co_await everybody(client, asked_.connections, 1, core::deadline::never(), nullptr);
        malloc_trim(0);
        figures_.used_kib = (resident_kib() - before) / per_connection;
        const auto until = shard_.time().in(std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(asked_.seconds)));
        co_await everybody(client, asked_.busy, static_cast<std::size_t>(-1), until, &figures_.beside);
        co_await client.close(shard_.time().in(30s));
    }

    core::shard& shard_;
    const options& asked_;
    http::origin to_;
    std::string body_;
    figures figures_;
};

} // namespace

int main(int count, char** words)
{
    options asked;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string_view name = words[i];
        const char* value = words[i + 1];
        if (name == "--endpoint")
            asked.endpoint = value;
        else if (name == "--ca-file")
            asked.ca_file = value;
        else if (name == "--connections")
            asked.connections = std::strtoul(value, nullptr, 10);
        else if (name == "--busy")
            asked.busy = std::strtoul(value, nullptr, 10);
        else if (name == "--duration")
            asked.seconds = std::strtod(value, nullptr);
        else
            return std::fprintf(stderr, "bench_connections: unknown argument %s\n", words[i]), 2;
    }
    const auto where = http::url::parse(asked.endpoint);
    if (!where || asked.connections == 0 || asked.busy == 0)
        return std::fprintf(stderr, "bench_connections: needs an http or https URL, and numbers above 0\n"), 2;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    crowd all(shard, asked, where->origin);
    core::task_group main_task(shard);
    main_task.start(all.measure());
    loop.run();
    main_task.disown();
    return all.failed() ? 1 : 0;
}
