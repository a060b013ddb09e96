#include <lambent/http/server_context.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <string_view>
#include <utility>

namespace lambent::http {
namespace {

core::error refused(const std::string& what)
{
    std::string reason;
    if (const unsigned long code = ERR_peek_last_error(); code != 0) {
        const char* const words = ERR_reason_error_string(code);
        reason = words ? std::string(": ") + words : "";
    }
    ERR_clear_error();
    return {make_error_code(boost::system::errc::invalid_argument), "the server's TLS set-up: " + what + reason};
}

using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free)>;

bio_ptr reader(const std::string& text) { return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free}; }

// No prompt on the terminal for a key that is encrypted.
int no_password(char*, int, int, void*) { return 0; }

bool use_chain(SSL_CTX* context, const std::string& pem)
{
    const bio_ptr in = reader(pem);
    std::unique_ptr<X509, decltype(&X509_free)> leaf(PEM_read_bio_X509(in.get(), nullptr, &no_password, nullptr), &X509_free);
    if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1)
        return false;
    while (X509* more = PEM_read_bio_X509(in.get(), nullptr, &no_password, nullptr)) {
        if (SSL_CTX_add0_chain_cert(context, more) != 1) { // takes it over only on success
            X509_free(more);
            return false;
        }
    }
    ERR_clear_error(); // the end of the text is an error to PEM
    return true;
}

bool use_key(SSL_CTX* context, const std::string& pem)
{
    const bio_ptr in = reader(pem);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(in.get(), nullptr, &no_password, nullptr), &EVP_PKEY_free);
    return key && SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered, unsigned int size, void*)
{
    static constexpr std::array<unsigned char, 9> ours{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, ours.data(), ours.size(), offered, size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

} // namespace

void ssl_context_deleter::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }

core::result<ssl_context> make_server_context(const server_tls& tls)
{
    ssl_context made(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* const context = made.get();
    if (context == nullptr)
        return refused("no context");
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // Partial writes, because the caller goes on where it stopped; moving buffers, because strings move. Read-ahead takes a
    // record in one system call instead of two.
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    // Resumed sessions without a client certificate need an id context all the same.
    constexpr std::string_view id = "lambent";
    SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(id.data()), id.size());
    SSL_CTX_set_alpn_select_cb(context, &choose_protocol, nullptr);
    if (!use_chain(context, tls.certificate_chain_pem))
        return refused("the certificate chain is not PEM certificates, leaf first");
    if (!use_key(context, tls.private_key_pem))
        return refused("the private key is not an unencrypted PEM key of the leaf");
    if (SSL_CTX_check_private_key(context) != 1)
        return refused("the private key does not belong to the certificate");
    return made;
}

} // namespace lambent::http
