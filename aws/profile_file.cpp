#include <lambent/aws/profile_file.hpp>

#include <lambent/sigv4/digest.hpp>

#include <algorithm>
#include <utility>

namespace lambent::aws {
namespace {

bool is_blank(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\r';
}

std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

// A '#' or ';' behind a blank begins a comment; without the blank it belongs to the value (secrets hold such characters).
std::string_view without_comment(std::string_view value) noexcept
{
    for (std::size_t i = 1; i < value.size(); ++i)
        if ((value[i] == '#' || value[i] == ';') && is_blank(value[i - 1]))
            return value.substr(0, i);
    return value;
}

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

std::string_view unquoted(std::string_view name) noexcept
{
    if (name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front())
        return name.substr(1, name.size() - 2);
    return name;
}

class reader
{
public:
    explicit reader(profile_file_kind kind) : kind_(kind) {}

    void line(std::string_view text)
    {
        if (trimmed(text).empty() || text.front() == '#' || text.front() == ';')
            return;
        if (text.front() == '[')
            begin_section(text);
        else if (section_ == nullptr)
            return;
        else if (is_blank(text.front()))
            continue_setting(trimmed(text));
        else
            begin_setting(text);
    }

    profile_file take()
    {
        // The spelt-out form wins over the short one, wherever it stands.
        for (auto& [key, value] : prefixed_default_)
            file_.profiles["default"][key] = std::move(value);
        return std::move(file_);
    }

private:
    void begin_section(std::string_view text)
    {
        section_ = nullptr;
        key_.clear();
        const std::size_t end = text.find(']');
        if (end == text.npos)
            return;
        const std::string_view name = trimmed(text.substr(1, end - 1));
        if (kind_ == profile_file_kind::credentials) {
            section_ = &file_.profiles[std::string(name)];
            return;
        }
        if (name == "default") {
            section_ = &file_.profiles["default"];
            return;
        }
        const std::size_t blank = name.find_first_of(" \t");
        if (blank == name.npos)
            return;
        const std::string_view rest = unquoted(trimmed(name.substr(blank)));
        if (name.substr(0, blank) == "profile")
            section_ = rest == "default" ? default_section() : &file_.profiles[std::string(rest)];
        else if (name.substr(0, blank) == "services")
            section_ = &file_.services[std::string(rest)];
    }

    profile_section* default_section()
    {
        file_.profiles["default"]; // exists even when it stays empty
        return &prefixed_default_;
    }

    void begin_setting(std::string_view text)
    {
        key_.clear();
        const std::size_t equals = text.find('=');
        if (equals == text.npos)
            return;
        const std::string_view key = trimmed(text.substr(0, equals));
        if (key.empty())
            return;
        key_ = lower(key);
        (*section_)[key_] = trimmed(without_comment(text.substr(equals + 1)));
    }

    void continue_setting(std::string_view text)
    {
        if (key_.empty() || text.front() == '#' || text.front() == ';')
            return;
        std::string& value = (*section_)[key_];
        const std::size_t equals = text.find('=');
        if (value.empty() && equals != text.npos)
            (*section_)[key_ + "." + lower(trimmed(text.substr(0, equals)))] = trimmed(without_comment(text.substr(equals + 1)));
        else if (!value.empty())
            value.append("\n").append(text);
    }

    profile_file_kind kind_;
    profile_file file_;
    profile_section prefixed_default_;
    profile_section* section_ = nullptr;
    std::string key_;
};

} // namespace

profile_file::~profile_file()
{
    for (auto& [name, profile] : profiles)
        for (auto& [key, value] : profile)
            sigv4::wipe(value);
}

std::string_view setting(const profile_section& section, std::string_view key) noexcept
{
    const auto found = section.find(key);
    return found == section.end() ? std::string_view{} : std::string_view(found->second);
}

profile_file parse_profile_file(std::string_view text, profile_file_kind kind)
{
    if (text.starts_with("\xef\xbb\xbf")) // a byte-order mark, as some editors write
        text.remove_prefix(3);
    reader read(kind);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view one = text.substr(0, end);
        if (!one.empty())
            read.line(one);
        text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    }
    return read.take();
}

void merge_credentials(profile_file& config, profile_file&& credentials)
{
    for (auto& [name, section] : credentials.profiles) {
        profile_section& into = config.profiles[name];
        for (auto& [key, value] : section)
            into[key] = std::move(value);
    }
}

} // namespace lambent::aws
