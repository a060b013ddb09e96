#include <lambent/bloblang/registry.hpp>

#include <lambent/core/bytes.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <xxhash.h>

#include <array>
#include <memory>
#include <optional>

namespace lambent::bloblang {
namespace {

using data::value;

struct digest_name
{
    std::string_view name;
    const EVP_MD* (*kind)();
};
constexpr std::array<digest_name, 6> digests{{{"md5", EVP_md5}, {"sha1", EVP_sha1}, {"sha256", EVP_sha256}, {"sha512", EVP_sha512},
    {"sha3_256", EVP_sha3_256}, {"sha3_512", EVP_sha3_512}}};
constexpr std::array<digest_name, 3> macs{{{"hmac_sha1", EVP_sha1}, {"hmac_sha256", EVP_sha256}, {"hmac_sha512", EVP_sha512}}};

template <std::size_t N>
const digest_name* among(const std::array<digest_name, N>& names, std::string_view name)
{
    for (const auto& d : names)
        if (d.name == name)
            return &d;
    return nullptr;
}

/// Reflected polynomials by the names of Go's hash/crc32.
std::optional<std::uint32_t> crc_polynomial(std::string_view name)
{
    if (name == "IEEE")
        return 0xedb88320U;
    if (name == "Castagnoli")
        return 0x82f63b78U;
    if (name == "Koopman")
        return 0xeb31d82eU;
    return std::nullopt;
}

std::string big_endian(std::uint32_t n)
{
    return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8), static_cast<char>(n)};
}

std::uint32_t crc32(std::string_view bytes, std::uint32_t polynomial)
{
    std::uint32_t crc = ~0U;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1U) != 0 ? polynomial : 0U);
    }
    return ~crc;
}

std::uint32_t fnv32(std::string_view bytes)
{
    std::uint32_t hash = 2166136261U; // FNV-1, 32 bits
    for (const char c : bytes) {
        hash *= 16777619U;
        hash ^= static_cast<unsigned char>(c);
    }
    return hash;
}

preparation check_algorithm(const arguments& args, const environment&)
{
    const std::string_view name = args.text(0);
    if (among(macs, name) != nullptr) {
        if (!args.given(1) || args.text(1).empty())
            return {nullptr, failed("hash algorithm " + std::string(name) + " requires a key argument")};
        return {};
    }
    if (among(digests, name) == nullptr && name != "xxhash64" && name != "crc32" && name != "fnv32")
        return {nullptr, failed("unrecognized hash type: " + std::string(name))};
    return {};
}

/// A digest's implementation is looked up once a process, its state once a thread.
bool digest_of(const digest_name& d, std::string_view text, unsigned char* out, unsigned& length)
{
    static const auto fetched = [] {
        std::array<EVP_MD*, digests.size()> all{};
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] = EVP_MD_fetch(nullptr, EVP_MD_get0_name(digests[i].kind()), nullptr);
        return all;
    }();
    thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const EVP_MD* const kind = fetched[static_cast<std::size_t>(&d - digests.data())];
    return kind != nullptr && state && EVP_DigestInit_ex2(state.get(), kind, nullptr) == 1 &&
        EVP_DigestUpdate(state.get(), text.data(), text.size()) == 1 && EVP_DigestFinal_ex(state.get(), out, &length) == 1;
}

answer hash(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    const std::string_view text = c.target.text();
    const std::string_view name = c.args.text(0);
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned length = 0;
    if (const digest_name* d = among(digests, name)) {
        if (!digest_of(*d, text, out.data(), length))
            return failed("the digest " + std::string(name) + " is not available");
        return value::bytes(core::as_text({out.data(), length}));
    }
    if (const digest_name* d = among(macs, name)) {
        const std::string_view key = c.args.text(1);
        if (HMAC(d->kind(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                out.data(), &length) == nullptr)
            return failed("the digest " + std::string(name) + " is not available");
        return value::bytes(core::as_text({out.data(), length}));
    }
    // Two of the original's hashes are given as decimal digits.
    if (name == "xxhash64")
        return value::bytes(std::to_string(XXH64(text.data(), text.size(), 0)));
    if (name == "fnv32")
        return value::bytes(std::to_string(fnv32(text)));
    const auto polynomial = crc_polynomial(c.args.text(2));
    if (!polynomial)
        return failed("unsupported crc32 hash key \"" + std::string(c.args.text(2)) + "\"");
    return value::bytes(big_endian(crc32(text, *polynomial)));
}

} // namespace

const definitions& hash_methods()
{
    static const definitions all{
        {.name = "hash",
            .parameters = {{"algorithm", parameter_type::string}, {"key", parameter_type::string, std::nullopt, true},
                {"polynomial", parameter_type::string, value("IEEE")}},
            .run = hash,
            .prepare = check_algorithm},
    };
    return all;
}

} // namespace lambent::bloblang
