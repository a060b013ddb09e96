#include <lambent/http/tls.hpp>

#include <lambent/http/errc.hpp>

#include <boost/asio/ip/address.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace lambent::http {

/// Session tickets by origin, of one factory, so that no session is resumed under other checks than it was made with.
class tls_sessions
{
public:
    ~tls_sessions()
    {
        for (auto& [to, list] : kept_)
            std::for_each(list.begin(), list.end(), SSL_SESSION_free);
    }

    /// Takes the reference over.
    void keep(const origin& to, SSL_SESSION* session)
    {
        if (kept_.size() >= origins_max && !kept_.contains(to)) {
            SSL_SESSION_free(session);
            return;
        }
        std::vector<SSL_SESSION*>& list = kept_[to];
        if (list.size() >= per_origin_max) {
            SSL_SESSION_free(list.front());
            list.erase(list.begin());
        }
        list.push_back(session);
    }
    /// The newest, or null; the caller owns a reference.
    SSL_SESSION* take(const origin& to)
    {
        const auto found = kept_.find(to);
        if (found == kept_.end() || found->second.empty())
            return nullptr;
        SSL_SESSION* const session = found->second.back();
        // A TLS 1.3 ticket is for one use (RFC 8446 §C.4); an older session serves again.
        if (SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION)
            found->second.pop_back();
        else
            SSL_SESSION_up_ref(session);
        return session;
    }

private:
    // A crowd of connections that is closed at once comes back at once; each TLS 1.3 ticket serves one of them. About 1 KiB each.
    static constexpr std::size_t per_origin_max = 128;
    static constexpr std::size_t origins_max = 64;
    std::map<origin, std::vector<SSL_SESSION*>> kept_;
};

namespace {

constexpr std::size_t names_shown = 6; // of a certificate, in an error

core::error refused(std::string detail)
{
    core::error out;
    out.code = errc::certificate_refused;
    out.detail = std::move(detail);
    return out;
}

int notes_index()
{
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

tls_notes* notes_of(const SSL* ssl) { return static_cast<tls_notes*>(SSL_get_ex_data(ssl, notes_index())); }

std::string utc(const std::tm& time)
{
    char text[32];
    return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &time));
}

std::string utc(const ASN1_TIME* time)
{
    std::tm parts{};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? utc(parts) : std::string("an unreadable date");
}

std::string utc(core::wall_time time)
{
    const std::time_t seconds = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return utc(parts);
}

std::string name_text(const X509_NAME* name)
{
    char text[256] = "";
    X509_NAME_oneline(name, text, sizeof text);
    // "/C=x/CN=y": the last CN is what people know it by.
    const std::string_view whole(text);
    const auto at = whole.rfind("/CN=");
    return std::string(at == std::string_view::npos ? whole : whole.substr(at + 1));
}

bool is_address(const std::string& host)
{
    boost::system::error_code ec;
    boost::asio::ip::make_address(host, ec);
    return !ec;
}

std::string address_text(const ASN1_OCTET_STRING* bytes)
{
    const unsigned char* const data = ASN1_STRING_get0_data(bytes);
    if (ASN1_STRING_length(bytes) == 4) {
        boost::asio::ip::address_v4::bytes_type raw;
        std::memcpy(raw.data(), data, raw.size());
        return boost::asio::ip::address_v4(raw).to_string();
    }
    if (ASN1_STRING_length(bytes) == 16) {
        boost::asio::ip::address_v6::bytes_type raw;
        std::memcpy(raw.data(), data, raw.size());
        return boost::asio::ip::address_v6(raw).to_string();
    }
    return "?";
}

/// The certificate's DNS names or addresses, "a, b".
std::string alternative_names(const X509* certificate, bool addresses)
{
    auto* const names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    std::string out;
    std::size_t shown = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names, i);
        if (name->type != (addresses ? GEN_IPADD : GEN_DNS))
            continue;
        if (++shown > names_shown) {
            out += ", ...";
            break;
        }
        out += out.empty() ? "" : ", ";
        if (addresses)
            out += address_text(name->d.iPAddress);
        else
            out.append(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    }
    GENERAL_NAMES_free(names);
    return out;
}

std::string host_mismatch(const X509* certificate, const std::string& host)
{
    if (is_address(host)) {
        const std::string valid = alternative_names(certificate, true);
        if (valid.empty())
            return "cannot validate certificate for " + host + " because it doesn't contain any IP SANs";
        return "certificate is valid for " + valid + ", not " + host;
    }
    const std::string valid = alternative_names(certificate, false);
    if (valid.empty() && name_text(X509_get_subject_name(certificate)) == "CN=" + host)
        return "certificate relies on legacy Common Name field, use SANs instead";
    if (valid.empty())
        return "certificate is not valid for any names, but wanted to match " + host;
    return "certificate is valid for " + valid + ", not " + host;
}

/// Which check refused, in Go's words where it has some.
std::string refusal_text(X509_STORE_CTX* chain, const tls_notes& notes)
{
    const int why = X509_STORE_CTX_get_error(chain);
    const X509* const certificate = X509_STORE_CTX_get_current_cert(chain);
    std::string out = "x509: ";
    if (certificate == nullptr)
        return out + X509_verify_cert_error_string(why);
    switch (why) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return out + host_mismatch(certificate, notes.to.host);
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return out + "certificate has expired or is not yet valid: current time " + utc(notes.now) + " is after "
            + utc(X509_get0_notAfter(certificate)) + " (" + name_text(X509_get_subject_name(certificate)) + ")";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return out + "certificate has expired or is not yet valid: current time " + utc(notes.now) + " is before "
            + utc(X509_get0_notBefore(certificate)) + " (" + name_text(X509_get_subject_name(certificate)) + ")";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return out + "certificate signed by unknown authority: the server's certificate ("
            + name_text(X509_get_subject_name(certificate)) + ") is self-signed; if it is to be trusted, name it as the CA file";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return out + "certificate signed by unknown authority: " + name_text(X509_get_issuer_name(certificate))
            + " is not among the system's roots; if it is to be trusted, name its certificate as the CA file; if it is an intermediate one, "
              "the server must send its certificate too";
    case X509_V_ERR_INVALID_PURPOSE:
        return out + "certificate specifies an incompatible key usage: it is not for TLS servers";
    default:
        return out + X509_verify_cert_error_string(why) + " (" + name_text(X509_get_subject_name(certificate)) + ")";
    }
}

int on_verified(int good, X509_STORE_CTX* chain)
{
    if (good == 1)
        return 1;
    const auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
    if (tls_notes* const notes = notes_of(ssl); notes != nullptr && notes->refusal.empty())
        notes->refusal = refusal_text(chain, *notes);
    return 0;
}

/// Finds a certificate's issuer among the CA file's, and reads the system's roots into the store only when none of those is it, or none
/// that is valid now: reading them takes 20 ms where they are one file, as long as all else in a cold start. The chains found are those that
/// would be found with all read beforehand.
int issuer_of(X509** issuer, X509_STORE_CTX* chain, X509* certificate)
{
    X509_STORE* const roots = X509_STORE_CTX_get0_store(chain);
    const bool all_read = X509_STORE_get_get_issuer(roots) != issuer_of;
    const int found = X509_STORE_CTX_get1_issuer(issuer, chain, certificate);
    if (all_read || found < 0)
        return found;
    if (found == 1) {
        if (X509_cmp_timeframe(X509_STORE_CTX_get0_param(chain), X509_get0_notBefore(*issuer), X509_get0_notAfter(*issuer)) == 0)
            return found;
        X509_free(*issuer);
        *issuer = nullptr;
    }
    X509_STORE_set_get_issuer(roots, X509_STORE_CTX_get1_issuer);
    ERR_set_mark();
    X509_STORE_set_default_paths(roots);
    ERR_pop_to_mark(); // default paths that do not exist leave some errors
    return X509_STORE_CTX_get1_issuer(issuer, chain, certificate);
}

int on_session(SSL* ssl, SSL_SESSION* session)
{
    const tls_notes* const notes = notes_of(ssl);
    if (notes == nullptr || notes->sessions == nullptr || SSL_SESSION_is_resumable(session) != 1)
        return 0;
    notes->sessions->keep(notes->to, session);
    return 1; // the reference is ours
}

/// The reason of the first OpenSSL error in the queue, where it began, or errno's words.
std::string first_reason()
{
    const unsigned long code = ERR_peek_error();
    const char* const reason = code != 0 && !ERR_SYSTEM_ERROR(code) ? ERR_reason_error_string(code) : nullptr;
    std::string out = reason != nullptr ? reason : std::strerror(ERR_SYSTEM_ERROR(code) ? ERR_GET_REASON(code) : errno);
    ERR_clear_error();
    return out;
}

} // namespace

void clear_tls_errors() noexcept
{
    if (ERR_peek_error() != 0)
        ERR_clear_error();
}

tls_stream::tls_stream(ssl_st* ssl, std::shared_ptr<tls_sessions> sessions, std::unique_ptr<tls_notes> notes) noexcept
    : ssl_(ssl), sessions_(std::move(sessions)), notes_(std::move(notes))
{}

tls_stream::tls_stream(tls_stream&& other) noexcept
    : ssl_(std::exchange(other.ssl_, nullptr)), sessions_(std::move(other.sessions_)), notes_(std::move(other.notes_))
{}

tls_stream& tls_stream::operator=(tls_stream&& other) noexcept
{
    std::swap(ssl_, other.ssl_);
    std::swap(sessions_, other.sessions_);
    std::swap(notes_, other.notes_);
    return *this;
}

tls_stream::~tls_stream() { SSL_free(ssl_); }

tls_factory::tls_factory(ssl_ctx_st* context, bool verify)
    : context_(context), verify_(verify), sessions_(std::make_shared<tls_sessions>())
{}

tls_factory::~tls_factory() { SSL_CTX_free(context_); }

core::result<std::unique_ptr<tls_factory>> tls_factory::make(const tls_options& options)
{
    clear_tls_errors();
    SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    if (context == nullptr)
        return refused("OpenSSL could not make a TLS context: " + first_reason());
    std::unique_ptr<tls_factory> out(new tls_factory(context, !options.dangerously_skip_certificate_verification));

    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // Retried writes may come from elsewhere in memory; one record at a time, so that progress is known.
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    static constexpr unsigned char protocols[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(context, protocols, sizeof protocols);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, on_session);
    if (out->verify_) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verified);
        X509_STORE_set_get_issuer(SSL_CTX_get_cert_store(context), issuer_of);
        if (!options.ca_file.empty() && SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != 1)
            return refused("the CA file " + options.ca_file + " cannot be used: " + first_reason());
    } else {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    }
    return out;
}

core::result<tls_stream> tls_factory::start(const origin& to, core::wall_time now)
{
    clear_tls_errors();
    SSL* const ssl = SSL_new(context_);
    if (ssl == nullptr)
        return refused("OpenSSL could not make a TLS stream: " + first_reason());
    auto notes = std::make_unique<tls_notes>();
    notes->to = to;
    notes->now = now;
    notes->sessions = sessions_.get();
    SSL_set_ex_data(ssl, notes_index(), notes.get());
    tls_stream out(ssl, sessions_, std::move(notes));

    SSL_set_connect_state(ssl);
    const bool address = is_address(to.host);
    bool good = true;
    if (!address)
        good = SSL_set_tlsext_host_name(ssl, to.host.c_str()) == 1; // RFC 6066 §3: names only
    if (verify_) {
        X509_VERIFY_PARAM* const checks = SSL_get0_param(ssl);
        // Without the second flag a certificate without alternative names would be good for its subject's common name (RFC 9525 section 2).
        X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        X509_VERIFY_PARAM_set_time(checks, std::chrono::system_clock::to_time_t(
            std::chrono::time_point_cast<std::chrono::system_clock::duration>(now)));
        good = good && (address ? X509_VERIFY_PARAM_set1_ip_asc(checks, to.host.c_str()) : SSL_set1_host(ssl, to.host.c_str())) == 1;
    }
    if (!good)
        return refused("the host " + to.host + " cannot be verified: " + first_reason());
    if (SSL_SESSION* const session = sessions_->take(to); session != nullptr) {
        SSL_set_session(ssl, session);
        SSL_SESSION_free(session);
    }
    return out;
}

} // namespace lambent::http
