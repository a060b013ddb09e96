#include <lambent/core/entropy.hpp>
#include <lambent/core/histogram.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

using namespace lambent::core;

TEST_CASE("histogram: small values are exact", "[core][histogram]")
{
    const auto h = std::make_unique<histogram>();
    for (std::uint64_t v = 1; v <= 100; ++v)
        h->record(v);
    CHECK(h->quantile(0.5) == 50);
    CHECK(h->quantile(0.99) == 99);
    CHECK(h->quantile(1) == 100);
    CHECK(h->quantile(0) == 1);
    CHECK(h->min() == 1);
    CHECK(h->max() == 100);
    CHECK(h->mean() == 50.5);
}

TEST_CASE("histogram: quantiles are at most 1/64 above the truth and never below it", "[core][histogram]")
{
    entropy chance(2);
    const auto h = std::make_unique<histogram>();
    std::vector<std::uint64_t> values;
    for (int i = 0; i < 20000; ++i) {
        values.push_back(chance.next() >> chance.below(64));
        h->record(values.back());
    }
    std::sort(values.begin(), values.end());
    for (double q : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        const auto rank = static_cast<std::size_t>(std::ceil(q * 20000)) - 1;
        const auto truth = values[rank];
        const auto got = h->quantile(q);
        CHECK(got >= truth);
        CHECK(static_cast<double>(got) <= static_cast<double>(truth) * (1 + 1.0 / 64) + 1);
    }
}

TEST_CASE("histogram: merged, it is as if all had been recorded in one", "[core][histogram]")
{
    entropy chance(2);
    const auto all = std::make_unique<histogram>();
    const auto a = std::make_unique<histogram>();
    const auto b = std::make_unique<histogram>();
    for (int i = 0; i < 5000; ++i) {
        const std::uint64_t v = chance.below(1'000'000'000);
        all->record(v);
        (i % 3 == 0 ? *a : *b).record(v);
    }
    a->merge(*b);
    CHECK(a->count() == all->count());
    CHECK(a->sum() == all->sum());
    CHECK(a->min() == all->min());
    CHECK(a->max() == all->max());
    for (int i = 0; i <= 100; ++i)
        CHECK(a->quantile(i / 100.0) == all->quantile(i / 100.0));
}

TEST_CASE("histogram: empty it is zero; the extremes have a place", "[core][histogram]")
{
    const auto h = std::make_unique<histogram>();
    CHECK(h->quantile(0.5) == 0);
    CHECK(h->min() == 0);
    h->record(~std::uint64_t{0});
    h->record(0);
    CHECK(h->quantile(1) == ~std::uint64_t{0});
    CHECK(h->quantile(0.5) == 0);
    h->clear();
    CHECK(h->count() == 0);
    CHECK(h->quantile(1) == 0);
}
