#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/registry.hpp>

#include <lambent/core/bytes.hpp>

#include <openssl/evp.h>

namespace lambent::bloblang {
namespace {

using data::value;

constexpr std::size_t uuid_size = 16;

/// The namespaces of RFC 9562, section 6.6, by name.
struct known_namespace
{
    std::string_view name;
    std::string_view id;
};
constexpr known_namespace known[] = {{"dns", "6ba7b8109dad11d180b400c04fd430c8"}, {"url", "6ba7b8119dad11d180b400c04fd430c8"},
    {"oid", "6ba7b8129dad11d180b400c04fd430c8"}, {"x500", "6ba7b8149dad11d180b400c04fd430c8"}};

/// Hyphens in their places or none at all; braces or urn:uuid: around.
std::optional<std::string> read_uuid(std::string_view text)
{
    if (text.starts_with("urn:uuid:"))
        text.remove_prefix(9);
    else if (text.size() >= 2 && text.front() == '{' && text.back() == '}')
        text = text.substr(1, text.size() - 2);
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hyphen = text.size() == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
        if (hyphen != (text[i] == '-'))
            return std::nullopt;
        if (!hyphen)
            digits.push_back(text[i]);
    }
    if (digits.size() != 2 * uuid_size)
        return std::nullopt;
    return core::from_hex(digits);
}

std::optional<std::string> namespace_of(std::string_view name)
{
    const std::string lower = mapped(name, lower_of);
    for (const known_namespace& k : known) {
        if (k.name == lower)
            return core::from_hex(k.id);
    }
    return read_uuid(name);
}

answer uuid_v5(const call& c)
{
    if (c.target.is_null())
        return value();
    std::string hashed(uuid_size, '\0');
    if (c.args.given(0)) {
        const auto space = namespace_of(c.args.text(0));
        if (!space)
            return failed("invalid ns uuid: " + go_quote(c.args.text(0)));
        hashed = *space;
    }
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    hashed += c.target.text();
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_Digest(hashed.data(), hashed.size(), digest, nullptr, EVP_sha1(), nullptr);
    digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x50);
    digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
    std::string text = core::to_hex(std::string_view(reinterpret_cast<const char*>(digest), uuid_size));
    for (const std::size_t at : {20u, 16u, 12u, 8u})
        text.insert(at, "-");
    return value(text);
}

} // namespace

const definitions& id_methods()
{
    static const definitions all = {
        {.name = "uuid_v5", .parameters = {{"ns", parameter_type::string, std::nullopt, true}}, .run = uuid_v5},
    };
    return all;
}

} // namespace lambent::bloblang
