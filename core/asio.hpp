#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace lambent {

namespace asio = boost::asio;
using asio::awaitable;

/// The one completion token inside lambent: `auto [ec, n] = co_await stream.async_read_some(buffer, await_tuple);`
inline constexpr auto await_tuple = asio::as_tuple(asio::use_awaitable);

} // namespace lambent
