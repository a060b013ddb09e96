#pragma once

#include <lambent/aws/credentials.hpp>
#include <lambent/aws/environment.hpp>
#include <lambent/aws/profile_file.hpp>
#include <lambent/core/error.hpp>

#include <optional>
#include <string>

namespace lambent::aws {

/// The shared config and credentials files, merged. A file that does not exist is empty; one that cannot be read is an error.
core::result<profile_file> load_profiles(const environment& from);

/// The static keys of a profile; nullopt where it says nothing of credentials. An error for half a pair of keys, and for a profile whose keys
/// come from somewhere that is not supported (roles, single sign-on, a process).
core::result<std::optional<credentials>> profile_credentials(const profile_section& profile, const std::string& name);

} // namespace lambent::aws
