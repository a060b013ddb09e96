#include <lambent/sigv4/signing_key.hpp>

namespace lambent::sigv4 {

hmac_key derive_signing_key(std::string_view secret, std::string_view day, const scope& where)
{
    std::string first;
    first.reserve(4 + secret.size());
    first.append("AWS4").append(secret);
    sha256_digest link = hmac_key(first).sign(day);
    wipe(first);
    for (const std::string_view part : {where.region, where.service, std::string_view("aws4_request")})
        link = hmac_key(as_bytes(link)).sign(part);
    const hmac_key key(as_bytes(link));
    wipe(link.data(), link.size());
    return key;
}

signing_key_cache::~signing_key_cache()
{
    clear();
}

void signing_key_cache::clear() noexcept
{
    wipe(secret_);
    key_ = hmac_key();
    filled_ = false;
}

const hmac_key& signing_key_cache::get(const key_view& key, std::string_view day, const scope& where)
{
    if (filled_ && day == day_ && key.id == id_ && equal_in_constant_time(key.secret, secret_) && where.region == region_
        && where.service == service_)
        return key_;
    clear();
    day_ = day;
    region_ = where.region;
    service_ = where.service;
    id_ = key.id;
    secret_.reserve(key.secret.size()); // a growth by append would leave an unwiped copy behind
    secret_ = key.secret;
    key_ = derive_signing_key(key.secret, day, where);
    filled_ = true;
    return key_;
}

} // namespace lambent::sigv4
