#include <lambent/http/head_memory.hpp>

#include <lambent/http/headers.hpp>

#include <algorithm>

#if defined(__SSE2__)
#    include <emmintrin.h>
#endif

namespace lambent::http {
namespace {

constexpr std::size_t lane = 16;
constexpr std::size_t head_bytes_max = 4096; // a longer one is not worth its memory
constexpr unsigned trust_max = 16;

/// May `text` stand in place of `known`, both of `lane` bytes?
bool lane_matches(const char* text, const char* known, const char* free) noexcept
{
#if defined(__SSE2__)
    const auto load = [](const char* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); };
    const __m128i now = load(text);
    const __m128i same = _mm_cmpeq_epi8(now, load(known));
    const __m128i invisible = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(now, _mm_set1_epi8(0x20)), now), _mm_cmpeq_epi8(now, _mm_set1_epi8(0x7f)));
    const __m128i allowed = _mm_andnot_si128(invisible, load(free));
    return _mm_movemask_epi8(_mm_or_si128(same, allowed)) == 0xffff;
#else
    return std::equal(text, text + lane, known, [&free](char now, char before) {
        const auto u = static_cast<unsigned char>(now);
        return *free++ != 0 ? now == before || (u > 0x20 && u != 0x7f) : now == before;
    });
#endif
}

// Their values decide about the connection and the body, and are judged anew whenever they differ.
bool is_framing(std::string_view name) noexcept
{
    return equal_ignoring_case(name, "connection") || equal_ignoring_case(name, "transfer-encoding");
}

} // namespace

std::size_t head_memory::match(std::string_view text) noexcept
{
    const std::size_t size = head_.size();
    if (size == 0 || text.size() < size)
        return 0;
    bool matches = lane_matches(text.data() + size - lane, head_.data() + size - lane, free_.data() + size - lane);
    for (std::size_t at = 0; matches && at + lane < size; at += lane)
        matches = lane_matches(text.data() + at, head_.data() + at, free_.data() + at);
    if (!matches)
        return 0;
    trust_ = std::min(trust_ + 1, trust_max);
    return size;
}

std::string_view head_memory::place(const char* head, std::vector<field_view>& fields) const
{
    for (const field& one : fields_)
        fields.push_back({{head + one.name.at, one.name.size}, {head + one.value.at, one.value.size}});
    return {head + reason_.at, reason_.size};
}

void head_memory::offer(std::string_view head, std::string_view reason, std::span<const field_view> fields, const head_facts& facts)
{
    const auto announces = [](const field_view& one) { return equal_ignoring_case(one.name, "content-length"); };
    if (trust_ > 0) {
        --trust_;
        return;
    }
    if (head.size() < lane || head.size() > head_bytes_max || std::count_if(fields.begin(), fields.end(), announces) > 1)
        return;
    const auto located = [&head](std::string_view part) {
        return part.data() == nullptr ? span_of{0, 0} : span_of{static_cast<std::uint32_t>(part.data() - head.data()), static_cast<std::uint32_t>(part.size())};
    };
    head_.assign(head);
    free_.assign(head.size(), '\0');
    facts_ = facts;
    reason_ = located(reason);
    fields_.clear();
    for (const field_view& one : fields) {
        const field at{located(one.name), located(one.value)};
        fields_.push_back(at);
        if (!is_framing(one.name))
            std::fill_n(free_.begin() + at.value.at, at.value.size, '\xff');
    }
    length_at_ = static_cast<std::size_t>(std::find_if(fields.begin(), fields.end(), announces) - fields.begin());
    trust_ = 1;
}

} // namespace lambent::http
