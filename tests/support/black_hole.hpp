#pragma once

#include <lambent/core/shard.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace lambent::support {

/// An address and port that never answer: a listener whose queue is full drops what else comes.
struct black_hole
{
    black_hole(core::shard& on, const std::string& address, std::uint16_t port)
        : acceptor(on.executor())
    {
        const asio::ip::tcp::endpoint at(asio::ip::make_address(address), port);
        acceptor.open(at.protocol());
        acceptor.set_option(asio::ip::tcp::acceptor::reuse_address(true));
        acceptor.bind(at);
        acceptor.listen(0);
        for (int i = 0; i < 3; ++i) {
            asio::ip::tcp::socket filler(on.executor(), at.protocol());
            filler.non_blocking(true);
            // Asio's connect would wait even so.
            static_cast<void>(::connect(filler.native_handle(), at.data(), static_cast<socklen_t>(at.size())));
            fillers.push_back(std::move(filler));
        }
    }
    asio::ip::tcp::acceptor acceptor;
    std::vector<asio::ip::tcp::socket> fillers;
};

} // namespace lambent::support
