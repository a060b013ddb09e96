#include <lambent/cli/sign_request.hpp>

#include <lambent/data/json.hpp>
#include <lambent/sigv4/amz_date.hpp>
#include <lambent/sigv4/digest.hpp>
#include <lambent/sigv4/signer.hpp>

#include <vector>

namespace lambent::cli {
namespace {

core::error refused(std::string why)
{
    return {make_error_code(boost::system::errc::invalid_argument), std::move(why)};
}

core::result<core::wall_time> signing_time(const raw_request& request, const std::string& asked, core::wall_time now)
{
    const std::string* own = request.header("x-amz-date");
    const std::string& text = asked.empty() && own != nullptr ? *own : asked;
    if (text.empty())
        return now;
    if (const auto at = sigv4::parse_amz_date(text))
        return *at;
    return refused("'" + text + "' is not a time: write it as 20150830T123600Z");
}

std::vector<sigv4::field_view> views(const raw_request::header_list& headers)
{
    std::vector<sigv4::field_view> list;
    for (const auto& [name, value] : headers)
        list.push_back({name, value});
    return list;
}

void write_member(std::string& out, std::string_view name, std::string_view value)
{
    out.append(out.back() == '{' ? "" : ",").append("\"").append(name).append("\":");
    data::write_json_string(out, value);
}

std::string all_stages(const signed_request& done)
{
    std::string out = "{";
    write_member(out, "canonical_request", done.canonical_request);
    write_member(out, "string_to_sign", done.string_to_sign);
    write_member(out, "signature", done.signature);
    if (done.authorization.empty())
        out += ",\"authorization\":null";
    else
        write_member(out, "authorization", done.authorization);
    out += ",\"signed_request_headers\":[";
    for (const auto& [name, value] : done.request.headers) {
        out += out.back() == '[' ? "[" : ",[";
        data::write_json_string(out, name);
        out += ",";
        data::write_json_string(out, value);
        out += "]";
    }
    out += "]";
    write_member(out, "signed_target", done.request.target);
    return out + "}\n";
}

} // namespace

core::result<signed_request> sign(raw_request request, const sign_options& options, const sigv4::key_view& keys, core::wall_time now)
{
    const auto at = signing_time(request, options.time, now);
    if (!at)
        return at.error();
    sigv4::signing_options how;
    how.normalize_path = !options.no_normalize;
    how.double_encode = !options.single_encode && options.service != "s3";
    how.omit_session_token = options.omit_session_token;
    how.sign_body_header = options.sign_body;
    bool unsigned_payload = options.unsigned_payload;
    if (const std::string* own = request.header("x-amz-content-sha256")) {
        how.sign_body_header = true;
        unsigned_payload = unsigned_payload || *own == sigv4::unsigned_payload;
    }
    const std::string own_token = request.header("x-amz-security-token") != nullptr ? *request.header("x-amz-security-token") : std::string();
    const sigv4::key_view key{keys.id, keys.secret, keys.token.empty() ? std::string_view(own_token) : keys.token};
    for (const std::string_view name : {"authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"})
        request.erase(name);

    const std::string hash = unsigned_payload ? std::string(sigv4::unsigned_payload) : sigv4::sha256_hex(request.body);
    const std::vector<sigv4::field_view> headers = views(request.headers);
    const sigv4::request_view view{request.method, request.path(), request.query(), headers, hash};
    const sigv4::scope where{options.region, options.service};
    sigv4::signer signer;
    signed_request done;
    if (options.query) {
        sigv4::presigned made;
        if (auto ok = signer.presign(view, where, key, *at, options.expires, made, how); !ok)
            return refused(ok.error().text());
        done.canonical_request = std::move(made.canonical_request);
        done.string_to_sign = std::move(made.string_to_sign);
        done.signature = std::move(made.signature_hex);
        request.target = std::string(request.path()) + "?" + made.query;
        done.request = std::move(request);
        return done;
    }
    sigv4::signature made;
    if (auto ok = signer.sign(view, where, key, *at, made, how); !ok)
        return refused(ok.error().text());
    request.headers.emplace_back("X-Amz-Date", made.date);
    if (!key.token.empty())
        request.headers.emplace_back("X-Amz-Security-Token", key.token);
    if (how.sign_body_header)
        request.headers.emplace_back("x-amz-content-sha256", hash);
    request.headers.emplace_back("Authorization", made.authorization);
    done.canonical_request = std::move(made.canonical_request);
    done.string_to_sign = std::move(made.string_to_sign);
    done.signature = std::move(made.signature_hex);
    done.authorization = std::move(made.authorization);
    done.request = std::move(request);
    return done;
}

std::optional<core::result<std::string>> show(const signed_request& done, std::string_view what)
{
    if (what == "authorization") {
        if (done.authorization.empty())
            return done.request.target + "\n"; // a presigned request has none; its target is what carries the signature
        return done.authorization + "\n";
    }
    if (what == "canonical-request")
        return done.canonical_request + "\n";
    if (what == "string-to-sign")
        return done.string_to_sign + "\n";
    if (what == "signature")
        return done.signature + "\n";
    if (what == "request")
        return to_text(done.request);
    if (what == "curl")
        return to_curl(done.request);
    if (what == "all")
        return all_stages(done);
    return std::nullopt;
}

} // namespace lambent::cli
