#include <lambent/http/certificate.hpp>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace lambent::http {
namespace {

template <auto Free>
struct freed_by
{
    template <class T>
    void operator()(T* object) const noexcept
    {
        Free(object);
    }
};
using certificate = std::unique_ptr<X509, freed_by<&X509_free>>;
using key = std::unique_ptr<EVP_PKEY, freed_by<&EVP_PKEY_free>>;
using memory = std::unique_ptr<BIO, freed_by<&BIO_free>>;
using number = std::unique_ptr<BIGNUM, freed_by<&BN_free>>;
using alternatives = std::unique_ptr<GENERAL_NAMES, freed_by<&GENERAL_NAMES_free>>;

core::error failed(const char* what)
{
    const unsigned long code = ERR_peek_last_error();
    const char* const words = code != 0 ? ERR_reason_error_string(code) : nullptr;
    core::error e{make_error_code(boost::system::errc::invalid_argument), std::string("making a certificate: ") + what};
    if (words)
        e.detail += std::string(": ") + words;
    ERR_clear_error();
    return e;
}

std::string text_of(BIO* out)
{
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    return {data, static_cast<std::size_t>(size)};
}

bool set_time(ASN1_TIME* place, core::wall_time when)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(when.time_since_epoch()).count();
    return ASN1_TIME_set(place, static_cast<time_t>(seconds)) != nullptr;
}

// 127 random bits: positive, not zero, and within the 20 octets of RFC 5280 section 4.1.2.2.
bool set_serial(X509* of)
{
    const number serial(BN_new());
    return serial && BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1
        && BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(of)) != nullptr;
}

bool add_extension(X509* to, X509* issuer, int what, const char* value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value);
    if (extension == nullptr)
        return false;
    const bool added = X509_add_ext(to, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

// Built from objects, not from OpenSSL's text form, in which a comma in a name would begin another name.
bool add_names(X509* to, const std::vector<std::string>& names)
{
    if (names.empty())
        return true;
    const alternatives list(sk_GENERAL_NAME_new_null());
    for (const std::string& name : names) {
        GENERAL_NAME* const entry = GENERAL_NAME_new();
        if (ASN1_OCTET_STRING* const address = a2i_IPADDRESS(name.c_str()))
            GENERAL_NAME_set0_value(entry, GEN_IPADD, address);
        else {
            ERR_clear_error();
            ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
            ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
            GENERAL_NAME_set0_value(entry, GEN_DNS, text);
        }
        sk_GENERAL_NAME_push(list.get(), entry);
    }
    return X509_add1_ext_i2d(to, NID_subject_alt_name, list.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

certificate begin(EVP_PKEY* of, const std::string& common_name, core::wall_time not_before, core::wall_time not_after)
{
    certificate made(X509_new());
    if (!made || X509_set_version(made.get(), X509_VERSION_3) != 1 || !set_serial(made.get())
        || !set_time(X509_getm_notBefore(made.get()), not_before) || !set_time(X509_getm_notAfter(made.get()), not_after)
        || X509_set_pubkey(made.get(), of) != 1
        || X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
               reinterpret_cast<const unsigned char*>(common_name.data()), static_cast<int>(common_name.size()), -1, 0) != 1)
        return nullptr;
    return made;
}

core::result<identity> written(X509* made, EVP_PKEY* secret)
{
    const memory text(BIO_new(BIO_s_mem()));
    const memory key_text(BIO_new(BIO_s_secmem()));
    if (PEM_write_bio_X509(text.get(), made) != 1
        || PEM_write_bio_PKCS8PrivateKey(key_text.get(), secret, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return failed("writing PEM");
    identity done;
    done.certificate_pem = text_of(text.get());
    done.private_key_pem = text_of(key_text.get());
    return done;
}

memory reader(const std::string& text) { return memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

} // namespace

core::result<identity> make_authority(const std::string& common_name, core::wall_time not_before, core::wall_time not_after)
{
    const key secret(EVP_EC_gen("P-256"));
    if (!secret)
        return failed("the authority's key");
    const certificate made = begin(secret.get(), common_name, not_before, not_after);
    if (!made || X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())) != 1
        || !add_extension(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        || !add_extension(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign")
        || !add_extension(made.get(), made.get(), NID_subject_key_identifier, "hash")
        || X509_sign(made.get(), secret.get(), EVP_sha256()) == 0)
        return failed("the authority's certificate");
    return written(made.get(), secret.get());
}

core::result<identity> make_certificate(const identity& authority, const certificate_request& request)
{
    const memory issuer_text = reader(authority.certificate_pem);
    const memory issuer_key_text = reader(authority.private_key_pem);
    const certificate issuer(PEM_read_bio_X509(issuer_text.get(), nullptr, nullptr, nullptr));
    const key issuer_key(PEM_read_bio_PrivateKey(issuer_key_text.get(), nullptr, nullptr, nullptr));
    if (!issuer || !issuer_key)
        return failed("the authority is not a PEM certificate with its key");
    const key secret(EVP_EC_gen("P-256"));
    if (!secret)
        return failed("the key");
    const certificate made = begin(secret.get(), request.common_name, request.not_before, request.not_after);
    const char* const purpose = request.purpose == certificate_request::use::server ? "serverAuth" : "clientAuth";
    if (!made || X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get())) != 1
        || !add_extension(made.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE")
        || !add_extension(made.get(), issuer.get(), NID_key_usage, "critical,digitalSignature")
        || !add_extension(made.get(), issuer.get(), NID_ext_key_usage, purpose)
        || !add_extension(made.get(), issuer.get(), NID_subject_key_identifier, "hash")
        || !add_extension(made.get(), issuer.get(), NID_authority_key_identifier, "keyid")
        || !add_names(made.get(), request.names) || X509_sign(made.get(), issuer_key.get(), EVP_sha256()) == 0)
        return failed("the certificate");
    return written(made.get(), secret.get());
}

} // namespace lambent::http
