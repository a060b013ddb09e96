#include <lambent/bloblang/registry.hpp>

#include <memory>

#include <openssl/evp.h>

namespace lambent::bloblang {
namespace {

using data::value;

constexpr int gcm_tag_size = 16;
constexpr std::size_t gcm_nonce_size = 12;
constexpr std::size_t block_size = 16;

struct cipher
{
    std::string scheme;
    const EVP_CIPHER* algorithm = nullptr;
    std::string key;
    std::string iv;
};

const EVP_CIPHER* algorithm_of(std::string_view scheme, std::size_t key_size)
{
    const std::size_t i = key_size == 16 ? 0 : key_size == 24 ? 1 : 2;
    using maker = const EVP_CIPHER* (*)();
    static constexpr maker ctr[] = {EVP_aes_128_ctr, EVP_aes_192_ctr, EVP_aes_256_ctr};
    static constexpr maker ofb[] = {EVP_aes_128_ofb, EVP_aes_192_ofb, EVP_aes_256_ofb};
    static constexpr maker cbc[] = {EVP_aes_128_cbc, EVP_aes_192_cbc, EVP_aes_256_cbc};
    static constexpr maker gcm[] = {EVP_aes_128_gcm, EVP_aes_192_gcm, EVP_aes_256_gcm};
    if (scheme == "ctr")
        return ctr[i]();
    if (scheme == "ofb")
        return ofb[i]();
    if (scheme == "cbc")
        return cbc[i]();
    return scheme == "gcm" ? gcm[i]() : nullptr;
}

preparation prepared(const arguments& args, const char* noun)
{
    auto made = std::make_shared<cipher>();
    made->scheme = args.text(0);
    made->key = args.text(1);
    made->iv = args.text(2);
    if (made->key.size() != 16 && made->key.size() != 24 && made->key.size() != 32)
        return {nullptr, failed("crypto/aes: invalid key size " + std::to_string(made->key.size()))};
    made->algorithm = algorithm_of(made->scheme, made->key.size());
    if (made->algorithm == nullptr)
        return {nullptr, failed(std::string("unrecognized ") + noun + " type: " + made->scheme)};
    if (made->scheme == "gcm") {
        // The original panics here.
        if (made->iv.size() != gcm_nonce_size)
            return {nullptr, failed("crypto/cipher: incorrect nonce length given to GCM")};
    } else if (made->iv.size() != block_size) {
        return {nullptr, failed("the key must match the initialisation vector size")};
    }
    return {std::move(made), nullptr};
}

preparation prepare_encryption(const arguments& args, const environment&) { return prepared(args, "encryption"); }
preparation prepare_decryption(const arguments& args, const environment&) { return prepared(args, "decryption"); }

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// One pass over `text`; false when the tag is wrong.
bool run_cipher(const cipher& with, std::string_view text, bool encrypt, std::string& out)
{
    const bool gcm = with.scheme == "gcm";
    std::string_view tag;
    if (gcm && !encrypt) {
        if (text.size() < gcm_tag_size)
            return false;
        tag = text.substr(text.size() - gcm_tag_size);
        text.remove_suffix(gcm_tag_size);
    }
    const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    EVP_CipherInit_ex(context.get(), with.algorithm, nullptr, bytes_of(with.key), bytes_of(with.iv), encrypt ? 1 : 0);
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    out.resize(text.size() + block_size);
    auto* into = reinterpret_cast<unsigned char*>(out.data());
    int size = 0;
    int rest = 0;
    if (EVP_CipherUpdate(context.get(), into, &size, bytes_of(text), static_cast<int>(text.size())) != 1)
        return false;
    std::string wanted(tag);
    if (!tag.empty())
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, gcm_tag_size, wanted.data());
    if (EVP_CipherFinal_ex(context.get(), into + size, &rest) != 1)
        return false;
    out.resize(static_cast<std::size_t>(size + rest));
    if (gcm && encrypt) {
        std::string made(gcm_tag_size, '\0');
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, gcm_tag_size, made.data());
        out += made;
    }
    return true;
}

answer changed(const call& c, bool encrypt)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    const cipher& with = c.args.prepared<cipher>();
    if (with.scheme == "cbc" && c.target.text().size() % block_size != 0)
        return failed(std::string(encrypt ? "plaintext" : "ciphertext") + " is not a multiple of the block size");
    std::string out;
    if (!run_cipher(with, c.target.text(), encrypt, out))
        return failed("gcm decrypting failed: cipher: message authentication failed");
    return encrypt ? value(out) : value::bytes(out);
}

answer encrypt_aes(const call& c) { return changed(c, true); }
answer decrypt_aes(const call& c) { return changed(c, false); }

} // namespace

const definitions& cipher_methods()
{
    using enum parameter_type;
    static const std::vector<parameter> scheme_key_iv = {{"scheme", string}, {"key", string}, {"iv", string}};
    static const definitions all = {
        {.name = "decrypt_aes", .parameters = scheme_key_iv, .run = decrypt_aes, .prepare = prepare_decryption},
        {.name = "encrypt_aes", .parameters = scheme_key_iv, .run = encrypt_aes, .prepare = prepare_encryption},
    };
    return all;
}

} // namespace lambent::bloblang
