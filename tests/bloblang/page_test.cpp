// docs/bloblang.md against the engine: every function and method stands there with its arguments, and nothing else, and every
// example gives what the page says.

#include <lambent/bloblang/arguments.hpp>
#include <lambent/bloblang/mapping.hpp>
#include <lambent/data/json.hpp>

#include <bloblang/library.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>

using namespace lambent;
using namespace lambent::bloblang;

namespace {

/// The examples' machine.
class page_world final : public environment
{
public:
    core::wall_time now() const override { return still_.now(); }
    std::uint64_t random() const override { return drawn_++; }
    bool has_world() const noexcept override { return true; }
    bool variable(std::string_view name, std::string& out) const override
    {
        out = "hello";
        return name == "GREETING";
    }
    core::result<std::string> read_file(const std::string& path) const override
    {
        if (path.ends_with("greeting"))
            return std::string("hello\n");
        return core::error{core::errc::closed, "open " + path + ": no such file or directory"};
    }
    std::string hostname() const override { return "here"; }

private:
    still_world still_;
    mutable std::uint64_t drawn_ = 0;
};

struct page
{
    std::vector<std::string> lines;
    static const page& read()
    {
        static const page the_page = [] {
            page out;
            std::ifstream file(LAMBENT_SOURCE_DIR "/docs/bloblang.md");
            for (std::string line; std::getline(file, line);)
                out.lines.push_back(line);
            return out;
        }();
        return the_page;
    }
};

/// A row of the reference: call, what, document, query, result.
struct row
{
    std::size_t line = 0;
    std::string call;
    std::string document;
    std::string query;
    std::string result;

    std::string name() const { return call.substr(0, call.find('(')); }
};

std::string code_of(std::string cell)
{
    const auto from = cell.find('`');
    const auto to = cell.rfind('`');
    return from == std::string::npos || from == to ? std::string() : cell.substr(from + 1, to - from - 1);
}

/// The rows between "## `heading`" and the next heading of that level.
std::vector<row> rows_of(std::string_view heading)
{
    std::vector<row> out;
    bool inside = false;
    const auto& lines = page::read().lines;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string& line = lines[i];
        if (line.starts_with("## ") || line.starts_with("<!-- end of the reference"))
            inside = line == heading;
        if (!inside || !line.starts_with("| `"))
            continue;
        std::vector<std::string> cells;
        std::istringstream rest(line.substr(1));
        for (std::string cell; std::getline(rest, cell, '|');)
            cells.push_back(cell);
        INFO("line " << i + 1 << ": " << line);
        REQUIRE(cells.size() == 5);
        CHECK(cells[1].size() > 5);
        out.push_back({i + 1, code_of(cells[0]), code_of(cells[2]), code_of(cells[3]), code_of(cells[4])});
    }
    return out;
}

std::string signature(const definition& d)
{
    std::string out = std::string(d.name) + "(";
    for (const parameter& p : d.parameters) {
        out += out.ends_with('(') ? "" : ", ";
        out += p.name;
        if (p.otherwise)
            out += " = " + data::write_json(*p.otherwise).value();
        else if (p.optional)
            out += "?";
    }
    if (d.variadic)
        out += "...";
    return out + ")";
}

/// Both directions, and the arguments.
void compare(const std::vector<row>& stated, const std::vector<const definition*>& known)
{
    std::set<std::string> names;
    for (const row& r : stated) {
        INFO("line " << r.line);
        CHECK(names.insert(r.name()).second);
        const auto at = std::find_if(known.begin(), known.end(), [&](const definition* d) { return d->name == r.name(); });
        if (at == known.end())
            FAIL_CHECK("the engine does not know " << r.call);
        else
            CHECK(r.call == signature(**at));
    }
    for (const definition* d : known) {
        if (!names.contains(std::string(d->name)))
            FAIL_CHECK("the page lacks " << signature(*d));
    }
}

std::string displayed(const data::value& v)
{
    if (v.kind() == data::kind::bytes)
        return displayed(data::value(v.text()));
    const auto text = data::write_json(v);
    return text ? *text : text.error().text();
}

std::string queried(const row& r)
{
    static const page_world world;
    const auto parsed = mapping::parse("root = " + r.query, world);
    if (const auto* wrong = std::get_if<parse_error>(&parsed))
        return "parse error: " + wrong->text();
    const data::batch batch{data::message(r.document.empty() ? "{}" : r.document)};
    const auto root = std::get<mapping>(parsed).evaluate(batch, 0);
    return root ? displayed(*root) : "error: " + root.error().text();
}

void run(const std::vector<row>& rows)
{
    for (const row& r : rows) {
        const std::string got = queried(r);
        INFO("line " << r.line << ": " << r.query << "\n  gives " << got);
        CHECK(r.query.find(r.name()) != std::string::npos);
        CHECK(got == r.result);
    }
}

/// What an example's comments say beside the mapping: in, out, meta, error, parse error, deleted.
struct example
{
    std::size_t line = 0;
    std::string mapping;
    std::map<std::string, std::string> says;
};

std::vector<example> examples()
{
    static constexpr std::array<std::string_view, 6> known = {"in", "out", "meta", "error", "parse error", "deleted"};
    std::vector<example> out;
    bool inside = false;
    const auto& lines = page::read().lines;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i] == "```bloblang") {
            out.push_back({i + 2, {}, {}});
            inside = true;
        } else if (lines[i] == "```") {
            inside = false;
        } else if (inside) {
            out.back().mapping += lines[i] + "\n";
            for (const std::string_view word : known) {
                const std::string start = "# " + std::string(word) + (word == "deleted" ? "" : ": ");
                if (lines[i].starts_with(start))
                    out.back().says[std::string(word)] = lines[i].substr(start.size());
            }
        }
    }
    return out;
}

std::map<std::string, std::string> outcome_of(const example& e)
{
    static const page_world world;
    std::map<std::string, std::string> out;
    const auto parsed = mapping::parse(e.mapping, world);
    if (const auto* wrong = std::get_if<parse_error>(&parsed)) {
        out["parse error"] = wrong->text();
        return out;
    }
    const auto in = e.says.find("in");
    const data::batch batch{data::message(in != e.says.end() ? in->second : "{}")};
    if (in != e.says.end())
        out["in"] = in->second;
    data::message onto = batch[0];
    const auto done = std::get<mapping>(parsed).map(onto, batch, 0);
    if (!done) {
        out["error"] = done.error().text();
        return out;
    }
    if (*done == effect::deleted) {
        out["deleted"] = "";
        return out;
    }
    out["out"] = std::string(onto.bytes());
    std::vector<data::member> meta;
    for (const auto& [key, item] : onto.metadata())
        meta.push_back({data::value(key), item});
    if (!meta.empty())
        out["meta"] = displayed(data::value::object(meta));
    return out;
}

} // namespace

TEST_CASE("page: the functions on it are those the engine has, with their arguments", "[bloblang][page]")
{
    compare(rows_of("## Functions"), all_functions());
}

TEST_CASE("page: the methods on it are those the engine has, with their arguments", "[bloblang][page]")
{
    compare(rows_of("## Methods"), all_methods());
}

TEST_CASE("page: every row's query gives what the row says", "[bloblang][page]")
{
    run(rows_of("## Functions"));
    run(rows_of("## Methods"));
}

TEST_CASE("page: every example does what its comments say", "[bloblang][page]")
{
    const auto all = examples();
    CHECK(all.size() >= 20);
    for (const example& e : all) {
        INFO("line " << e.line << ":\n" << e.mapping);
        CHECK(outcome_of(e) == e.says);
    }
}
