#include <lambent/cli/emulation.hpp>

#include <lambent/aws/environment.hpp>
#include <lambent/bloblang/mapping.hpp>
#include <lambent/cli/functions_file.hpp>
#include <lambent/emulator/call_log.hpp>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <stdlib.h>
#include <unistd.h>

namespace lambent::cli {
namespace {

/// The world of functions' mappings: time and chance, and nothing of this machine.
class functions_world final : public bloblang::environment
{
public:
    explicit functions_world(core::shard& on) : shard_(on) {}
    core::wall_time now() const override { return shard_.time().wall(); }
    std::uint64_t random() const override { return shard_.chance().next(); }

private:
    core::shard& shard_;
};

core::error system_error(int code, const std::string& what)
{
    core::error failed;
    failed.code = core::error_code(code, boost::system::generic_category());
    failed.detail = what + ": " + failed.code.message();
    return failed;
}

/// Writes a new file that only this user may read, in the system's folder for temporary ones.
core::result<std::string> write_temporary(std::string_view text)
{
    constexpr int suffix_length = 4; // ".pem"
    std::error_code ignored;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(ignored);
    std::string path = (folder.empty() ? std::filesystem::path("/tmp") : folder) / "lambent-ca-XXXXXX.pem";
    const int file = ::mkstemps(path.data(), suffix_length);
    if (file < 0)
        return system_error(errno, "cannot write the emulator's certificate authority to " + path);
    std::string_view left = text;
    int failed = 0;
    while (!left.empty() && failed == 0) {
        const ::ssize_t written = ::write(file, left.data(), left.size());
        if (written >= 0)
            left.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            failed = errno;
    }
    if (::close(file) != 0 && failed == 0)
        failed = errno;
    if (failed == 0)
        return path;
    ::unlink(path.c_str());
    return system_error(failed, "cannot write the emulator's certificate authority to " + path);
}

std::string url(std::string_view scheme, const std::optional<emulator::listen_address>& at, std::uint16_t port)
{
    if (!at || port == 0)
        return {};
    // Listening on every address is reached at loopback; the certificate names that too.
    std::string host = at->address == "0.0.0.0" ? "127.0.0.1" : at->address == "::" ? "::1" : at->address;
    if (host.find(':') != std::string::npos)
        host = "[" + host + "]";
    return std::string(scheme) + "://" + host + ":" + std::to_string(port);
}

} // namespace

struct emulation::state
{
    state(core::shard& on, emulation_options given) : world(on), options(std::move(given)) {}

    core::result<emulator::account_options> read_account();
    core::result<emulator::lambda_server_options> prepare();

    functions_world world;
    emulation_options options;
    emulator::call_log log;
    std::unique_ptr<emulator::lambda_server> server;
    std::string ca_file;
    std::string region;
    emulator::access_key key;
    std::vector<std::string> functions;
};

emulation::emulation(std::unique_ptr<state> state) : state_(std::move(state)) {}
emulation::~emulation() = default;

core::result<emulator::account_options> emulation::state::read_account()
{
    if (options.functions_file.empty())
        return echo_account();
    const auto text = aws::process_environment().read_file(options.functions_file);
    if (!text)
        return text.error();
    return read_functions(*text, options.functions_file, world);
}

core::result<emulator::lambda_server_options> emulation::state::prepare()
{
    auto account = read_account();
    if (!account)
        return account.error();
    if (!options.call_log.empty()) {
        if (auto opened = log.open(options.call_log); !opened)
            return opened.error();
        account->observer = &log;
    }
    for (const auto& [name, function] : account->functions)
        functions.push_back(name);
    region = account->region.empty() ? "us-east-1" : account->region;
    const auto usable = std::find_if(account->keys.begin(), account->keys.end(), [](const auto& known) { return !known.expired; });
    key = usable == account->keys.end() ? account->keys.front() : *usable;
    emulator::lambda_server_options how;
    how.account = std::move(*account);
    how.http = options.http;
    how.https = options.https;
    return how;
}

awaitable<core::result<std::unique_ptr<emulation>>> emulation::start(core::shard& on, emulation_options options)
{
    auto made = std::make_unique<state>(on, std::move(options));
    auto how = made->prepare();
    if (!how)
        co_return how.error();
    made->server = std::make_unique<emulator::lambda_server>(on, std::move(*how));
    const auto started = co_await made->server->start();
    if (!started) {
        core::error failed = started.error();
        if (!made->options.functions_file.empty() && failed.code == boost::system::errc::invalid_argument)
            failed.detail = made->options.functions_file + ": " + failed.detail;
        co_return failed;
    }
    if (made->options.https) {
        auto path = write_temporary(made->server->ca_pem());
        if (!path) {
            co_await made->server->close(core::deadline::never());
            co_return path.error();
        }
        made->ca_file = std::move(*path);
    }
    co_return std::unique_ptr<emulation>(new emulation(std::move(made)));
}

awaitable<core::result<std::unique_ptr<emulation>>> emulation::start(core::shard& on, std::string functions_file)
{
    emulation_options options;
    options.functions_file = std::move(functions_file);
    options.https.emplace();
    auto started = co_await start(on, std::move(options));
    co_return started;
}

std::string emulation::http_url() const { return url("http", state_->options.http, state_->server->http_port()); }
std::string emulation::https_url() const { return url("https", state_->options.https, state_->server->https_port()); }
const std::string& emulation::ca_file() const noexcept { return state_->ca_file; }
const std::string& emulation::region() const noexcept { return state_->region; }
const emulator::access_key& emulation::key() const noexcept { return state_->key; }
std::vector<std::string> emulation::functions() const { return state_->functions; }

awaitable<void> emulation::close(core::deadline until)
{
    co_await state_->server->close(until);
    if (!state_->ca_file.empty())
        ::unlink(state_->ca_file.c_str());
}

} // namespace lambent::cli
