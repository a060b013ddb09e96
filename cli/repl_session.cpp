#include <lambent/cli/mapped_lines.hpp>
#include <lambent/cli/repl_session.hpp>

#include <lambent/bloblang/arguments.hpp>
#include <lambent/data/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace lambent::cli {
namespace {

constexpr std::string_view help = R"(A mapping is run on the session's document as soon as it is entered:
  this.items.length()              a query: its value is shown
  root.id = this.id.uppercase()    assignments: the new document is shown
  map shout { root = this.uppercase() }     maps and imports stay known: this.name.apply("shout")
An unfinished mapping goes on in the next line; an empty line gives it up.
  :{  ...  :}          several statements, over any number of lines
  :in TEXT             sets the document
  :load FILE           sets the document to a file's contents
  :meta [NAME [VALUE]] shows the metadata, sets one to a JSON value or a text, or without a value removes it
  :show                shows the document and the metadata
  :run FILE            runs a mapping from a file
  :reset               forgets the maps
  :help  :quit         (Ctrl-D quits, too; Tab completes names; Ctrl-R searches the history)
)";

constexpr std::array<std::string_view, 10> commands = {":help", ":in", ":load", ":meta", ":quit", ":reset", ":run", ":show", ":{", ":}"};
constexpr std::array<std::string_view, 13> keywords = {
    "this", "root", "if", "else", "match", "let", "meta", "map", "import", "from", "true", "false", "null"};

std::string_view trimmed(std::string_view text)
{
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return text;
}

/// As JSON, texts in quotes: so that "5" and 5 differ.
std::string displayed(const data::value& v)
{
    if (v.kind() == data::kind::bytes) {
        std::string out = "bytes ";
        data::write_json_string(out, v.text());
        return out;
    }
    auto text = data::write_json(v, {.indent = "  "});
    return text ? std::move(*text) : text.error().text();
}

data::value metadata_of(const data::message& m)
{
    std::vector<data::member> all;
    for (const auto& [key, item] : m.metadata())
        all.push_back({data::value(key), item});
    return data::value::object(std::move(all));
}

bool is_word(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// Could more lines make it a mapping? A text in quotes cannot go on in the next line.
bool goes_on(const bloblang::parse_error& wrong)
{
    return wrong.message.ends_with("but reached end of input") && wrong.bare.find("end quote") == std::string::npos;
}

bool is_definition(std::string_view text)
{
    while (text.starts_with('\n'))
        text.remove_prefix(1);
    const std::string_view start = trimmed(text);
    return start.starts_with("map ") || start.starts_with("import ");
}

} // namespace

std::vector<std::string> repl_session::completions(std::string_view before, std::size_t& start)
{
    start = before.size();
    while (start > 0 && is_word(before[start - 1]))
        --start;
    std::vector<std::string> out;
    const auto offer = [&](std::string_view word, std::string_view end) {
        if (word.starts_with(before.substr(start)))
            out.push_back(std::string(word).append(end));
    };
    if (start == 1 && before[0] == ':') {
        start = 0;
        for (const std::string_view c : commands)
            offer(c, c.size() > 2 ? " " : "");
    } else if (start > 0 && before[start - 1] == '.') {
        for (const bloblang::definition* d : bloblang::all_methods())
            offer(d->name, "(");
    } else if (start < before.size()) {
        for (const bloblang::definition* d : bloblang::all_functions())
            offer(d->name, "(");
        for (const std::string_view k : keywords)
            offer(k, "");
    }
    return out;
}

void repl_session::abandon()
{
    pending_.clear();
    block_ = false;
}

repl_session::reply repl_session::enter(std::string_view line)
{
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    const std::string_view bare = trimmed(line);
    if (block_ && bare == ":}") {
        block_ = false;
        return {run_entry(false)};
    }
    if (!unfinished()) {
        if (bare.empty())
            return {};
        if (bare == ":{") {
            block_ = true;
            return {};
        }
        if (bare.starts_with(':'))
            return command(bare);
    }
    const bool given_up = bare.empty() && !block_;
    if (pending_.size() + line.size() > entry_bytes_max) {
        abandon();
        return {"an entry takes no more than " + std::to_string(entry_bytes_max) + " bytes; dropped\n"};
    }
    if (!given_up) {
        pending_ += line;
        pending_ += '\n';
    }
    if (block_)
        return {};
    return {run_entry(!given_up)};
}

/// Runs what is pending, or keeps it where `may_continue` and it is not at its end.
std::string repl_session::run_entry(bool may_continue)
{
    std::string text = pending_;
    if (!text.empty())
        text.pop_back(); // the last line's end: an error is not to stand below the line
    const std::size_t lines_before = static_cast<std::size_t>(std::count(definitions_.begin(), definitions_.end(), '\n'));
    auto parsed = bloblang::mapping::parse(definitions_ + text, world_);
    // A query alone cannot stand after a map.
    if (std::holds_alternative<bloblang::parse_error>(parsed) && !definitions_.empty()) {
        auto query = bloblang::mapping::parse(text, world_);
        if (std::holds_alternative<bloblang::mapping>(query) && !is_definition(text))
            parsed = bloblang::mapping::parse(definitions_ + "root = " + text, world_);
    }
    if (auto* wrong = std::get_if<bloblang::parse_error>(&parsed)) {
        if (may_continue && goes_on(*wrong))
            return {};
        pending_.clear();
        wrong->line -= std::min(wrong->line - 1, lines_before);
        return told_with_caret(text, *wrong);
    }
    pending_.clear();
    if (is_definition(text)) {
        definitions_ += text + "\n";
        return {};
    }
    return run(std::get<bloblang::mapping>(parsed));
}

std::string repl_session::run(const bloblang::mapping& mapping)
{
    const data::batch reference{document_};
    data::message onto = document_;
    const auto root = mapping.evaluate_onto(onto, reference, 0);
    if (!root)
        return std::string(innermost(root.error().text())) + "\n";
    std::string out;
    if (root->is_deleted())
        out = "(deleted)\n";
    else if (!root->is_nothing())
        out = displayed(*root) + "\n";
    const std::string metadata = displayed(metadata_of(onto));
    if (metadata != displayed(metadata_of(document_)))
        out += "@ " + metadata + "\n";
    return out.empty() ? "(nothing)\n" : out;
}

std::string repl_session::described() const
{
    const auto document = document_.structured();
    std::string out = document ? displayed(*document) : std::string(document_.bytes()) + "\n(no document: " + document.error().text() + ")";
    out += "\n";
    if (!document_.metadata().empty())
        out += "@ " + displayed(metadata_of(document_)) + "\n";
    return out;
}

std::string repl_session::command_meta(std::string_view rest)
{
    if (rest.empty())
        return "@ " + displayed(metadata_of(document_)) + "\n";
    const std::string_view name = rest.substr(0, rest.find_first_of(" \t"));
    const std::string_view given = trimmed(rest.substr(name.size()));
    if (given.empty()) {
        document_.erase_meta(name);
        return {};
    }
    const auto json = data::read_json(given);
    document_.set_meta(name, json ? *json : data::value(given));
    return {};
}

repl_session::reply repl_session::command(std::string_view line)
{
    const std::string_view name = line.substr(0, line.find_first_of(" \t"));
    const std::string_view rest = trimmed(line.substr(name.size()));
    if (name == ":quit" || name == ":q")
        return {{}, true};
    if (name == ":help")
        return {std::string(help)};
    if (name == ":show")
        return {described()};
    if (name == ":meta")
        return {command_meta(rest)};
    if (name == ":reset") {
        definitions_.clear();
        return {};
    }
    if (name == ":in") {
        set_document(std::string(rest));
        const auto document = document_.structured();
        return {document ? std::string() : "this is no document, only contents: " + document.error().text() + "\n"};
    }
    if (name == ":load" || name == ":run") {
        if (rest.empty())
            return {std::string(name) + " needs a file\n"};
        auto text = world_.read_file(std::string(rest));
        if (!text)
            return {text.error().text() + "\n"};
        if (name == ":load") {
            set_document(std::move(*text));
            return {};
        }
        pending_ = std::move(*text);
        if (!pending_.ends_with('\n'))
            pending_ += '\n';
        pending_ += '\n'; // a comment at the end needs its line break
        return {run_entry(false)};
    }
    return {"there is no command " + std::string(name) + "; :help lists them\n"};
}

} // namespace lambent::cli
