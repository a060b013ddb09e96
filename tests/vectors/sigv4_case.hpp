#pragma once

#include <lambent/core/time.hpp>

#include <boost/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::vectors {

struct tally
{
    std::size_t passed = 0;
    std::size_t failed = 0;
};

/// The stages of one case; each that differs is printed with expected and got, under the case's name.
class comparison
{
public:
    explicit comparison(std::string name) : name_(std::move(name)) {}
    void same(std::string_view stage, std::string_view expected, std::string_view got);
    void fail(std::string_view stage, std::string_view why);
    void count(tally& into) const;

private:
    void title();
    std::string name_;
    bool failed_ = false;
};

/// "2015-08-30T12:36:00Z"
core::wall_time moment(std::string_view timestamp);
std::string_view text(const boost::json::object& from, std::string_view name);

/// One case of the signing suite, signed by header; ditto by query.
void run_header_variant(const boost::json::object& test, tally& count);
void run_query_variant(const boost::json::object& test, tally& count);
/// One Lambda request: built from function and endpoint, then signed. Two checks.
void run_lambda_request(const boost::json::object& test, tally& count);

} // namespace lambent::vectors
