#pragma once

#include <lambent/sigv4/digest.hpp>
#include <lambent/sigv4/request_view.hpp>

#include <string>
#include <string_view>

namespace lambent::sigv4 {

/// HMAC chain of "AWS4" + secret over day, region, service, "aws4_request", made ready to sign with.
hmac_key derive_signing_key(std::string_view secret, std::string_view day, const scope& where);

/// The derived key of the last (day, region, service, key id, secret): four HMACs saved on every call but the first of a day.
/// One entry, wiped and replaced on change; not for two threads.
class signing_key_cache
{
public:
    signing_key_cache() = default;
    ~signing_key_cache();
    signing_key_cache(const signing_key_cache&) = delete;
    signing_key_cache& operator=(const signing_key_cache&) = delete;

    /// Valid until the next call. `day` is "20150830".
    const hmac_key& get(const key_view& key, std::string_view day, const scope& where);
    void clear() noexcept;

private:
    std::string day_;
    std::string region_;
    std::string service_;
    std::string id_;
    std::string secret_; // compared, since an id may get a new secret; wiped
    hmac_key key_;
    bool filled_ = false;
};

} // namespace lambent::sigv4
