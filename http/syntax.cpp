#include <lambent/http/syntax.hpp>

#include <bit>
#include <cstddef>

#if defined(__SSE2__)
#    include <emmintrin.h>
#endif

namespace lambent::http {

bool is_token(std::string_view text) noexcept
{
    return !text.empty() && token_prefix(text) == text.size();
}

bool is_text(std::string_view text) noexcept { return text_prefix(text) == text.size(); }

std::size_t token_prefix(std::string_view text) noexcept
{
    std::size_t at = 0;
#if defined(__SSE2__)
    // Sixteen at a time: letters, digits and dashes, which is what names are made of.
    while (text.size() - at >= 16) {
        const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        const __m128i low = _mm_or_si128(v, _mm_set1_epi8(0x20));
        const __m128i letter = _mm_and_si128(_mm_cmpgt_epi8(low, _mm_set1_epi8('a' - 1)), _mm_cmplt_epi8(low, _mm_set1_epi8('z' + 1)));
        const __m128i digit = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8('0' - 1)), _mm_cmplt_epi8(v, _mm_set1_epi8('9' + 1)));
        const __m128i plain = _mm_or_si128(_mm_or_si128(letter, digit), _mm_cmpeq_epi8(v, _mm_set1_epi8('-')));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(plain));
        at += static_cast<std::size_t>(std::countr_one(mask));
        if (mask != 0xffff)
            break;
    }
#endif
    while (at < text.size() && is_token_char(text[at]))
        ++at;
    return at;
}

std::size_t text_prefix(std::string_view text) noexcept
{
    std::size_t at = 0;
#if defined(__SSE2__)
    while (text.size() - at >= 16) {
        const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        const __m128i below = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
        const __m128i wrong = _mm_or_si128(below, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(wrong));
        if (mask == 0) {
            at += 16;
            continue;
        }
        at += static_cast<std::size_t>(std::countr_zero(mask));
        if (text[at] != '\t')
            return at;
        ++at;
    }
#endif
    while (at < text.size() && is_text_char(text[at]))
        ++at;
    return at;
}

int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char low = static_cast<char>(c | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

field_line split_field(std::string_view line) noexcept
{
    field_line out;
    if (line.empty() || is_blank(line.front())) {
        out.wrong = "a header line is folded";
        return out;
    }
    const std::size_t colon = token_prefix(line);
    if (colon == 0 || colon == line.size() || line[colon] != ':') {
        out.wrong = "a header name is empty or holds what no token may";
        return out;
    }
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!is_text(value)) {
        out.wrong = "a header value holds control characters";
        return out;
    }
    out.name = line.substr(0, colon);
    out.value = value;
    return out;
}

} // namespace lambent::http
