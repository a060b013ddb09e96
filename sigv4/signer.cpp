#include <lambent/sigv4/signer.hpp>

#include <lambent/sigv4/amz_date.hpp>
#include <lambent/sigv4/errc.hpp>
#include <lambent/sigv4/uri.hpp>

#include <algorithm>

namespace lambent::sigv4 {
namespace {

// Region, service and key id stand between '/', ',' and blanks, in a header and in a query.
bool is_scope_part(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '/' && c != ',' && c != ';' && c != '='; });
}

bool is_payload_hash(std::string_view text) noexcept
{
    if (text == unsigned_payload)
        return true;
    return text.size() == 64
        && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_printable(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

constexpr std::string_view written_by_signer[] = {
    "authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"};

constexpr std::string_view written_by_presigner[] = {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders",
    "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-Signature"};

void append_canonical(std::string& out, const request_view& request, const canonical_query& query, const canonical_headers& headers,
    std::string_view signed_headers, const signing_options& options)
{
    out.append(request.method).push_back('\n');
    append_canonical_path(out, request.path, options);
    out.push_back('\n');
    query.append(out);
    out.push_back('\n');
    headers.append_lines(out);
    out.push_back('\n');
    out.append(signed_headers).push_back('\n');
    out.append(request.payload_sha256);
}

} // namespace

void append_scope(std::string& out, std::string_view day, const scope& where)
{
    out.append(day).append("/").append(where.region).append("/").append(where.service).append("/aws4_request");
}

void append_string_to_sign(std::string& out, std::string_view date, const scope& where, std::string_view canonical_request)
{
    out.append(algorithm).append("\n").append(date).append("\n");
    append_scope(out, date.substr(0, 8), where);
    out.push_back('\n');
    sha256 wiped; // a session token may stand in it
    wiped.update(canonical_request);
    append_hex(out, wiped.finish());
}

core::result<void> signer::begin(const request_view& request, const scope& where, const key_view& key, core::wall_time at)
{
    if (!is_token(request.method))
        return core::error{errc::invalid_method, {}};
    if (!is_scope_part(where.region) || !is_scope_part(where.service) || where.service.empty())
        return core::error{errc::invalid_scope, {}};
    if (key.id.empty() || !is_scope_part(key.id) || key.secret.empty() || !is_printable(key.token))
        return core::error{errc::invalid_key, {}};
    if (!is_payload_hash(request.payload_sha256))
        return core::error{errc::invalid_payload_hash, {}};
    // One second after another, many requests each: the text is made once for all of them.
    if (const auto second = std::chrono::floor<std::chrono::seconds>(at); date_.empty() || second != date_of_) {
        date_.clear();
        if (!append_amz_date(date_, at))
            return core::error{errc::invalid_time, {}};
        date_of_ = second;
    }
    query_.clear();
    return query_.add_wire(request.query);
}

core::result<void> signer::collect_headers(const request_view& request, std::span<const field_view> added)
{
    headers_.clear();
    for (const field_view& header : request.headers) {
        for (const std::string_view reserved : written_by_signer)
            if (same_name(header.name, reserved))
                return core::error{errc::reserved_field, "leave out header " + std::string(header.name) + ": the signer writes it itself"};
        if (auto ok = headers_.add(header); !ok)
            return ok;
    }
    if (!headers_.contains("host"))
        return core::error{errc::missing_host, {}};
    for (const field_view& header : added)
        if (auto ok = headers_.add(header); !ok)
            return ok;
    headers_.sort();
    return {};
}

void signer::finish(const key_view& key, const scope& where, const std::string& canonical_request, std::string& string_to_sign,
    std::string& signature_hex)
{
    string_to_sign.clear();
    append_string_to_sign(string_to_sign, date_, where, canonical_request);
    signature_hex.clear();
    append_hex(signature_hex, keys_.get(key, std::string_view(date_).substr(0, 8), where).sign(string_to_sign));
}

core::result<void> signer::sign(const request_view& request, const scope& where, const key_view& key, core::wall_time at, signature& out,
    const signing_options& options)
{
    if (auto ok = begin(request, where, key, at); !ok)
        return ok;
    std::array<field_view, 3> added;
    std::size_t count = 0;
    added[count++] = {"x-amz-date", date_};
    if (!key.token.empty() && !options.omit_session_token)
        added[count++] = {"x-amz-security-token", key.token};
    if (options.sign_body_header)
        added[count++] = {"x-amz-content-sha256", request.payload_sha256};
    if (auto ok = collect_headers(request, std::span(added).first(count)); !ok)
        return ok;
    query_.sort();

    out.date = date_;
    out.signed_headers.clear();
    headers_.append_names(out.signed_headers);
    out.canonical_request.clear();
    append_canonical(out.canonical_request, request, query_, headers_, out.signed_headers, options);
    finish(key, where, out.canonical_request, out.string_to_sign, out.signature_hex);

    out.authorization.clear();
    out.authorization.append(algorithm).append(" Credential=").append(key.id).append("/");
    append_scope(out.authorization, std::string_view(date_).substr(0, 8), where);
    out.authorization.append(", SignedHeaders=").append(out.signed_headers).append(", Signature=").append(out.signature_hex);
    return {};
}

core::result<void> signer::prepare(const request_view& request, const scope& where, const key_view& key, core::wall_time at, request_template& out,
    const signing_options& options)
{
    out.prepared_ = false;
    static constexpr std::string_view any_hash = "0000000000000000000000000000000000000000000000000000000000000000";
    request_view any = request;
    any.payload_sha256 = any_hash;
    // With the hash as a signed header it would stand in two places.
    if (options.sign_body_header)
        return core::error{errc::reserved_field, "a request template cannot sign x-amz-content-sha256"};
    if (auto ok = sign(any, where, key, at, prepared_, options); !ok)
        return ok;
    const auto without_hash = [](const std::string& text) { return std::string_view(text).substr(0, text.size() - any_hash.size()); };
    sha256 state;
    state.update(without_hash(prepared_.canonical_request));
    out.canonical_ = sha256_form(state, any_hash.size());
    const hmac_key& ready = keys_.get(key, std::string_view(date_).substr(0, 8), where);
    state = ready.inner();
    state.update(without_hash(prepared_.string_to_sign));
    out.to_sign_ = sha256_form(state, any_hash.size());
    out.outer_ = sha256_form(ready.outer(), sizeof(sha256_digest));
    out.date_ = prepared_.date;
    out.authorization_ = without_hash(prepared_.authorization);
    out.second_ = std::chrono::floor<std::chrono::seconds>(at);
    out.prepared_ = true;
    return {};
}

core::result<void> signer::presign(const request_view& request, const scope& where, const key_view& key, core::wall_time at,
    std::chrono::seconds lives, presigned& out, const signing_options& options)
{
    if (auto ok = begin(request, where, key, at); !ok)
        return ok;
    if (lives < std::chrono::seconds(1) || lives > presigned_life_max)
        return core::error{errc::invalid_expiry, {}};
    for (const std::string_view reserved : written_by_presigner)
        if (query_.contains(reserved))
            return core::error{errc::reserved_field, "leave out query parameter " + std::string(reserved) + ": the signer writes it itself"};
    if (auto ok = collect_headers(request, {}); !ok)
        return ok;
    out.signed_headers.clear();
    headers_.append_names(out.signed_headers);

    std::string credential;
    credential.append(key.id).append("/");
    append_scope(credential, std::string_view(date_).substr(0, 8), where);
    const std::string expires = std::to_string(lives.count());
    const bool token_signed = !key.token.empty() && !options.omit_session_token;

    out.query.assign(request.query);
    const auto append = [&](std::string_view name, std::string_view value) {
        if (!out.query.empty())
            out.query.push_back('&');
        out.query.append(name).push_back('=');
        append_encoded(out.query, value);
    };
    const std::array<field_view, 5> parameters{{{"X-Amz-Algorithm", algorithm}, {"X-Amz-Credential", credential},
        {"X-Amz-Date", date_}, {"X-Amz-SignedHeaders", out.signed_headers}, {"X-Amz-Expires", expires}}};
    for (const field_view& parameter : parameters) {
        append(parameter.name, parameter.value);
        if (auto ok = query_.add(parameter.name, parameter.value); !ok)
            return ok;
    }
    if (!key.token.empty())
        append("X-Amz-Security-Token", key.token);
    if (token_signed)
        if (auto ok = query_.add("X-Amz-Security-Token", key.token); !ok)
            return ok;
    query_.sort();

    out.canonical_request.clear();
    append_canonical(out.canonical_request, request, query_, headers_, out.signed_headers, options);
    finish(key, where, out.canonical_request, out.string_to_sign, out.signature_hex);
    append("X-Amz-Signature", out.signature_hex);
    return {};
}

} // namespace lambent::sigv4
