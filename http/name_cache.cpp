#include <lambent/http/name_cache.hpp>

#include <lambent/core/waiter.hpp>
#include <lambent/http/errc.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace lambent::http {
namespace {

constexpr core::duration kept_for = std::chrono::seconds(10);       // AWS answers carry time-to-lives of seconds to a minute
constexpr core::duration absence_kept_for = std::chrono::seconds(1);
constexpr core::duration blamed_for = std::chrono::seconds(30);
constexpr std::size_t names_max = 256;

using address_list = std::vector<asio::ip::address>;

struct entry
{
    address_list addresses;
    core::error failed;
    core::instant until{};
    bool asking = false;
    std::size_t rotation = 0;
    std::vector<dial_attempt*> waiting;
};

core::error lookup_error(const std::string& host, core::error_code ec)
{
    core::error out;
    out.code = errc::resolve_failed;
    out.detail = "dial tcp: lookup " + host + ": ";
    if (ec == asio::error::host_not_found || ec == asio::error::no_data || ec == asio::error::service_not_found)
        out.detail += "no such host";
    else if (ec == asio::error::host_not_found_try_again)
        out.detail += "temporary failure in name resolution";
    else
        out.detail += ec.message();
    return out;
}

/// Takes the attempt out of an entry's list however its wait ends.
class listed
{
public:
    listed(std::vector<dial_attempt*>& list, dial_attempt& attempt) : list_(list), attempt_(attempt) { list_.push_back(&attempt_); }
    ~listed() { std::erase(list_, &attempt_); }
    listed(const listed&) = delete;
    listed& operator=(const listed&) = delete;

private:
    std::vector<dial_attempt*>& list_;
    dial_attempt& attempt_;
};

} // namespace

struct name_cache::state : std::enable_shared_from_this<name_cache::state>
{
    state(core::shard& on, std::unique_ptr<resolver> names_in) : shard(on), asked(std::move(names_in)) {}

    void ask(const std::string& host, entry& e)
    {
        e.asking = true;
        asked->ask(host, [weak = weak_from_this(), host](core::error_code ec, const address_list& found) {
            if (const auto self = weak.lock())
                self->answered(host, ec, found);
        });
    }

    void answered(const std::string& host, core::error_code ec, const address_list& found)
    {
        const auto at = names.find(host);
        if (at == names.end())
            return;
        entry& e = at->second;
        e.asking = false;
        e.addresses = found;
        e.failed = found.empty() ? lookup_error(host, ec ? ec : core::error_code(asio::error::host_not_found)) : core::error();
        e.until = shard.time().now() + (found.empty() ? absence_kept_for : kept_for);
        for (dial_attempt* const one : e.waiting)
            one->waiter.wake();
    }

    bool blamed_now(const asio::ip::address& address)
    {
        const auto at = blamed.find(address);
        return at != blamed.end() && shard.time().now() < at->second;
    }

    address_list in_order(entry& e)
    {
        address_list families[2];
        for (const auto& address : e.addresses)
            families[address.is_v6() == e.addresses.front().is_v6() ? 0 : 1].push_back(address);
        const std::size_t turn = e.rotation++;
        for (address_list& family : families) {
            if (!family.empty())
                std::rotate(family.begin(), family.begin() + static_cast<std::ptrdiff_t>(turn % family.size()), family.end());
        }
        address_list out;
        for (std::size_t i = 0; i < std::max(families[0].size(), families[1].size()); ++i) {
            for (const address_list& family : families)
                if (i < family.size())
                    out.push_back(family[i]);
        }
        std::stable_partition(out.begin(), out.end(), [this](const auto& address) { return !blamed_now(address); });
        return out;
    }

    void make_room()
    {
        if (names.size() >= names_max)
            std::erase_if(names, [](const auto& one) { return !one.second.asking && one.second.waiting.empty(); });
        if (blamed.size() >= names_max)
            blamed.clear();
    }

    core::shard& shard;
    std::unique_ptr<resolver> asked;
    std::map<std::string, entry> names; ///< entries keep their place
    std::map<asio::ip::address, core::instant> blamed;
};

name_cache::name_cache(core::shard& on, std::unique_ptr<resolver> names) : state_(std::make_shared<state>(on, std::move(names))) {}
name_cache::~name_cache() = default;

awaitable<core::result<address_list>> name_cache::addresses_of(const std::string& host, dial_attempt& attempt)
{
    core::error_code not_literal;
    const auto literal = asio::ip::make_address(host, not_literal);
    if (!not_literal)
        co_return address_list{literal};

    state& s = *state_;
    s.make_room();
    entry& e = s.names[host];
    if (!e.asking && e.until <= s.shard.time().now())
        s.ask(host, e);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    const listed here(e.waiting, attempt);
    while (e.asking) {
        const auto [ec] = co_await attempt.waiter.wait(await_tuple);
        if (ec || attempt.stopped || core::cancelled_before(cancellation)) {
            core::error stopped;
            stopped.code = core::errc::cancelled;
            co_return stopped;
        }
    }
    if (e.failed.code)
        co_return e.failed;
    co_return s.in_order(e);
}

void name_cache::blame(const asio::ip::address& address)
{
    state_->make_room();
    state_->blamed[address] = state_->shard.time().now() + blamed_for;
}

void name_cache::close() noexcept { state_->asked->close(); }

} // namespace lambent::http
