// Runs recorded pipelines through the `lambent` beside this program and compares what comes out.
//
// usage: pipeline_vectors DIR...     a folder with index.json and the cases' folders, or the folder of one case
// A case that needs a component which lambent does not have is named with it and counts as failed; with
// LAMBENT_SKIP_MISSING=1 (the test suite) as skipped.

#include <support/child_process.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

struct recorded
{
    fs::path folder;
    int exit = 0;
    bool sorted = false;
    bool needs_lambda = false;
    std::optional<std::string> error; ///< the last line of stderr, without log prefix
};

struct verdict
{
    bool passed = false;
    std::string why;
    bool missing = false; ///< a component is not there
};

std::string read_file(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string quoted(const fs::path& path)
{
    std::string text = "'";
    for (const char c : path.string())
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

std::string sorted_lines(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream from(text);
    for (std::string line; std::getline(from, line);)
        lines.push_back(line);
    std::sort(lines.begin(), lines.end());
    std::string all;
    for (const std::string& line : lines)
        all += line + "\n";
    return all;
}

/// A folder for one run's output, gone with this object.
class scratch
{
public:
    scratch()
    {
        std::string pattern = (fs::temp_directory_path() / "pipeline_vectors.XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no temporary folder: " + pattern);
        path_ = pattern;
    }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    ~scratch()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    fs::path operator/(const char* name) const { return path_ / name; }

private:
    fs::path path_;
};

const json::object* entry_of(const json::value& index, std::string_view name)
{
    for (const json::value& one : index.at("cases").as_array())
        if (one.at("name").as_string() == name)
            return &one.as_object();
    return nullptr;
}

recorded read_case(const fs::path& folder, const json::object* entry)
{
    recorded result;
    result.folder = folder;
    if (entry != nullptr) {
        result.exit = static_cast<int>(entry->at("exit").as_int64());
        result.sorted = entry->contains("order");
        if (const json::value* error = entry->if_contains("stderr"))
            result.error = std::string(error->as_string());
    }
    result.needs_lambda = read_file(folder / "config.yaml").find("LAMBDA_ENDPOINT") != std::string::npos;
    return result;
}

std::vector<recorded> read_cases(const fs::path& folder)
{
    std::vector<recorded> cases;
    const fs::path own_index = folder / "index.json";
    const bool single = fs::exists(folder / "config.yaml");
    const fs::path index_path = single ? fs::absolute(folder).lexically_normal().parent_path() / "index.json" : own_index;
    const json::value index = fs::exists(index_path) ? json::parse(read_file(index_path)) : json::parse(R"({"cases":[]})");
    if (single) {
        cases.push_back(read_case(folder, entry_of(index, fs::absolute(folder).lexically_normal().filename().string())));
        return cases;
    }
    for (const json::value& one : index.at("cases").as_array())
        cases.push_back(read_case(folder / std::string(one.at("name").as_string()), &one.as_object()));
    return cases;
}

/// What is left of a log line or a bare message.
std::string without_prefix(std::string line)
{
    if (const std::size_t at = line.find("msg=\""); at != std::string::npos) {
        line.erase(0, at + 5);
        line.erase(std::min(line.size(), line.find("\" @service")));
    }
    return line;
}

bool has_line(const std::string& text, const std::string& wanted)
{
    std::istringstream from(text);
    for (std::string line; std::getline(from, line);)
        if (without_prefix(line) == wanted)
            return true;
    return false;
}

/// "lambent has no input 'x' yet": the component that a case waits for.
std::string missing_component(const std::string& errors)
{
    const std::size_t at = errors.find("lambent has no ");
    return at == std::string::npos ? std::string() : errors.substr(at, errors.find('\n', at) - at);
}

verdict run(const recorded& one, const fs::path& lambent, const fs::path& fake_lambda)
{
    const scratch files;
    std::optional<lambent::support::child_process> lambda;
    lambent::support::child_options options;
    options.environment = {{"TZ", "UTC"}};
    if (one.needs_lambda) {
        const std::uint16_t port = lambent::support::free_port();
        lambent::support::child_options server;
        server.arguments = {"python3", fake_lambda.string(), std::to_string(port)};
        server.quiet = true;
        lambda.emplace(server);
        if (!lambent::support::wait_until_listening(port))
            return {false, "fake_lambda.py does not listen"};
        options.environment.emplace_back("LAMBDA_ENDPOINT", "http://127.0.0.1:" + std::to_string(port));
    }
    const std::string command = "exec " + quoted(lambent) + " run config.yaml <input.txt >" + quoted(files / "out") + " 2>" + quoted(files / "err");
    options.arguments = {"/bin/sh", "-c", command};
    options.directory = one.folder.string();
    lambent::support::child_process process(options);
    const int exit = process.wait(60s);
    const std::string errors = read_file(files / "err");
    if (exit == -1)
        return {false, "still running after 60 s\n" + errors};
    if (const std::string missing = missing_component(errors); !missing.empty())
        return {false, missing, true};
    std::string expected = read_file(one.folder / "expected.txt");
    std::string got = read_file(files / "out");
    if (one.sorted) {
        expected = sorted_lines(expected);
        got = sorted_lines(got);
    }
    if (exit != one.exit)
        return {false, "exit code " + std::to_string(exit) + ", expected " + std::to_string(one.exit) + "\n" + errors + got};
    if (one.error && !has_line(errors, *one.error))
        return {false, "stderr: expected the line\n" + *one.error + "\ngot\n" + errors};
    if (got != expected)
        return {false, "expected\n" + expected + "got\n" + got + errors};
    return {true, {}};
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::cerr << "usage: pipeline_vectors DIR...\n";
        return 1;
    }
    try {
        const fs::path lambent = fs::read_symlink("/proc/self/exe").parent_path() / "lambent";
        const fs::path fake_lambda = fs::path(LAMBENT_SOURCE_DIR) / "tests/vectors/aws_lambda/fake_lambda.py";
        int passed = 0;
        int failed = 0;
        int skipped = 0;
        const bool skip_missing = std::getenv("LAMBENT_SKIP_MISSING") != nullptr;
        for (int i = 1; i < argc; ++i) {
            for (const recorded& one : read_cases(argv[i])) {
                const verdict result = run(one, lambent, fake_lambda);
                const bool skip = result.missing && skip_missing;
                ++(result.passed ? passed : skip ? skipped : failed);
                if (!result.passed)
                    std::cout << (skip ? "SKIPPED " : "FAILED ") << one.folder.filename().string() << ": " << result.why << "\n";
            }
        }
        std::cout << passed << " passed, " << failed << " failed";
        if (skipped > 0)
            std::cout << ", " << skipped << " skipped";
        std::cout << "\n";
        return failed == 0 ? 0 : 1;
    } catch (const std::exception& broken) {
        std::cerr << "pipeline_vectors: " << broken.what() << "\n";
        return 1;
    }
}
