#include <lambent/data/detail/block_pool.hpp>
#include <lambent/data/detail/document.hpp>
#include <lambent/data/detail/nodes.hpp>
#include <lambent/data/detail/short_bytes.hpp>
#include <lambent/data/json.hpp>
#include <lambent/data/path.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include <simdjson.h>

namespace lambent::data::detail {
namespace {

/// Loads of up to 16 bytes may begin at any byte of the text; simdjson's own loads are bounded.
constexpr std::size_t padding = 16;
/// Larger scratch space of a thread is given back after use.
constexpr std::size_t scratch_kept_max = 1u << 20;

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

using token_finder = simdjson::internal::dom_parser_implementation;

/// simdjson's first stage: offsets of tokens; it has checked UTF-8, the strings' ends and their control characters then.
token_finder* find_tokens(std::string_view text, std::unique_ptr<token_finder>& scratch)
{
    constexpr std::size_t capacity_min = 4096;
    if (!scratch) {
        const std::size_t capacity = std::max(text.size(), capacity_min);
        if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, scratch) != simdjson::SUCCESS)
            return nullptr;
    } else if (scratch->capacity() < text.size() && scratch->set_capacity(text.size()) != simdjson::SUCCESS) {
        return nullptr;
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    if (scratch->stage1(bytes, text.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS)
        return nullptr;
    return scratch.get();
}

std::size_t aligned(std::size_t n) noexcept { return (n + 7) & ~std::size_t{7}; }
std::size_t levels_size(std::size_t containers) noexcept { return containers * sizeof(std::atomic<value::node*>); }

} // namespace

document* document::index(std::string_view text, std::size_t depth_max)
{
    if (text.empty() || text.size() >= simdjson::SIMDJSON_MAXSIZE_BYTES - padding)
        return nullptr;
    thread_local std::unique_ptr<token_finder> scratch;
    const token_finder* found = find_tokens(text, scratch);
    if (found == nullptr) {
        if (text.size() > scratch_kept_max)
            scratch.reset();
        return nullptr;
    }
    const std::size_t tokens = found->n_structural_indexes;
    const std::size_t text_room = aligned(text.size() + padding);
    const std::size_t starts_room = (tokens + 3) * sizeof(token);
    const std::size_t block = sizeof(document) + text_room + starts_room + tokens * sizeof(token);
    void* room = take_block(block);
    auto* made = new (room) document;
    made->block_ = block;
    made->kind = data::kind::nothing;
    char* const bytes = static_cast<char*>(room) + sizeof(document);
    std::memcpy(bytes, text.data(), text.size());
    std::memset(bytes + text.size(), 0, text_room - text.size());
    auto* const starts = reinterpret_cast<token*>(bytes + text_room);
    std::memcpy(starts, found->structural_indexes.get(), tokens * sizeof(token));
    for (std::size_t i = 0; i < 3; ++i)
        starts[tokens + i] = static_cast<token>(text.size());
    made->text_ = bytes;
    made->starts_ = starts;
    made->links_ = starts + tokens + 3;
    made->size_ = text.size();
    made->tokens_ = static_cast<token>(tokens);
    made->escapes_ = std::memchr(bytes, '\\', text.size()) != nullptr;
    if (text.size() > scratch_kept_max)
        scratch.reset();
    if (made->check(depth_max))
        return made;
    destroy(made);
    return nullptr;
}

value document::adopted(document* d)
{
    value v = d->at(root());
    value::release(d);
    return v;
}

void document::destroy(document* d) noexcept
{
    if (auto* levels = d->levels_.load(std::memory_order_acquire)) {
        for (token i = 0; i < d->containers_; ++i) {
            value::node* n = levels[i].load(std::memory_order_relaxed);
            if (n == nullptr)
                continue;
            if (n->kind == data::kind::array)
                delete static_cast<array_node*>(n);
            else
                delete static_cast<object_node*>(n);
        }
        give_block(levels, levels_size(d->containers_));
    }
    const std::size_t block = d->block_;
    d->~document();
    give_block(d, block);
}

namespace {

using token = document::token;

/// One walk over the tokens. Everything is a local or inside the object, and in line: this is where a large message spends its time.
/// The text ends in zeros, which begin no token and end every scalar.
template <bool Escapes>
class checker
{
public:
    checker(const char* text, std::size_t size, const token* starts, token tokens, token* links)
        : text_(text), end_(text + size), starts_(starts), tokens_(tokens), links_(links)
    {
    }

    bool run(std::size_t depth_max) noexcept;
    token containers() const noexcept { return containers_; }

private:
    const char* byte(token t) const noexcept { return text_ + starts_[t]; }

    [[gnu::always_inline]] bool ends(const char* at) const noexcept
    {
        return *at == ',' || *at == '}' || *at == ']' || is_space(*at) || at == end_;
    }
    [[gnu::always_inline]] bool word(const char* at, std::string_view expected) const noexcept
    {
        return std::memcmp(at, expected.data(), expected.size()) == 0 && ends(at + expected.size());
    }
    [[gnu::always_inline]] bool number(const char* at) const noexcept
    {
        if (*at == '-' && !is_digit(*++at))
            return false;
        if (*at++ != '0') {
            while (is_digit(*at))
                ++at;
        }
        if (*at == '.') {
            if (!is_digit(*++at))
                return false;
            while (is_digit(*at))
                ++at;
        }
        if (*at == 'e' || *at == 'E') {
            ++at;
            if (*at == '+' || *at == '-')
                ++at;
            if (!is_digit(*at))
                return false;
            while (is_digit(*at))
                ++at;
        }
        return ends(at);
    }
    bool escapes(token t) const noexcept;
    [[gnu::always_inline]] bool string(token t) const noexcept
    {
        if constexpr (Escapes)
            return escapes(t);
        return true;
    }
    [[gnu::always_inline]] bool key(token t) const noexcept
    {
        return *byte(t) == '"' && *byte(t + 1) == ':' && string(t);
    }
    [[gnu::always_inline]] bool scalar(token t) const noexcept
    {
        const char* at = byte(t);
        switch (*at) {
        case '"':
            return string(t);
        case 't':
            return word(at, "true");
        case 'f':
            return word(at, "false");
        case 'n':
            return word(at, "null");
        default:
            return (*at == '-' || is_digit(*at)) && number(at);
        }
    }

    const char* const text_;
    const char* const end_;
    const token* const __restrict starts_;
    const token tokens_;
    token* const __restrict links_;
    token containers_ = 0;
};

template <bool Escapes>
bool checker<Escapes>::escapes(token t) const noexcept
{
    const char* at = byte(t) + 1;
    const char* end = text_ + starts_[t + 1];
    while (is_space(end[-1]))
        --end;
    --end;
    const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
    while ((at = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)))) != nullptr) {
        if (at[1] == 'u') {
            if (end - at < 6 || !is_hex(at[2]) || !is_hex(at[3]) || !is_hex(at[4]) || !is_hex(at[5]))
                return false;
            at += 6;
        } else if (std::string_view("\"\\/bfnrt").find(at[1]) != std::string_view::npos) {
            at += 2;
        } else {
            return false;
        }
    }
    return true;
}

// While a container is open its link leads to the one around it.
template <bool Escapes>
bool checker<Escapes>::run(std::size_t depth_max) noexcept
{
    token at = 0;
    token open = document::none;
    bool in_object = false;
    std::size_t depth = 0;
    while (true) {
        const char c = *byte(at);
        if (c == '{' || c == '[') {
            if (++depth > depth_max)
                return false;
            links_[at] = open;
            open = at++;
            in_object = c == '{';
            if (*byte(at) != (in_object ? '}' : ']')) {
                if (!in_object)
                    continue;
                if (!key(at))
                    return false;
                at += 2;
                continue;
            }
        } else if (!scalar(at++)) {
            return false;
        }
        // `at` is behind a value, or at the closing bracket of an empty container.
        while (true) {
            if (open == document::none)
                return at == tokens_;
            const char next = *byte(at);
            if (next == ',' && at != open + 1) {
                ++at;
                if (in_object) {
                    if (!key(at))
                        return false;
                    at += 2;
                }
                break;
            }
            if (next != (in_object ? '}' : ']'))
                return false;
            const token around = links_[open];
            links_[open] = at;
            links_[at++] = containers_++;
            open = around;
            in_object = open != document::none && *byte(open) == '{';
            --depth;
        }
    }
}

} // namespace

bool document::check(std::size_t depth_max) noexcept
{
    const auto by = [&](auto walk) {
        const bool good = walk.run(depth_max);
        containers_ = walk.containers();
        return good;
    };
    return escapes_ ? by(checker<true>(text_, size_, starts_, tokens_, links_)) : by(checker<false>(text_, size_, starts_, tokens_, links_));
}

namespace {

[[gnu::noinline]] value without_escapes(std::string_view quoted)
{
    json_read_options careful;
    careful.eager = true;
    return read_json(quoted, careful).value();
}

} // namespace

value document::at(token t, bool borrowed) const
{
    const char c = *at_byte(t);
    switch (c) {
    case '{':
    case '[':
        return value::within(c == '{' ? data::kind::object : data::kind::array, *this, t, borrowed);
    case 't':
        return value(true);
    case 'f':
        return value(false);
    case 'n':
        return {};
    default:
        break;
    }
    const std::string_view shown = text(t);
    const data::kind k = c == '"' ? data::kind::string : data::kind::number;
    if (escapes_ && c == '"' && shown.find('\\') != std::string_view::npos)
        return without_escapes(std::string_view(at_byte(t), shown.size() + 2));
    if (shown.size() > value::inside_max)
        return value::within(k, *this, t, borrowed);
    std::uint64_t words[2];
    std::memcpy(words, shown.data(), sizeof words);
    return value::small(k, shown.size(), words[0], words[1]);
}

bool document::same_key(token t, std::string_view key) const
{
    if (!escapes_) {
        // Without escapes the next quote ends it; a key that has a quote itself reaches beyond the next token.
        const char* const first = at_byte(t) + 1;
        return key.size() < static_cast<std::size_t>(at_byte(t + 1) - first) && first[key.size()] == '"' &&
            same_bytes(first, key.data(), key.size());
    }
    const std::string_view shown = text(t);
    if (shown.find('\\') == std::string_view::npos)
        return shown == key;
    return at(t).text() == key;
}

document::token document::find(token object, std::string_view key) const
{
    token found = none;
    const token end = links_[object];
    if (escapes_) {
        for (token t = object + 1; t != end; t = next(t + 2))
            found = same_key(t, key) ? t + 2 : found;
        return found;
    }
    const char head = key.empty() ? '"' : key.front(); // most keys differ there
    for (token t = object + 1; t != end; t = next(t + 2)) {
        if (at_byte(t)[1] == head && same_key(t, key))
            found = t + 2;
    }
    return found;
}

document::token document::element(token array, std::size_t index) const noexcept
{
    const token end = links_[array];
    for (token t = array + 1; t != end; t = next(t)) {
        if (index-- == 0)
            return t;
    }
    return none;
}

document::token document::follow(token t, std::span<const std::string>& segments) const
{
    while (!segments.empty() && t != none) {
        const std::string& segment = segments.front();
        if (is_object(t)) {
            t = find(t, segment);
        } else if (is_array(t)) {
            if (segment == "*")
                return t;
            const auto i = array_index(segment);
            t = i ? element(t, *i) : none;
        } else {
            t = none;
        }
        segments = segments.subspan(1);
    }
    return t;
}

std::size_t document::depth() const noexcept
{
    std::size_t here = 0;
    std::size_t deepest = 0;
    for (token t = 0; t < tokens_; ++t) {
        const char c = *at_byte(t);
        if (c == '{' || c == '[')
            deepest = std::max(deepest, ++here);
        else if (c == '}' || c == ']')
            --here;
    }
    return deepest;
}

value::node* document::make_level(token t) const
{
    const token end = links_[t];
    const bool object = is_object(t);
    std::size_t count = 0;
    for (token i = t + 1; i != end; i = next(object ? i + 2 : i))
        ++count;
    if (!object) {
        auto made = std::make_unique<array_node>();
        made->kind = data::kind::array;
        made->items.reserve(count);
        for (token i = t + 1; i != end; i = next(i))
            made->items.push_back(at(i, true));
        return made.release();
    }
    auto made = std::make_unique<object_node>();
    made->kind = data::kind::object;
    made->members.reserve(count);
    for (token i = t + 1; i != end; i = next(i + 2))
        made->members.push_back({at(i, true), at(i + 2, true)});
    order_members(made->members);
    return made.release();
}

// Two threads may make the same level at once: the first one's stays.
value::node* document::level(token t) const
{
    auto* levels = levels_.load(std::memory_order_acquire);
    if (levels == nullptr) {
        auto* fresh = static_cast<std::atomic<value::node*>*>(take_block(levels_size(containers_)));
        std::uninitialized_value_construct_n(fresh, containers_);
        if (levels_.compare_exchange_strong(levels, fresh, std::memory_order_acq_rel, std::memory_order_acquire))
            levels = fresh;
        else
            give_block(fresh, levels_size(containers_));
    }
    std::atomic<value::node*>& place = levels[links_[links_[t]]];
    value::node* known = place.load(std::memory_order_acquire);
    if (known != nullptr)
        return known;
    value::node* made = make_level(t);
    if (place.compare_exchange_strong(known, made, std::memory_order_acq_rel, std::memory_order_acquire))
        return made;
    if (made->kind == data::kind::array)
        delete static_cast<array_node*>(made);
    else
        delete static_cast<object_node*>(made);
    return known;
}

} // namespace lambent::data::detail
