#pragma once

#include "fake_host.hpp"
#include "fake_lambda.hpp"

#include <string>
#include <utility>

namespace lambent::test {

/// A bench whose aws_lambda processors talk to a fake Lambda with this handler.
struct lambda_bench : bench
{
    explicit lambda_bench(fake_lambda::handler h) : lambda(world.time(), std::move(h))
    {
        host.make_network = [this] { return lambda.network(); };
    }

    fake_lambda lambda;
};

/// One aws_lambda of function foo with further fields in YAML's flow style.
inline std::string foo(const std::string& more = {})
{
    return "aws_lambda: { function: foo, region: eu-west-1, endpoint: 'http://lambda.test', "
           "credentials: { id: AKIDEXAMPLE, secret: s3cr3t }"
        + (more.empty() ? more : ", " + more) + " }";
}

inline fake_lambda::answer echo(const fake_lambda::call& c) { return {200, c.body, ""}; }

} // namespace lambent::test
