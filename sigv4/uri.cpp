#include <lambent/sigv4/uri.hpp>

#include <array>

namespace lambent::sigv4 {
namespace {

constexpr std::array<bool, 256> unreserved_table = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace

bool is_unreserved(unsigned char c) noexcept
{
    return unreserved_table[c];
}

void append_encoded(std::string& out, std::string_view bytes, char keep)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::size_t plain = 0; // start of the run that needs no encoding
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto c = static_cast<unsigned char>(bytes[i]);
        if (unreserved_table[c] || (keep != '\0' && bytes[i] == keep))
            continue;
        out.append(bytes, plain, i - plain);
        const char triple[] = {'%', digits[c >> 4], digits[c & 15]};
        out.append(triple, sizeof triple);
        plain = i + 1;
    }
    out.append(bytes, plain, std::string_view::npos);
}

void append_decoded(std::string& out, std::string_view text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high >= 0 && low >= 0) {
                out.push_back(static_cast<char>(high * 16 + low));
                i += 2;
                continue;
            }
        }
        out.push_back(text[i]);
    }
}

void append_normalized_path(std::string& out, std::string_view path)
{
    const std::size_t begin = out.size();
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t slash = path.find('/', at);
        const std::string_view segment = path.substr(at, slash == std::string_view::npos ? slash : slash - at);
        at = slash == std::string_view::npos ? path.size() : slash + 1;
        if (segment.empty() || segment == ".")
            continue;
        if (segment == "..") {
            const std::size_t parent = out.rfind('/');
            if (parent != std::string::npos && parent >= begin)
                out.resize(parent);
            continue;
        }
        out.push_back('/');
        out.append(segment);
    }
    if (out.size() == begin || (!path.empty() && path.back() == '/'))
        out.push_back('/');
}

} // namespace lambent::sigv4
