#include <lambent/bloblang/csv.hpp>
#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/data/utf8.hpp>

namespace lambent::bloblang {
namespace {

using data::value;

value texts(const std::vector<std::string>& row)
{
    std::vector<value> out;
    for (const std::string& field : row)
        out.emplace_back(field);
    return value::array(std::move(out));
}

answer parse_csv(const call& c)
{
    const std::string_view delimiter = c.args.text(1);
    if (delimiter.empty() || data::decode_utf8(delimiter).size != delimiter.size())
        return failed("delimiter value must be exactly one character");
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    auto read = read_csv(c.target.text(), data::decode_utf8(delimiter).code, c.args.flag(2));
    if (auto* why = std::get_if<problem>(&read))
        return std::move(*why);
    const auto& records = std::get<csv_records>(read);
    if (records.empty())
        return failed("zero records were parsed");
    std::vector<value> out;
    const bool header = c.args.flag(0);
    for (std::size_t i = header ? 1 : 0; i < records.size(); ++i) {
        if (!header) {
            out.push_back(texts(records[i]));
            continue;
        }
        std::vector<data::member> row;
        for (std::size_t k = 0; k < records[i].size(); ++k)
            row.push_back({value(records[0][k]), value(records[i][k])});
        out.push_back(value::object(std::move(row)));
    }
    return value::array(std::move(out));
}

/// A quoted value after its opening quote: \" \\ \n \t \r, any other backslash stays. False: not closed.
bool quoted_value(std::string_view& rest, std::string& out)
{
    while (!rest.empty()) {
        const char c = rest.front();
        rest.remove_prefix(1);
        if (c == '"')
            return true;
        if (c != '\\' || rest.empty()) {
            out.push_back(c);
            continue;
        }
        static constexpr std::string_view names = "\"\\ntr";
        static constexpr std::string_view codes = "\"\\\n\t\r";
        const auto named = names.find(rest.front());
        if (named == std::string_view::npos) {
            out.push_back('\\');
            continue;
        }
        out.push_back(codes[named]);
        rest.remove_prefix(1);
    }
    return false;
}

answer parse_logfmt(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    std::string_view rest = *text;
    std::vector<data::member> out;
    for (;;) {
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t="), rest.size()));
        if (rest.empty())
            return value::object(std::move(out));
        const std::string key(rest.substr(0, rest.find_first_of("= \t")));
        rest.remove_prefix(key.size());
        if (!rest.starts_with('=')) {
            out.push_back({value(key), value(true)});
            continue;
        }
        rest.remove_prefix(1);
        std::string found;
        if (rest.starts_with('"')) {
            rest.remove_prefix(1);
            if (!quoted_value(rest, found))
                return failed("logfmt: unterminated quoted value for key " + go_quote(key));
        } else {
            found = rest.substr(0, rest.find_first_of(" \t"));
            rest.remove_prefix(found.size());
        }
        out.push_back({value(key), value(found)});
    }
}

/// Go's path.Clean: no empty, `.` or inner `..` parts.
std::string clean(std::string_view path)
{
    const bool rooted = path.starts_with('/');
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const auto slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
        if (part.empty() || part == ".")
            continue;
        if (part != "..")
            parts.push_back(part);
        else if (!parts.empty() && parts.back() != "..")
            parts.pop_back();
        else if (!rooted)
            parts.push_back(part);
    }
    std::string out = rooted ? "/" : "";
    for (std::size_t i = 0; i < parts.size(); ++i)
        out.append(i > 0 ? "/" : "").append(parts[i]);
    return out.empty() ? "." : out;
}

answer filepath_join(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    std::string path;
    for (std::size_t i = 0; i < c.target.size(); ++i) {
        const value& v = c.target.items()[i];
        const loose_text part(v);
        if (!part)
            return within("path element " + std::to_string(i) + ": ", wrong_type("string", v));
        if (!(*part).empty())
            path.append(path.empty() ? "" : "/").append(*part);
    }
    return value(path.empty() ? path : clean(path));
}

answer filepath_split(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    const std::string_view path = *text;
    const std::size_t file = path.rfind('/') + 1; // npos + 1 is 0
    return value::array({value(path.substr(0, file)), value(path.substr(file))});
}

} // namespace

const definitions& text_format_methods()
{
    using enum parameter_type;
    static const definitions all = {
        {.name = "filepath_join", .run = filepath_join},
        {.name = "filepath_split", .run = filepath_split},
        {.name = "parse_csv",
            .parameters = {{"parse_header_row", boolean, value(true)}, {"delimiter", string, value(",")}, {"lazy_quotes", boolean, value(false)}},
            .run = parse_csv},
        {.name = "parse_logfmt", .run = parse_logfmt},
    };
    return all;
}

} // namespace lambent::bloblang
