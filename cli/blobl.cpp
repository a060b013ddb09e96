#include <lambent/cli/command.hpp>
#include <lambent/cli/mapped_lines.hpp>
#include <lambent/cli/repl.hpp>

#include <lambent/aws/environment.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/stream/process_world.hpp>

#include <boost/asio/io_context.hpp>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace lambent::cli {
namespace {

struct options
{
    std::string mapping;
    bool given = false; ///< as an argument
    std::string mapping_file;
    std::string input_file;
    line_form form;
    bool strict = false;
    bool interactive = false;
    std::size_t line_bytes_max = 65536; ///< the original's
    unsigned threads = 1;
};

constexpr const char* examples = R"(Each line of standard input is a document. What the mapping makes of it is written to standard output as one line: a text as it is,
anything else as JSON, an empty line for a deleted document. A document that fails is told on standard error, and the next one follows.
Without a mapping on a terminal, an interactive session begins (:help in it says more).

Examples:
  lambent blobl 'root.total = this.items.map_each(i -> i.price * i.count).sum()' < orders.jsonl
  lambent blobl 'this.items.filter(i -> i.price > 10).length()' -i orders.jsonl      a query alone is short for root = ...
  lambent blobl -f mapping.blobl --pretty < orders.jsonl
  lambent blobl --raw 'root = content().uppercase()' < lines.txt                      lines that are no JSON
  lambent blobl                                                                       interactive

The exit code is 1 when the mapping cannot be parsed, input cannot be read, a line is too long or output cannot be written, and with
--strict also when a document failed; otherwise 0.)";

int fail(const std::string& text)
{
    std::fprintf(stderr, "lambent blobl: %s\n", text.c_str());
    return 1;
}

bool put(std::string_view text) { return std::fwrite(text.data(), 1, text.size(), stdout) == text.size(); }

/// Maps every line; returns the exit code.
int map_all(const bloblang::mapping& mapping, const options& asked, int from)
{
    line_reader lines(from, asked.line_bytes_max);
    std::size_t number = 0;
    bool failed = false;
    for (;;) {
        // Whoever waits for an answer gets it before this waits for the next line.
        if (!lines.ready() && std::fflush(stdout) != 0)
            break;
        std::string_view line;
        const line_reader::found what = lines.next(line);
        if (what == line_reader::found::end)
            return std::fflush(stdout) == 0 ? (failed && asked.strict ? 1 : 0) : fail("standard output cannot be written");
        ++number;
        if (what == line_reader::found::failed)
            return fail((asked.input_file.empty() ? "standard input" : asked.input_file) + " cannot be read: " + std::strerror(errno));
        if (what == line_reader::found::too_long) {
            std::fflush(stdout);
            return fail("line " + std::to_string(number) + " has " + std::to_string(asked.line_bytes_max) +
                " bytes or more; --max-token-length allows longer ones");
        }
        const auto mapped = map_line(mapping, line, asked.form);
        if (!mapped) {
            failed = true;
            std::fflush(stdout);
            std::fprintf(stderr, "failed to execute map: %s\n", mapped.error().text().c_str());
            continue;
        }
        if (!put(*mapped) || !put("\n"))
            break;
    }
    return fail("standard output cannot be written");
}

int run_lines(const options& asked)
{
    std::string text = asked.mapping;
    std::string directory;
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    if (!asked.mapping_file.empty()) {
        const stream::process_world reading(shard, aws::process_environment());
        auto read = reading.read_file(asked.mapping_file);
        if (!read) {
            std::fprintf(stderr, "failed to read mapping file: %s\n", read.error().text().c_str());
            return 1;
        }
        text = std::move(*read);
        directory = std::filesystem::path(asked.mapping_file).parent_path().string();
    }
    const stream::process_world world(shard, aws::process_environment(), directory);
    const auto parsed = bloblang::mapping::parse(text, world);
    if (const auto* wrong = std::get_if<bloblang::parse_error>(&parsed)) {
        std::fputs(told_with_caret(text, *wrong).c_str(), stderr);
        return 1;
    }
    int from = STDIN_FILENO;
    if (!asked.input_file.empty()) {
        from = ::open(asked.input_file.c_str(), O_RDONLY | O_CLOEXEC);
        if (from < 0) {
            std::string why = std::strerror(errno);
            why.front() = static_cast<char>(std::tolower(why.front())); // the original's words
            std::fprintf(stderr, "failed to open input file: open %s: %s\n", asked.input_file.c_str(), why.c_str());
            return 1;
        }
    }
    const int code = map_all(std::get<bloblang::mapping>(parsed), asked, from);
    if (from != STDIN_FILENO)
        ::close(from);
    return code;
}

int run(const options& asked)
{
    if (asked.given && !asked.mapping_file.empty())
        return fail("a mapping was given both as an argument and with -f; only one can be executed");
    const bool none = !asked.given && asked.mapping_file.empty();
    if (asked.interactive || (none && ::isatty(STDIN_FILENO) != 0 && asked.input_file.empty()))
        return run_repl(asked.input_file);
    if (none)
        return fail("no mapping was given: it is the first argument, or a file after -f (see `lambent blobl --help`)");
    return run_lines(asked);
}

} // namespace

void add_blobl(CLI::App& app, command& chosen)
{
    auto asked = std::make_shared<options>();
    CLI::App* blobl = app.add_subcommand("blobl", "Run a Bloblang mapping over the lines of standard input, or interactively");
    blobl->footer(examples);
    CLI::Option* mapping = blobl->add_option("mapping", asked->mapping, "The mapping");
    blobl->add_option("-f,--file", asked->mapping_file, "A file that holds the mapping; its imports are relative to it");
    blobl->add_option("-i,--input", asked->input_file, "A file of documents, instead of standard input");
    blobl->add_flag("-r,--raw", asked->form.raw, "Lines are texts: one that is left alone comes out as it was, not as JSON written anew");
    blobl->add_flag("-p,--pretty", asked->form.pretty, "Results over several lines, indented");
    blobl->add_flag("--strict", asked->strict, "Exit with 1 when a document failed");
    blobl->add_flag("--repl", asked->interactive, "Interactive; -i gives the session's first document");
    blobl->add_option("--max-token-length", asked->line_bytes_max, "Longest line in bytes, with its end")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30))
        ->capture_default_str();
    blobl->add_option("-t,--threads", asked->threads, "Accepted for the original's command lines; documents are mapped in order, on one thread")
        ->check(CLI::Range(0U, 1024U));
    blobl->callback([asked, mapping, &chosen] {
        asked->given = mapping->count() > 0;
        chosen = [asked] { return run(*asked); };
    });
}

} // namespace lambent::cli
