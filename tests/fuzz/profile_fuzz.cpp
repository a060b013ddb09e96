// Any bytes as the shared config or credentials file: read without complaint, names clean, and credentials win where both say something.
#include <lambent/aws/profile_file.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace lambent;

void check(bool promise)
{
    if (!promise)
        std::abort();
}

void check_file(const aws::profile_file& file, std::string_view text)
{
    for (const auto* sections : {&file.profiles, &file.services})
        for (const auto& [name, section] : *sections) {
            check(text.find(name) != std::string_view::npos);
            for (const auto& [key, value] : section) {
                check(!key.empty() && key.find('\n') == std::string::npos);
                for (const char c : key)
                    check(c < 'A' || c > 'Z');
                check(value.size() <= text.size());
                check(aws::setting(section, key) == value);
            }
        }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // The two files, one behind the other.
    const std::size_t between = text.find('\0');
    const std::string_view first = text.substr(0, between);
    const std::string_view second = between == std::string_view::npos ? std::string_view() : text.substr(between + 1);
    aws::profile_file config = aws::parse_profile_file(first, aws::profile_file_kind::config);
    check_file(config, first);
    check_file(aws::parse_profile_file(first, aws::profile_file_kind::credentials), first);
    aws::profile_file credentials = aws::parse_profile_file(second, aws::profile_file_kind::credentials);
    check_file(credentials, second);
    const auto profiles = credentials.profiles;
    aws::merge_credentials(config, std::move(credentials));
    for (const auto& [name, section] : profiles) {
        const auto merged = config.profiles.find(name);
        check(merged != config.profiles.end());
        for (const auto& [key, value] : section)
            check(aws::setting(merged->second, key) == value);
    }
    return 0;
}
