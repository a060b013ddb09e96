#pragma once

#include <lambent/http/errc.hpp>

#include <support/script.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace lambent::test {

/// What one call must give: an answer, or an error.
struct wanted
{
    int status = 200;                    ///< of the answer; of the partial one, or 0, where it fails
    std::string body;
    std::vector<http::errc> errors;      ///< empty: answered; else one of these, where the kernel may tell it in several ways
    std::string detail;                  ///< part of the error's detail
    http::progress progress = http::progress::answered;
    std::size_t post_bytes = 0;          ///< POST with a body of this size, else GET
};

/// A server that does something to its first connection.
struct peer
{
    std::string item;                    ///< of the list of hostile deeds: "2" is an end inside the answer
    std::string deed;                    ///< one line for the reader
    support::script script;
    std::vector<wanted> calls;
    bool kept = false;                   ///< the connection serves the next call too, by the rest of its script
    bool large = false;                  ///< too long to be cut at every byte
};

/// Every deed once, in the order of the list.
const std::vector<peer>& hostile_peers();

} // namespace lambent::test
