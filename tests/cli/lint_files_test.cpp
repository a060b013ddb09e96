#include <lambent/cli/lint_files.hpp>

#include <lambent/config/known.hpp>

#include <sim/fake_environment.hpp>
#include <support/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace {

using namespace lambent;
namespace fs = std::filesystem;
using lines = std::vector<std::string>;

class tables final : public config::lint_host
{
public:
    const config::spec* component(config::field_type kind, std::string_view name) const override { return config::known_component(kind, name); }
    std::vector<std::string> component_names(config::field_type kind) const override { return config::known_components(kind); }
    std::optional<config::text_flaw> check_bloblang(std::string_view) const override { return {}; }
    std::optional<config::text_flaw> check_interpolated(std::string_view) const override { return {}; }
};

lines findings(const sim::fake_environment& world, const std::string& path)
{
    lines out;
    for (const config::finding& f : cli::lint_file(path, world, tables(), {}))
        out.push_back(f.text());
    return out;
}

class folder
{
public:
    folder()
    {
        std::string pattern = (fs::temp_directory_path() / "lambent-paths-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()));
        path = pattern;
    }
    ~folder()
    {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    void file(const std::string& name) const
    {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name) << "x";
    }
    lines names(const std::vector<std::string>& patterns) const
    {
        std::vector<std::string> absolute;
        for (const std::string& p : patterns)
            absolute.push_back((path / p).string());
        auto found = cli::expand_paths(absolute);
        REQUIRE(found.has_value());
        lines out;
        for (const std::string& f : *found)
            out.push_back(fs::path(f).lexically_relative(path).string());
        return out;
    }
    fs::path path;
};

} // namespace

TEST_CASE("lint: globs are expanded, folders walked, names taken as they are", "[cli]")
{
    const folder here;
    for (const char* name : {"a.yaml", "b.yml", "c.txt", "sub/d.yaml", "sub/deep/e.yml", "sub/f.json"})
        here.file(name);
    CHECK(here.names({"*.yaml"}) == lines{"a.yaml"});
    CHECK(here.names({"sub/..."}) == lines{"sub/d.yaml", "sub/deep/e.yml"});
    CHECK(here.names({"..."}) == lines{"a.yaml", "b.yml", "sub/d.yaml", "sub/deep/e.yml"});
    CHECK(here.names({"c.txt", "missing.yaml", "*.yml"}) == lines{"c.txt", "missing.yaml", "b.yml"});
    CHECK(here.names({"nope*.yaml"}).empty());
    CHECK(here.names({"[ab].y*"}) == lines{"a.yaml", "b.yml"});
    const auto missing = cli::expand_paths({(here.path / "none/...").string()});
    REQUIRE(!missing.has_value());
    CHECK(missing.error().text() == "open " + (here.path / "none").string() + ": no such file or directory");
}

TEST_CASE("lint: a file that cannot be read is a finding at its start", "[cli]")
{
    CHECK(findings({}, "missing.yaml") == lines{"missing.yaml(1,1) open missing.yaml: no such file or directory"});
}

TEST_CASE("lint: variables come from the environment", "[cli]")
{
    sim::fake_environment world;
    world.files["a.yaml"] = "shutdown_delay: ${DELAY}\nshutdown_timeout: ${OTHER}\n";
    world.variables["DELAY"] = "1s";
    CHECK(findings(world, "a.yaml") == lines{"a.yaml(1,1) required environment variables were not set: [OTHER]"});
}

TEST_CASE("lint: a Markdown file is linted by its yaml snippets, at its own lines", "[cli]")
{
    sim::fake_environment world;
    world.files["d.md"] = "# T\n\n```yaml\nfoo: ${LEFT_AS_IT_IS}\n```\n\n```yaml\na: [\n```\n```yml\nfoo: 1\n```\n"
                          "```yaml\ninput: {stdin: {}}\n```\n```yaml\npipeline: {threads: two}\n```\n```yaml\nx: 1\n";
    CHECK(findings(world, "d.md") == lines{
        "d.md(4,1) field foo not recognised",
        "d.md(7,1) yaml: line 8: did not find expected node content\n    at line 9, column 1",
        "d.md(16,1) field 'pipeline': field 'threads': yaml: unmarshal errors:\n  line 17: cannot unmarshal !!str `two` into int",
        "d.md(19,1) markdown snippet not terminated"});
    CHECK(cli::yaml_snippets("no snippet").empty());
    CHECK(cli::yaml_snippets("```yaml").size() == 1);
}
