#pragma once

#include <lambent/aws/credentials.hpp>
#include <lambent/aws/environment.hpp>
#include <lambent/core/error.hpp>

#include <memory>
#include <optional>
#include <string>

namespace lambent::aws {

/// Always the same keys, or always the same error.
std::shared_ptr<credentials_source> make_static_source(credentials keys);
std::shared_ptr<credentials_source> make_static_source(core::error none);

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY (or the older AWS_ACCESS_KEY, AWS_SECRET_KEY) and AWS_SESSION_TOKEN; nullopt unless
/// id and secret are both there.
std::optional<credentials> environment_credentials(const environment& from);

/// The keys of a profile, read again from the files after `invalidate()`: another tool may have renewed them.
/// For clients of one shard: it keeps what it has read.
/// @param from  must outlive the source.
std::shared_ptr<credentials_source> make_profile_source(const environment& from, std::string profile, credentials first);

} // namespace lambent::aws
