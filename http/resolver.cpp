#include <lambent/http/resolver.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <utility>

namespace lambent::http {
namespace {

class system_resolver final : public resolver
{
public:
    explicit system_resolver(const asio::any_io_executor& executor) : asio_(executor) {}

    void ask(const std::string& host, answer told) override
    {
        asio_.async_resolve(host, "",
            [told = std::move(told)](core::error_code ec, const asio::ip::tcp::resolver::results_type& found) {
                std::vector<asio::ip::address> addresses;
                for (const auto& one : found) {
                    const auto address = one.endpoint().address();
                    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
                        addresses.push_back(address);
                }
                told(ec, addresses);
            });
    }
    void close() noexcept override { asio_.cancel(); }

private:
    asio::ip::tcp::resolver asio_;
};

} // namespace

std::unique_ptr<resolver> make_system_resolver(const asio::any_io_executor& executor)
{
    return std::make_unique<system_resolver>(executor);
}

} // namespace lambent::http
