#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace lambent::aws {

/// Settings of one section; keys in lower case. A nested setting is "outer.inner" ("lambda.endpoint_url").
using profile_section = std::map<std::string, std::string, std::less<>>;

/// The setting, or an empty text.
std::string_view setting(const profile_section& section, std::string_view key) noexcept;

/// Holds secrets: every setting is wiped when it dies.
struct profile_file
{
    profile_file() = default;
    profile_file(profile_file&&) = default;
    profile_file& operator=(profile_file&&) = default;
    ~profile_file();

    std::map<std::string, profile_section, std::less<>> profiles;
    std::map<std::string, profile_section, std::less<>> services; ///< [services name] of the config file
};

enum class profile_file_kind {
    config,      ///< ~/.aws/config: [default], [profile name], [services name]; other sections are not ours
    credentials, ///< ~/.aws/credentials: [name]
};

/// Reads the INI dialect of the AWS tools. Lines it does not understand are passed over, as the SDKs do.
///
/// '#' and ';' begin a comment at the start of a line, or behind a blank. Sections of one name merge, later settings win;
/// [profile default] wins over [default]. Indented lines belong to the setting above: nested settings where its value is empty, more
/// lines of it else.
/// @source AWS SDKs and Tools Reference Guide, "Shared config and credentials files", file format.
profile_file parse_profile_file(std::string_view text, profile_file_kind kind);

/// One view of both files: a profile's settings from `credentials` win.
void merge_credentials(profile_file& config, profile_file&& credentials);

} // namespace lambent::aws
