#include <lambent/emulator/function_name.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace lambent::emulator {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_word(char c) noexcept { return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; }

bool is_number(std::string_view text) noexcept { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }
bool is_account(std::string_view text) noexcept { return text.size() == 12 && is_number(text); }

bool is_name(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '.'; });
}

/// eu-west-1, us-gov-east-1, us-isob-east-1, eusc-de-east-1
bool is_region(std::string_view text) noexcept
{
    return text.size() >= 4 && is_digit(text.back()) && text[text.size() - 2] == '-' && is_lower(text.front())
        && std::all_of(text.begin(), text.end() - 1, [](char c) { return is_lower(c) || c == '-'; });
}

bool is_named_qualifier(std::string_view text) noexcept
{
    return text == "$LATEST" || (!text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), is_word));
}

constexpr std::size_t parts_max = 8; // arn:aws:lambda:region:account:function:name:qualifier

/// Takes the first part off where it satisfies `test` and more follow.
template <class Test>
std::string_view take(std::span<const std::string_view>& parts, Test test)
{
    if (parts.size() < 2 || !test(parts.front()))
        return {};
    const std::string_view taken = parts.front();
    parts = parts.subspan(1);
    return taken;
}

bool is_lambda_arn(std::span<const std::string_view> parts) noexcept
{
    return parts.size() >= 7 && parts[1].starts_with("aws") && parts[2] == "lambda" && is_region(parts[3]) && is_account(parts[4])
        && parts[5] == "function";
}

} // namespace

std::optional<function_name> read_function_name(std::string_view text)
{
    std::array<std::string_view, parts_max> storage;
    std::size_t count = 0;
    for (std::size_t start = 0;;) {
        if (count == parts_max)
            return std::nullopt;
        const std::size_t colon = text.find(':', start);
        storage[count++] = text.substr(start, colon == std::string_view::npos ? colon : colon - start);
        if (colon == std::string_view::npos)
            break;
        start = colon + 1;
    }
    std::span<const std::string_view> parts(storage.data(), count);
    function_name named;
    if (parts.size() > 1 && parts[0] == "arn") {
        if (!is_lambda_arn(parts))
            return std::nullopt;
        named.region = parts[3];
        named.account = parts[4];
        parts = parts.subspan(6);
    } else {
        named.account = take(parts, is_account);
        take(parts, [](std::string_view part) { return part == "function"; });
    }
    if (parts.size() > 2 || !is_name(parts[0]))
        return std::nullopt;
    if (parts.size() == 2) {
        if (!is_named_qualifier(parts[1]))
            return std::nullopt;
        named.qualifier = parts[1];
    }
    named.name = parts[0];
    return named;
}

bool is_qualifier(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '$'; });
}

std::optional<std::string> executed_version(const function_versions& known, std::string_view qualifier)
{
    if (qualifier.empty() || qualifier == "$LATEST")
        return "$LATEST";
    if (known.versions.empty() && known.aliases.empty())
        return is_number(qualifier) ? std::string(qualifier) : "$LATEST";
    if (known.versions.contains(std::string(qualifier)))
        return std::string(qualifier);
    const auto alias = known.aliases.find(std::string(qualifier));
    if (alias != known.aliases.end())
        return alias->second;
    return std::nullopt;
}

std::string function_arn(std::string_view region, std::string_view account, std::string_view name, std::string_view qualifier)
{
    std::string arn = "arn:aws:lambda:";
    arn.append(region).append(":").append(account).append(":function:").append(name);
    if (!qualifier.empty())
        arn.append(":").append(qualifier);
    return arn;
}

} // namespace lambent::emulator
