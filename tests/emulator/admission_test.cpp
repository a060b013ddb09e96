#include <lambent/emulator/admission.hpp>

#include <support/catch.hpp>

using namespace lambent::emulator;
using verdict = admission::verdict;

TEST_CASE("admission: the account's concurrency bounds all functions without a share", "[emulator][admission]")
{
    admission gate(2);
    CHECK(gate.enter("a") == verdict::admitted);
    CHECK(gate.enter("b") == verdict::admitted);
    CHECK(gate.enter("c") == verdict::account_full);
    CHECK(gate.running() == 2);
    gate.leave("a");
    CHECK(gate.enter("c") == verdict::admitted);
}

TEST_CASE("admission: a share is kept for its function, and bounds it", "[emulator][admission]")
{
    admission gate(3);
    REQUIRE(gate.reserve("foo", 2));
    CHECK(gate.enter("other") == verdict::admitted);
    CHECK(gate.enter("other") == verdict::account_full);
    CHECK(gate.enter("foo") == verdict::admitted);
    CHECK(gate.enter("foo") == verdict::admitted);
    CHECK(gate.enter("foo") == verdict::function_full);
    gate.leave("foo");
    CHECK(gate.enter("other") == verdict::account_full);
    CHECK(gate.enter("foo") == verdict::admitted);
}

TEST_CASE("admission: a share of nothing stops a function, shares beyond the account's limit are refused", "[emulator][admission]")
{
    admission gate(10);
    REQUIRE(gate.reserve("stopped", 0));
    CHECK(gate.enter("stopped") == verdict::function_full);
    CHECK_FALSE(gate.reserve("big", 11));
    CHECK(gate.reserve("big", 10));
    CHECK_FALSE(gate.reserve("big", 0));
    CHECK(gate.enter("anybody") == verdict::account_full);
    CHECK(reason(verdict::account_full) == "ConcurrentInvocationLimitExceeded");
    CHECK(reason(verdict::function_full) == "ReservedFunctionConcurrentInvocationLimitExceeded");
}
