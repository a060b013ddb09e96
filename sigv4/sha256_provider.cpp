// SHA-256 by way of OpenSSL's providers, for those who must use a certain one (FIPS): the method is fetched once, and contexts are used again
// where that can be. From a template a signature costs about half as much again as with sha256.cpp.
#include <lambent/sigv4/digest.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace lambent::sigv4 {
namespace {

/// The provider is missing or out of memory: no signature can be made, and a wrong one must not be.
void require(bool good) noexcept
{
    if (good)
        return;
    std::fputs("lambent: no OpenSSL provider computes SHA-256; see the providers that openssl.cnf activates\n", stderr);
    std::abort();
}

const EVP_MD* method() noexcept
{
    static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    require(fetched != nullptr);
    return fetched;
}

EVP_MD_CTX* context(void* held) noexcept { return static_cast<EVP_MD_CTX*>(held); }

void* started() noexcept
{
    EVP_MD_CTX* const made = EVP_MD_CTX_new();
    require(made != nullptr && EVP_DigestInit_ex2(made, method(), nullptr) == 1);
    return made;
}

sha256_digest finished(EVP_MD_CTX* state) noexcept
{
    sha256_digest digest;
    unsigned size = 0;
    require(EVP_DigestFinal_ex(state, digest.data(), &size) == 1 && size == digest.size());
    return digest;
}

/// A context for a digest that begins and ends in one call, of this thread.
EVP_MD_CTX* scratch() noexcept
{
    struct owner
    {
        void* context = started();
        ~owner() { EVP_MD_CTX_free(sigv4::context(context)); }
    };
    thread_local const owner mine;
    return context(mine.context);
}

} // namespace

sha256::sha256() noexcept : context_(started()) {}

sha256::sha256(const sha256& other) noexcept : context_(EVP_MD_CTX_new())
{
    require(context_ != nullptr && EVP_MD_CTX_copy_ex(context(context_), context(other.context_)) == 1);
}

sha256& sha256::operator=(const sha256& other) noexcept
{
    if (this != &other)
        require(EVP_MD_CTX_copy_ex(context(context_), context(other.context_)) == 1);
    return *this;
}

sha256::~sha256() { EVP_MD_CTX_free(context(context_)); }

void sha256::update(std::string_view bytes) noexcept
{
    require(EVP_DigestUpdate(context(context_), bytes.data(), bytes.size()) == 1);
}

void sha256::update(const sha256_digest& bytes) noexcept { update(as_bytes(bytes)); }

sha256_digest sha256::finish() noexcept { return finished(context(context_)); }

sha256_form::sha256_form(const sha256& known, std::size_t open) noexcept : known_(known), open_(std::min(open, open_max)) {}

sha256_form::~sha256_form() { wipe(slot_.data(), slot_.size()); }

sha256_digest sha256_form::finish() const noexcept
{
    EVP_MD_CTX* const state = scratch();
    require(EVP_MD_CTX_copy_ex(state, context(known_.context_)) == 1 && EVP_DigestUpdate(state, slot_.data(), open_) == 1);
    return finished(state);
}

sha256_digest sha256_of(std::string_view bytes) noexcept
{
    EVP_MD_CTX* const state = scratch();
    require(EVP_DigestInit_ex2(state, nullptr, nullptr) == 1 && EVP_DigestUpdate(state, bytes.data(), bytes.size()) == 1);
    return finished(state);
}

} // namespace lambent::sigv4
