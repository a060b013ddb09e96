#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>

#include <support/catch.hpp>

using namespace lambent::core;

TEST_CASE("error: a passed deadline is a time-out, a cancelled call is not", "[core][error]")
{
    CHECK(make_error_code(errc::deadline_exceeded) == condition::timed_out);
    CHECK(make_error_code(errc::cancelled) == condition::cancelled);
    CHECK(make_error_code(errc::cancelled) != condition::timed_out);
}

TEST_CASE("error: the detail is the text where there is one, else the code's advice", "[core][error]")
{
    CHECK(error{errc::closed, "the queue"}.text() == "the queue");
    CHECK(error{errc::closed, ""}.text() == "the other side is closed");
}

TEST_CASE("result: carries a value or an error", "[core][error]")
{
    result<int> good = 5;
    result<int> bad = error{errc::closed, "x"};
    CHECK(good.value() == 5);
    CHECK(bad.error().detail == "x");
    result<void> done;
    CHECK(done.has_value());
}

TEST_CASE("deadline: never is later than any instant, and narrows", "[core][deadline]")
{
    const deadline early(instant(std::chrono::seconds(5)));
    CHECK(earlier_of(deadline::never(), early) == early);
    CHECK(early.passed(instant(std::chrono::seconds(5))));
    CHECK_FALSE(deadline::never().passed(instant::max()));
    CHECK(early.left(instant(std::chrono::seconds(3))) == std::chrono::seconds(2));
    CHECK(early.left(instant(std::chrono::seconds(7))) == duration::zero());
}
