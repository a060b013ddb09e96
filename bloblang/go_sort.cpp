#include <lambent/bloblang/go_sort.hpp>

#include <bit>
#include <cstdint>
#include <numeric>
#include <utility>

namespace lambent::bloblang {
namespace {

using place = std::ptrdiff_t;

/// Pattern-defeating quicksort (O. Peters), with the constants of Go's package sort.
class sorter
{
public:
    sorter(std::size_t count, const element_order& order) : order_(order), at_(count) { std::iota(at_.begin(), at_.end(), 0u); }

    std::vector<std::size_t> run()
    {
        const auto n = static_cast<place>(at_.size());
        sort(0, n, static_cast<int>(std::bit_width(at_.size())));
        return std::move(at_);
    }

private:
    enum class hint { unknown, increasing, decreasing };

    bool less(place i, place j)
    {
        const auto a = static_cast<std::size_t>(i);
        const auto b = static_cast<std::size_t>(j);
        return order_(at_[a], at_[b], a, b);
    }
    void swap(place i, place j) { std::swap(at_[static_cast<std::size_t>(i)], at_[static_cast<std::size_t>(j)]); }

    void sort(place a, place b, int limit);
    void insertion(place a, place b);
    void heap(place a, place b);
    void sift_down(place low, place high, place first);
    bool partial_insertion(place a, place b);
    std::pair<place, bool> partition(place a, place b, place pivot);
    place partition_equal(place a, place b, place pivot);
    std::pair<place, hint> choose_pivot(place a, place b);
    place median(place a, place b, place c, int& swaps);
    void break_patterns(place a, place b);
    void reverse(place a, place b)
    {
        for (--b; a < b; ++a, --b)
            swap(a, b);
    }

    const element_order& order_;
    std::vector<std::size_t> at_;
};

void sorter::insertion(place a, place b)
{
    for (place i = a + 1; i < b; ++i) {
        for (place j = i; j > a && less(j, j - 1); --j)
            swap(j, j - 1);
    }
}

void sorter::sift_down(place low, place high, place first)
{
    for (place root = low;;) {
        place child = 2 * root + 1;
        if (child >= high)
            return;
        if (child + 1 < high && less(first + child, first + child + 1))
            ++child;
        if (!less(first + root, first + child))
            return;
        swap(first + root, first + child);
        root = child;
    }
}

void sorter::heap(place a, place b)
{
    const place high = b - a;
    for (place i = (high - 1) / 2; i >= 0; --i)
        sift_down(i, high, a);
    for (place i = high - 1; i >= 0; --i) {
        swap(a, a + i);
        sift_down(0, i, a);
    }
}

bool sorter::partial_insertion(place a, place b)
{
    constexpr int steps_max = 5;
    constexpr place shifting_min = 50;
    place i = a + 1;
    for (int step = 0; step < steps_max; ++step) {
        while (i < b && !less(i, i - 1))
            ++i;
        if (i == b)
            return true;
        if (b - a < shifting_min)
            return false;
        swap(i, i - 1);
        if (i - a >= 2) {
            for (place j = i - 1; j >= 1 && less(j, j - 1); --j)
                swap(j, j - 1);
        }
        if (b - i >= 2) {
            for (place j = i + 1; j < b && less(j, j - 1); ++j)
                swap(j, j - 1);
        }
    }
    return false;
}

std::pair<place, bool> sorter::partition(place a, place b, place pivot)
{
    swap(a, pivot);
    place i = a + 1;
    place j = b - 1;
    bool first = true;
    for (;;) {
        while (i <= j && less(i, a))
            ++i;
        while (i <= j && !less(j, a))
            --j;
        if (i > j)
            break;
        first = false;
        swap(i++, j--);
    }
    swap(j, a);
    return {j, first};
}

place sorter::partition_equal(place a, place b, place pivot)
{
    swap(a, pivot);
    place i = a + 1;
    place j = b - 1;
    for (;;) {
        while (i <= j && !less(a, i))
            ++i;
        while (i <= j && less(a, j))
            --j;
        if (i > j)
            return i;
        swap(i++, j--);
    }
}

place sorter::median(place a, place b, place c, int& swaps)
{
    const auto order = [&](place& x, place& y) {
        if (less(y, x)) {
            ++swaps;
            std::swap(x, y);
        }
    };
    order(a, b);
    order(b, c);
    order(a, b);
    return b;
}

std::pair<place, sorter::hint> sorter::choose_pivot(place a, place b)
{
    constexpr place ninther_min = 50;
    constexpr int swaps_max = 12;
    const place length = b - a;
    int swaps = 0;
    place i = a + length / 4;
    place j = a + length / 4 * 2;
    place k = a + length / 4 * 3;
    if (length >= 8) {
        if (length >= ninther_min) {
            i = median(i - 1, i, i + 1, swaps);
            j = median(j - 1, j, j + 1, swaps);
            k = median(k - 1, k, k + 1, swaps);
        }
        j = median(i, j, k, swaps);
    }
    return {j, swaps == 0 ? hint::increasing : swaps == swaps_max ? hint::decreasing : hint::unknown};
}

void sorter::break_patterns(place a, place b)
{
    const place length = b - a;
    if (length < 8)
        return;
    auto random = static_cast<std::uint64_t>(length);
    const std::uint64_t mask = (std::uint64_t{1} << std::bit_width(static_cast<std::uint64_t>(length))) - 1;
    const place middle = a + length / 4 * 2 - 1;
    for (place i = 0; i < 3; ++i) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        auto other = static_cast<place>(random & mask);
        if (other >= length)
            other -= length;
        swap(middle - 1 + i, a + other);
    }
}

void sorter::sort(place a, place b, int limit)
{
    constexpr place insertion_max = 12;
    bool balanced = true;
    bool partitioned = true;
    for (;;) {
        const place length = b - a;
        if (length <= insertion_max)
            return insertion(a, b);
        if (limit == 0)
            return heap(a, b);
        if (!balanced) {
            break_patterns(a, b);
            --limit;
        }
        auto [pivot, guess] = choose_pivot(a, b);
        if (guess == hint::decreasing) {
            reverse(a, b);
            pivot = b - 1 - (pivot - a);
            guess = hint::increasing;
        }
        if (balanced && partitioned && guess == hint::increasing && partial_insertion(a, b))
            return;
        if (a > 0 && !less(a - 1, pivot)) {
            a = partition_equal(a, b, pivot);
            continue;
        }
        const auto [middle, already] = partition(a, b, pivot);
        partitioned = already;
        const place left = middle - a;
        const place right = b - middle;
        balanced = std::min(left, right) >= length / 8;
        if (left < right) {
            sort(a, middle, limit);
            a = middle + 1;
        } else {
            sort(middle + 1, b, limit);
            b = middle;
        }
    }
}

} // namespace

std::vector<std::size_t> go_sort(std::size_t count, const element_order& less) { return sorter(count, less).run(); }

} // namespace lambent::bloblang
