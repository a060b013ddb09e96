#include <lambent/bloblang/go_math.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>

namespace lambent::bloblang {
namespace {

constexpr double reduce_exactly_from = 1 << 29;

/// 4/pi in binary, 64 digits a word; the first word is the whole part. As many as the largest double needs.
constexpr std::array<std::uint64_t, 20> four_by_pi{
    0x0000000000000001, 0x45f306dc9c882a53, 0xf84eafa3ea69bb81, 0xb6c52b3278872083,
    0xfca2c757bd778ac3, 0x6e48dc74849ba5c0, 0x0c925dd413a32439, 0xfc3bd63962534e7d,
    0xd1046bea5d768909, 0xd338e04d68befc82, 0x7323ac7306a673e9, 0x3908bf177bf25076,
    0x3ff12fffbc0b301f, 0xde5e2316b414da3e, 0xda6cfd9e4f96136e, 0x9e8c7ecd3cbfd45a,
    0xea4f758fd7cbe2f6, 0x7a0e73ef14a525d4, 0xd7f6bf623f1aba10, 0xac06608df8f6d757,
};

/// x less a multiple of pi/4, in three steps (Cody and Waite), and which eighth of the circle it lies in.
struct reduced
{
    double z = 0;
    unsigned octant = 0;
};

/// The same for large x (Payne and Hanek): x * 4/pi less whole turns, of which three words of digits are enough.
reduced reduce_exactly(double x) noexcept
{
    int exponent = 0;
    const auto digits = static_cast<std::uint64_t>(std::ldexp(std::frexp(x, &exponent), 53));
    // The product's first digit that is no whole turn stands at the top of `high`.
    const auto skipped = static_cast<unsigned>(exponent - 53 + 61);
    const std::size_t word = skipped / 64;
    const unsigned bits = skipped % 64;
    const auto taken = [&](std::size_t i) {
        return bits == 0 ? four_by_pi[word + i] : four_by_pi[word + i] << bits | four_by_pi[word + i + 1] >> (64 - bits);
    };
    __extension__ using wide = unsigned __int128;
    const wide second = wide{taken(1)} * digits;
    const wide third = wide{taken(2)} * digits;
    const wide product = (wide{taken(0) * digits} << 64) + second + (third >> 64);
    const auto octant = static_cast<unsigned>(product >> 125);
    // The fraction is cut, not rounded, to a double's digits.
    const wide fraction = product << 3;
    const auto high = static_cast<std::uint64_t>(fraction >> 64);
    const int zeroes = std::countl_zero(high);
    const auto kept = static_cast<std::uint64_t>((fraction << zeroes) >> 75);
    double z = std::ldexp(static_cast<double>(kept), -53 - zeroes);
    unsigned next = octant;
    if ((octant & 1) == 1) {
        next = (octant + 1) & 7;
        --z;
    }
    return {z * (std::numbers::pi / 4), next};
}

reduced reduce(double x) noexcept
{
    if (x >= reduce_exactly_from)
        return reduce_exactly(x);
    constexpr double part_a = 7.85398125648498535156e-1;
    constexpr double part_b = 3.77489470793079817668e-8;
    constexpr double part_c = 2.69515142907905952645e-15;
    auto octant = static_cast<std::uint64_t>(x * (4 / std::numbers::pi));
    double y = static_cast<double>(octant);
    if ((octant & 1) == 1) {
        ++octant;
        ++y;
    }
    return {((x - y * part_a) - y * part_b) - y * part_c, static_cast<unsigned>(octant & 7)};
}

/// By a series of eight terms of a sixteenth, squared four times (N. Shibata, "Efficient evaluation methods of elementary functions suitable
/// for SIMD computation", 2010), each step fused. For |x| that neither overflows nor underflows.
double exponential(double x) noexcept
{
    constexpr double ln2_high = 0.69314718055966295651160180568695068359375;
    constexpr double ln2_low = 0.28235290563031577122588448175013436025525412068e-12;
    const double turns = std::nearbyint(x * std::numbers::log2e);
    const double r = 0.0625 * std::fma(-turns, ln2_low, std::fma(-turns, ln2_high, x));
    double sum = 1.0 / 40320;
    for (const double term : {1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0})
        sum = std::fma(sum, r, term);
    double less_one = r * sum; // of e^r; (1 + a)^2 - 1 = a (a + 2)
    for (int i = 0; i < 3; ++i)
        less_one *= less_one + 2;
    return std::ldexp(std::fma(less_one, less_one + 2, 1.0), static_cast<int>(turns));
}

double sine_polynomial(double z) noexcept
{
    const double zz = z * z;
    return z +
        z * zz *
        ((((((1.58962301576546568060e-10 * zz) + -2.50507477628578072866e-8) * zz + 2.75573136213857245213e-6) * zz +
              -1.98412698295895385996e-4) *
                 zz +
             8.33333333332211858878e-3) *
                zz +
            -1.66666666666666307295e-1);
}

double cosine_polynomial(double z) noexcept
{
    const double zz = z * z;
    return 1.0 - 0.5 * zz +
        zz * zz *
        ((((((-1.13585365213876817300e-11 * zz) + 2.08757008419747316778e-9) * zz + -2.75573141792967388112e-7) * zz +
              2.48015872888517045348e-5) *
                 zz +
             -1.38888888888730564116e-3) *
                zz +
            4.16666666666665929218e-2);
}

} // namespace

double go_sin(double x) noexcept
{
    if (x == 0 || !std::isfinite(x))
        return std::sin(x);
    bool negative = x < 0;
    reduced r = reduce(std::fabs(x));
    if (r.octant > 3) {
        negative = !negative;
        r.octant -= 4;
    }
    const double y = r.octant == 1 || r.octant == 2 ? cosine_polynomial(r.z) : sine_polynomial(r.z);
    return negative ? -y : y;
}

double go_cos(double x) noexcept
{
    if (!std::isfinite(x))
        return std::cos(x);
    bool negative = false;
    reduced r = reduce(std::fabs(x));
    if (r.octant > 3) {
        r.octant -= 4;
        negative = !negative;
    }
    if (r.octant > 1)
        negative = !negative;
    const double y = r.octant == 1 || r.octant == 2 ? sine_polynomial(r.z) : cosine_polynomial(r.z);
    return negative ? -y : y;
}

double go_tan(double x) noexcept
{
    if (x == 0 || !std::isfinite(x))
        return std::tan(x);
    const reduced r = reduce(std::fabs(x));
    const double z = r.z;
    const double zz = z * z;
    double y = z;
    if (zz > 1e-14) {
        const double above = ((-1.30936939181383734205e4 * zz) + 1.15351664838587416140e6) * zz + -1.79565251976484877988e7;
        const double below = (((zz + 1.36812963470692954678e4) * zz + -1.32089234440210967447e6) * zz + 2.50083801823357915839e7) * zz +
            -5.38695755929454629881e7;
        y = z + z * (zz * above / below);
    }
    if ((r.octant & 2) == 2)
        y = -1 / y;
    return x < 0 ? -y : y;
}

double go_log(double x) noexcept
{
    if (!(x > 0) || !std::isfinite(x))
        return std::log(x);
    int exponent = 0;
    double fraction = std::frexp(x, &exponent);
    if (fraction < std::numbers::sqrt2 / 2) {
        fraction *= 2;
        --exponent;
    }
    const double f = fraction - 1;
    const double k = exponent;
    const double s = f / (2 + f);
    const double s2 = s * s;
    const double s4 = s2 * s2;
    const double odd = s2 * (6.666666666666735130e-01 + s4 * (2.857142874366239149e-01 + s4 * (1.818357216161805012e-01 + s4 * 1.479819860511658591e-01)));
    const double even = s4 * (3.999999999940941908e-01 + s4 * (2.222219843214978396e-01 + s4 * 1.531383769920937332e-01));
    const double half_square = 0.5 * f * f;
    constexpr double ln2_high = 6.93147180369123816490e-01;
    constexpr double ln2_low = 1.90821492927058770002e-10;
    return k * ln2_high - ((half_square - (s * (half_square + (odd + even)) + k * ln2_low)) - f);
}

double go_log10(double x) noexcept
{
    if (!(x > 0) || !std::isfinite(x))
        return std::log10(x);
    return go_log(x) * std::numbers::log10e;
}

double go_pow(double x, double y) noexcept
{
    const bool special = y == 0 || x == 1 || y == 1 || x == 0 || !std::isfinite(x) || !std::isfinite(y) || std::fabs(y) >= 0x1p63;
    if (special)
        return std::pow(x, y);
    if (y == 0.5)
        return std::sqrt(x);
    if (y == -0.5)
        return 1 / std::sqrt(x);
    double whole = 0;
    double part = std::modf(std::fabs(y), &whole);
    if (part != 0 && x < 0)
        return std::numeric_limits<double>::quiet_NaN();
    double result = 1;
    std::int64_t scale = 0;
    if (part != 0) {
        if (part > 0.5) {
            --part;
            ++whole;
        }
        result = exponential(part * go_log(x));
    }
    int first = 0;
    double power = std::frexp(x, &first);
    std::int64_t exponent = first;
    for (auto i = static_cast<std::int64_t>(whole); i != 0; i >>= 1) {
        // The exponent alone decides from here: 0 or infinity.
        if (exponent < -(1 << 12) || exponent > 1 << 12) {
            scale += exponent;
            break;
        }
        if ((i & 1) == 1) {
            result *= power;
            scale += exponent;
        }
        power *= power;
        exponent <<= 1;
        if (power < 0.5) {
            power += power;
            --exponent;
        }
    }
    if (y < 0) {
        result = 1 / result;
        scale = -scale;
    }
    const std::int64_t bounded = scale > 100'000 ? 100'000 : scale < -100'000 ? -100'000 : scale;
    return std::ldexp(result, static_cast<int>(bounded));
}

} // namespace lambent::bloblang
