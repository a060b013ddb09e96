// `lambent blobl` as a process: flags, streams, exit codes.

#include <support/catch.hpp>
#include <support/child_process.hpp>

#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace lambent::support;

namespace {

/// What `sh` makes of a line in which "blobl" is the command: stdout and stderr together, then "exit N".
std::string run(const std::string& line)
{
    child_options with;
    with.arguments = {"sh", "-c", "blobl() { " LAMBENT_BIN_DIR "/lambent blobl \"$@\"; }\n(" + line + "\n) 2>&1; echo \"exit $?\"; echo END"};
    with.environment = {{"GREETING", "hello"}};
    with.read_output = true;
    child_process process(with);
    std::string all;
    for (std::string got = process.line(); got != "END"; got = process.line())
        all += got + "\n";
    return all;
}

struct folder
{
    folder() : path(std::filesystem::temp_directory_path() / ("lambent_blobl_" + std::to_string(::getpid())))
    {
        std::filesystem::create_directories(path / "maps");
    }
    ~folder() { std::filesystem::remove_all(path); }
    std::string file(const std::string& name, const std::string& text) const
    {
        std::ofstream(path / name) << text;
        return (path / name).string();
    }
    std::filesystem::path path;
};

} // namespace

TEST_CASE("blobl command: each line is mapped, one that fails is told and the next one follows", "[cli][blobl]")
{
    CHECK(run(R"(printf '{"a":1}\nnot json\n{"a":3}' | blobl 'root = this.a')") ==
        "1\n"
        "failed to execute map: unable to reference message as structured (with 'this.a'): parse as json: invalid character 'o' in literal "
        "null (expecting 'u')\n"
        "3\nexit 0\n");
    CHECK(run(R"(printf 'not json\n' | blobl --strict 'root = this.a' 2>/dev/null)") == "exit 1\n");
    CHECK(run(R"(printf '{"id":4}\n' | blobl '{"n":this.id}')") == "{\"n\":4}\nexit 0\n");
    CHECK(run(R"(printf 'a\nb' | blobl -r 'content().uppercase()')") == "A\nB\nexit 0\n");
    CHECK(run(R"(printf '[1]' | blobl -p 'this')") == "[\n  1\n]\nexit 0\n");
    CHECK(run(R"(printf '{}' | blobl 'env("GREETING")')") == "hello\nexit 0\n");
}

TEST_CASE("blobl command: a mapping that cannot be parsed is told with a caret, before anything is read", "[cli][blobl]")
{
    CHECK(run("blobl 'root = ' < /dev/null") ==
        "failed to parse mapping: line 1 char 8: expected query\n  |\n1 | root = \n  |        ^---\nexit 1\n");
    CHECK(run("blobl < /dev/null").find("no mapping was given") != std::string::npos);
    CHECK(run("blobl --nope this").find("exit 1") != std::string::npos);
}

TEST_CASE("blobl command: mapping and documents come from files, imports stand beside the mapping", "[cli][blobl]")
{
    const folder here;
    here.file("maps/shared.blobl", "map double { root = this * 2 }\n");
    const std::string mapping = here.file("main.blobl", "import \"./maps/shared.blobl\"\nroot = this.n.apply(\"double\")\n");
    const std::string input = here.file("input.jsonl", "{\"n\":1}\n{\"n\":2}\n");
    CHECK(run("blobl -f " + mapping + " -i " + input) == "2\n4\nexit 0\n");
    CHECK(run("blobl -f " + mapping + " 'root = 1'").find("only one can be executed") != std::string::npos);
    CHECK(run("blobl -f /nonexistent.blobl") ==
        "failed to read mapping file: open /nonexistent.blobl: no such file or directory\nexit 1\n");
    CHECK(run("blobl -i /nonexistent this") == "failed to open input file: open /nonexistent: no such file or directory\nexit 1\n");
}

TEST_CASE("blobl command: a line beyond the bound ends it with the flag's name, what came before stands", "[cli][blobl]")
{
    CHECK(run(R"(printf '{"a":1}\n{"a":22}\n' | blobl --max-token-length 8 'this.a')") ==
        "1\nlambent blobl: line 2 has 8 bytes or more; --max-token-length allows longer ones\nexit 1\n");
    CHECK(run("printf '%70000s\\n' x | blobl 'content().length()'").find("line 1 has 65536 bytes or more") != std::string::npos);
    CHECK(run("printf '%70000s\\n' x | blobl --max-token-length 70001 'content().length()'") == "70000\nexit 0\n");
}

TEST_CASE("blobl command: output that cannot be written is an error", "[cli][blobl]")
{
    CHECK(run("(echo '{}'; echo '{}') | blobl this 2>&1 >/dev/full").find("standard output cannot be written\nexit 1") != std::string::npos);
}

TEST_CASE("blobl command: an answer is there before the next line is asked for", "[cli][blobl]")
{
    child_options with;
    // The second document is written only when the first answer has come.
    with.arguments = {"sh", "-c",
        "f=$(mktemp -u); (echo '{\"n\":1}'; while [ ! -e $f ]; do sleep 0.02; done; echo '{\"n\":2}') | " LAMBENT_BIN_DIR
        "/lambent blobl 'root = this.n' | { read a; echo \"got $a\"; touch $f; read b; echo \"got $b\"; }; rm -f $f"};
    with.read_output = true;
    child_process process(with);
    CHECK(process.line() == "got 1");
    CHECK(process.line() == "got 2");
}
