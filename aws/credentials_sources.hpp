#pragma once

#include <lambent/aws/credentials.hpp>
#include <lambent/aws/environment.hpp>
#include <lambent/aws/profile_file.hpp>
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

/// The shared config and credentials files, merged. A file that does not exist is empty; one that cannot be read is an error.
core::result<profile_file> load_profiles(const environment& from);

/// The static keys of a profile; nullopt where it says nothing of credentials. An error for half a pair of keys, and for a profile whose keys
/// come from somewhere that is not supported (roles, single sign-on, a process).
core::result<std::optional<credentials>> profile_credentials(const profile_section& profile, const std::string& name);

/// The keys of a profile, read again from the files after `invalidate()`: another tool may have renewed them.
/// @param from  must outlive the source.
std::shared_ptr<credentials_source> make_profile_source(const environment& from, std::string profile, credentials first);

} // namespace lambent::aws
