#include <lambent/sigv4/verify.hpp>

#include <lambent/sigv4/amz_date.hpp>
#include <lambent/sigv4/canonical.hpp>
#include <lambent/sigv4/digest.hpp>
#include <lambent/sigv4/signer.hpp>
#include <lambent/sigv4/uri.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace lambent::sigv4 {
namespace {

verification refuse(verdict why, std::string detail)
{
    verification refused;
    refused.verdict = why;
    refused.detail = std::move(detail);
    return refused;
}

verification malformed(std::string detail)
{
    return refuse(verdict::malformed, std::move(detail));
}

std::string_view trimmed(std::string_view text) noexcept
{
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return text;
}

struct found
{
    std::size_t count = 0;
    std::string_view value;
};

found find_header(const request_view& request, std::string_view name) noexcept
{
    found result;
    for (const field_view& header : request.headers) {
        if (!same_name(header.name, name))
            continue;
        if (result.count++ == 0)
            result.value = trimmed(header.value);
    }
    return result;
}

bool is_hex_signature(std::string_view text) noexcept
{
    return text.size() == 64
        && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request": exactly five parts, the region may be empty.
std::optional<std::string> read_credential(std::string_view text, claim& out)
{
    std::array<std::string_view, 5> parts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::size_t slash = text.find('/');
        const bool last = i + 1 == parts.size();
        if ((slash == std::string_view::npos) != last)
            return "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term";
        parts[i] = text.substr(0, slash);
        text = last ? std::string_view{} : text.substr(slash + 1);
    }
    if (parts[0].empty() || parts[3].empty())
        return "Credential lacks an access key id or a service";
    if (parts[4] != "aws4_request")
        return "Credential should be scoped with a valid terminator: 'aws4_request', not '" + std::string(parts[4]) + "'";
    if (parts[1].size() != 8 || !std::all_of(parts[1].begin(), parts[1].end(), [](char c) { return c >= '0' && c <= '9'; }))
        return "Credential date must be in ISO-8601 'basic format', e.g. 20150830; got '" + std::string(parts[1]) + "'";
    out.key_id = parts[0];
    out.day = parts[1];
    out.region = parts[2];
    out.service = parts[3];
    return std::nullopt;
}

std::optional<std::string> read_signed_headers(std::string_view text, claim& out)
{
    out.signed_headers.clear();
    for (;;) {
        const std::size_t semicolon = text.find(';');
        const std::string_view name = text.substr(0, semicolon);
        if (!is_token(name) || std::any_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
            return "SignedHeaders must be lower-case header names separated by semicolons";
        // Sorted and unique, so that one set has one spelling.
        if (!out.signed_headers.empty() && !(out.signed_headers.back() < name))
            return "SignedHeaders must be sorted and without repetition";
        out.signed_headers.emplace_back(name);
        if (out.signed_headers.size() > headers_max)
            return "SignedHeaders names too many headers";
        if (semicolon == std::string_view::npos)
            return std::nullopt;
        text.remove_prefix(semicolon + 1);
    }
}

std::optional<std::string> read_date(std::string_view text, claim& out)
{
    const auto at = parse_amz_date(text);
    if (!at)
        return "Date must be in ISO-8601 'basic format'. Got '" + std::string(text) + "'. See http://en.wikipedia.org/wiki/ISO_8601";
    out.date = text;
    out.signed_at = *at;
    return std::nullopt;
}

// The three pairs of "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=..."; blanks are optional, order is free.
verification read_authorization(std::string_view text, claim& out)
{
    const std::size_t blank = text.find(' ');
    if (text.substr(0, blank) != algorithm)
        return malformed("Unsupported AWS 'algorithm': '" + std::string(text.substr(0, blank)) + "'");
    text = blank == std::string_view::npos ? std::string_view{} : text.substr(blank + 1);
    std::array<std::optional<std::string_view>, 3> values;
    constexpr std::array<std::string_view, 3> names{"Credential", "SignedHeaders", "Signature"};
    while (!trimmed(text).empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view pair = trimmed(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos)
            return malformed("'" + std::string(pair) + "' is not a valid key=value pair (missing equal-sign) in Authorization header");
        const auto name = std::find(names.begin(), names.end(), pair.substr(0, equals));
        if (name == names.end())
            return malformed("Authorization header holds an unknown parameter '" + std::string(pair.substr(0, equals)) + "'");
        auto& value = values[static_cast<std::size_t>(name - names.begin())];
        if (value)
            return malformed("Authorization header holds '" + std::string(*name) + "' twice");
        value = pair.substr(equals + 1);
    }
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!values[i])
            return malformed("Authorization header requires '" + std::string(names[i]) + "' parameter.");
    if (auto wrong = read_credential(*values[0], out))
        return malformed(*wrong);
    if (auto wrong = read_signed_headers(*values[1], out))
        return malformed(*wrong);
    if (!is_hex_signature(*values[2]))
        return malformed("Signature must be 64 lower-case hex digits");
    out.signature_hex = *values[2];
    return {};
}

struct query_claims
{
    std::array<std::optional<std::string>, 7> values;
    std::string rest;          // the query without X-Amz-Signature, as on the wire
    std::string without_token; // the same without X-Amz-Security-Token, which may be added after signing
};

constexpr std::array<std::string_view, 7> query_names{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
    "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token"};
constexpr std::size_t at_algorithm = 0, at_credential = 1, at_date = 2, at_expires = 3, at_headers = 4, at_signature = 5, at_token = 6;

void append_pair(std::string& query, std::string_view pair)
{
    if (!query.empty())
        query.push_back('&');
    query.append(pair);
}

std::optional<std::string> split_query(std::string_view query, query_claims& out)
{
    while (!query.empty()) {
        const std::size_t amp = query.find('&');
        const std::string_view pair = query.substr(0, amp);
        query = amp == std::string_view::npos ? std::string_view{} : query.substr(amp + 1);
        const std::size_t equals = pair.find('=');
        std::string name;
        append_decoded(name, pair.substr(0, equals));
        const auto known = std::find(query_names.begin(), query_names.end(), name);
        const auto index = static_cast<std::size_t>(known - query_names.begin());
        if (known != query_names.end()) {
            if (out.values[index])
                return "query parameter " + name + " stands twice";
            out.values[index].emplace();
            if (equals != std::string_view::npos)
                append_decoded(*out.values[index], pair.substr(equals + 1));
        }
        if (index == at_signature)
            continue;
        append_pair(out.rest, pair);
        if (index != at_token)
            append_pair(out.without_token, pair);
    }
    return std::nullopt;
}

verification read_presigned(query_claims& query, claim& out)
{
    for (const std::size_t needed : {at_credential, at_signature, at_date, at_headers, at_expires})
        if (!query.values[needed])
            return malformed("AWS query-string parameters must include '" + std::string(query_names[needed]) + "'. Re-examine the query-string parameters.");
    if (*query.values[at_algorithm] != algorithm)
        return malformed("Unsupported AWS 'algorithm': '" + *query.values[at_algorithm] + "'");
    if (auto wrong = read_credential(*query.values[at_credential], out))
        return malformed(*wrong);
    if (auto wrong = read_signed_headers(*query.values[at_headers], out))
        return malformed(*wrong);
    if (auto wrong = read_date(*query.values[at_date], out))
        return malformed(*wrong);
    const std::string& expires = *query.values[at_expires];
    if (expires.empty() || expires.size() > 6 || !std::all_of(expires.begin(), expires.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return malformed("X-Amz-Expires should be a number of seconds, at most 604800");
    out.lives = std::chrono::seconds(std::stol(expires));
    if (out.lives > presigned_life_max || out.lives.count() == 0)
        return malformed("X-Amz-Expires must be between 1 and 604800 seconds");
    if (!is_hex_signature(*query.values[at_signature]))
        return malformed("X-Amz-Signature must be 64 lower-case hex digits");
    out.signature_hex = *query.values[at_signature];
    out.token = query.values[at_token].value_or("");
    out.presigned = true;
    return {};
}

std::string spell(core::wall_time at)
{
    std::string text;
    append_amz_date(text, at);
    return text;
}

verification check_time(const claim& claimed, core::wall_time now, std::chrono::seconds window)
{
    const std::string minutes = "(" + spell(now) + " - " + std::to_string(window.count() / 60) + " min.)";
    if (claimed.signed_at > now + window)
        return refuse(verdict::not_yet_current, "Signature not yet current: " + claimed.date + " is still later than " + spell(now + window) + " ("
            + spell(now) + " + " + std::to_string(window.count() / 60) + " min.)");
    if (claimed.presigned) {
        if (now > claimed.signed_at + claimed.lives)
            return refuse(verdict::expired, "Signature expired: " + spell(claimed.signed_at + claimed.lives) + " is now earlier than " + spell(now));
        return {};
    }
    if (claimed.signed_at < now - window)
        return refuse(verdict::expired, "Signature expired: " + claimed.date + " is now earlier than " + spell(now - window) + " " + minutes);
    return {};
}

verification check_scope(const claim& claimed, const verify_options& options)
{
    if (claimed.date.substr(0, 8) != claimed.day)
        return refuse(verdict::wrong_date, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"
            + claimed.day + "' != '" + claimed.date.substr(0, 8) + "', from '" + claimed.date + "'.");
    if (!options.region.empty() && claimed.region != options.region)
        return refuse(verdict::wrong_region, "Credential should be scoped to a valid region, not '" + claimed.region + "'. ");
    if (!options.service.empty() && claimed.service != options.service)
        return refuse(verdict::wrong_service, "Credential should be scoped to correct service: '" + std::string(options.service) + "'. ");
    return {};
}

bool is_signed(const claim& claimed, std::string_view name) noexcept
{
    return std::any_of(claimed.signed_headers.begin(), claimed.signed_headers.end(),
        [&](const std::string& signed_name) { return same_name(signed_name, name); });
}

constexpr std::string_view amz_prefix = "x-amz-";

verification check_signed_headers(const request_view& request, const claim& claimed)
{
    if (!is_signed(claimed, "host"))
        return refuse(verdict::missing_signed_header, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    for (const std::string& name : claimed.signed_headers)
        if (find_header(request, name).count == 0)
            return refuse(verdict::missing_signed_header, "'" + name + "' is a 'SignedHeader' but is not a header of the request");
    for (const field_view& header : request.headers) {
        // The token may be added after signing (`signing_options::omit_session_token`); it is compared on its own.
        if (header.name.size() <= amz_prefix.size() || !same_name(header.name.substr(0, amz_prefix.size()), amz_prefix)
            || same_name(header.name, "x-amz-security-token") || is_signed(claimed, header.name))
            continue;
        return refuse(verdict::missing_signed_header, "header '" + std::string(header.name) + "' of the request must be a 'SignedHeader'");
    }
    return {};
}

verification check_payload(const request_view& request, const verify_options& options, std::string_view& hash)
{
    const found sent = find_header(request, "x-amz-content-sha256");
    hash = request.payload_sha256;
    if (sent.count > 1)
        return malformed("header x-amz-content-sha256 stands more than once");
    if (sent.count == 0 || equal_in_constant_time(sent.value, request.payload_sha256))
        return {};
    if (sent.value == unsigned_payload && options.allow_unsigned_payload) {
        hash = unsigned_payload;
        return {};
    }
    return refuse(verdict::payload_mismatch, "The provided 'x-amz-content-sha256' header does not match what was computed.");
}

core::result<void> append_canonical(const request_view& request, const claim& claimed, std::string_view hash, const verify_options& options,
    const std::string& query, std::string& out)
{
    canonical_headers headers;
    for (const field_view& header : request.headers)
        if (is_signed(claimed, header.name))
            if (auto ok = headers.add(header); !ok)
                return ok;
    headers.sort();
    canonical_query parameters;
    if (auto ok = parameters.add_wire(query); !ok)
        return ok;
    parameters.sort();
    signing_options path;
    path.normalize_path = options.normalize_path;
    path.double_encode = options.double_encode;

    out.append(request.method).push_back('\n');
    append_canonical_path(out, request.path, path);
    out.push_back('\n');
    parameters.append(out);
    out.push_back('\n');
    headers.append_lines(out);
    out.push_back('\n');
    headers.append_names(out);
    out.push_back('\n');
    out.append(hash);
    return {};
}

verification check_signature(const request_view& request, const claim& claimed, const key_view& key, std::string_view hash,
    const verify_options& options, const std::string& query)
{
    verification result;
    if (auto ok = append_canonical(request, claimed, hash, options, query, result.canonical_request); !ok)
        return malformed(ok.error().text());
    const scope where{claimed.region, claimed.service};
    append_string_to_sign(result.string_to_sign, claimed.date, where, result.canonical_request);
    std::string expected;
    append_hex(expected, derive_signing_key(key.secret, claimed.day, where).sign(result.string_to_sign));
    if (equal_in_constant_time(expected, claimed.signature_hex))
        return result;
    result.verdict = verdict::signature_mismatch;
    result.detail = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
                    "method. Consult the service documentation for details.";
    return result;
}

} // namespace

verification read_claim(const request_view& request, claim& out)
{
    out = {};
    query_claims query;
    if (auto wrong = split_query(request.query, query))
        return malformed(*wrong);
    const found authorization = find_header(request, "authorization");
    const bool by_query = query.values[at_algorithm].has_value();
    if (authorization.count == 0 && !by_query)
        return refuse(verdict::missing_authentication, "Missing Authentication Token");
    if (authorization.count > 1 || (authorization.count == 1 && by_query))
        return malformed("the request carries more than one signature");
    if (by_query)
        return read_presigned(query, out);
    if (auto read = read_authorization(authorization.value, out); !read)
        return read;
    const found date = find_header(request, "x-amz-date");
    if (date.count != 1)
        return malformed("Authorization header requires existence of exactly one 'X-Amz-Date' header. (Authorization=" + std::string(algorithm) + ")");
    if (auto wrong = read_date(date.value, out))
        return malformed(*wrong);
    const found token = find_header(request, "x-amz-security-token");
    if (token.count > 1)
        return malformed("header x-amz-security-token stands more than once");
    out.token = token.value;
    return {};
}

verification verify(const request_view& request, const claim& claimed, const key_view& key, core::wall_time now, const verify_options& options)
{
    if (auto scoped = check_scope(claimed, options); !scoped)
        return scoped;
    // The id is not part of what is signed, so nothing later would notice.
    if (claimed.key_id != key.id)
        return refuse(verdict::signature_mismatch, "the request names another access key id than the key it is checked with");
    if (!equal_in_constant_time(claimed.token, key.token))
        return refuse(verdict::wrong_token, "The security token included in the request is invalid.");
    if (auto headers = check_signed_headers(request, claimed); !headers)
        return headers;
    if (auto current = check_time(claimed, now, options.window); !current)
        return current;
    std::string_view hash;
    if (auto payload = check_payload(request, options, hash); !payload)
        return payload;
    if (!claimed.presigned)
        return check_signature(request, claimed, key, hash, options, std::string(request.query));
    query_claims query;
    if (auto wrong = split_query(request.query, query))
        return malformed(*wrong);
    verification checked = check_signature(request, claimed, key, hash, options, query.rest);
    if (checked || claimed.token.empty())
        return checked;
    verification without_token = check_signature(request, claimed, key, hash, options, query.without_token);
    return without_token ? without_token : checked;
}

} // namespace lambent::sigv4
