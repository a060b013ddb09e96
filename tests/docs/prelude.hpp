// In front of every C++ block of the documentation that is no whole file. Beside it, every public header is included.
#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <cstdio>
#include <future>

namespace asio = boost::asio;
using namespace lambent;
using namespace std::chrono_literals;

// The reader's own.
void log(std::string_view text);
void use(std::string_view payload);
std::string price(std::string_view order);
