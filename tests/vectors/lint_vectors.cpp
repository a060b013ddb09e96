// lint_vectors FILE...: the recorded lint cases through the `lambent` command beside this program: `lint` for the findings, `run` for
// what a clean configuration does. One count per case. In the recorded texts the file's name is left out.
#include <support/child_process.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <tuple>

namespace lambent::vectors {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::chrono::seconds start_life{30}; ///< beyond: the start neither failed nor ended

struct lint
{
    std::size_t line = 0;
    std::size_t column = 0;
    std::string message;
    friend auto operator<=>(const lint&, const lint&) = default;
};

struct ended
{
    int exit = -1;       ///< -1: still running when it was stopped
    std::string text;    ///< stdout and stderr
};

/// A folder of its own for each case, removed afterwards.
class scratch
{
public:
    scratch()
    {
        std::string pattern = (fs::temp_directory_path() / "lambent-lint-XXXXXX").string();
        if (!::mkdtemp(pattern.data()))
            throw std::runtime_error("no temporary folder could be made");
        path_ = pattern;
    }
    ~scratch()
    {
        std::error_code ignored; // nothing can be done about it here
        fs::remove_all(path_, ignored);
    }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

/// Runs in `folder` with closed stdin and nothing of the user's AWS settings; waits for the end or for `life`.
ended run(const std::vector<std::string>& command, const fs::path& folder, std::chrono::milliseconds life)
{
    const fs::path output = folder / "output";
    support::child_options options;
    options.arguments = {"sh", "-c", "exec \"$@\" >" + output.string() + " 2>&1 </dev/null", "sh"};
    options.arguments.insert(options.arguments.end(), command.begin(), command.end());
    options.directory = folder.string();
    options.environment = {{"HOME", folder.string()}, {"TZ", "UTC"}, {"AWS_CONFIG_FILE", "/nonexistent"},
        {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"}, {"AWS_EC2_METADATA_DISABLED", "true"}};
    support::child_process child(options);
    ended out;
    out.exit = child.wait(life);
    child.stop();
    std::ifstream file(output);
    std::ostringstream text;
    text << file.rdbuf();
    out.text = text.str();
    return out;
}

/// "c.yaml(3,1) message", which may go on below; a hint of ours ("    did you mean ...") is no part of the message.
std::vector<lint> lints_in(const std::string& text)
{
    std::vector<lint> out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        lint found;
        int taken = 0;
        if (std::sscanf(line.c_str(), "c.yaml(%zu,%zu) %n", &found.line, &found.column, &taken) == 2 && taken > 0) {
            found.message = line.substr(static_cast<std::size_t>(taken));
            out.push_back(std::move(found));
        } else if (line.starts_with("    did you mean `") || line.starts_with("    at line ")) {
            continue;
        } else if (!out.empty()) {
            out.back().message += "\n" + line;
        } else {
            out.push_back({0, 0, line});
        }
    }
    return out;
}

std::vector<lint> lints_of(const json::array& recorded)
{
    std::vector<lint> out;
    for (const json::value& item : recorded) {
        const json::object& o = item.as_object();
        out.push_back({o.at("line").to_number<std::size_t>(), o.at("column").to_number<std::size_t>(), std::string(o.at("message").as_string())});
    }
    return out;
}

std::string shown(int exit, std::vector<lint> lints)
{
    std::sort(lints.begin(), lints.end());
    std::string out = "exit " + std::to_string(exit);
    for (const lint& l : lints)
        out += "\n      (" + std::to_string(l.line) + "," + std::to_string(l.column) + ") " + l.message;
    return out;
}

std::string replaced(std::string text, std::string_view what, std::string_view with)
{
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

/// What a start must print. Of a recording in the form of log lines, the `lint` fields count, which carry the text.
std::vector<std::string> texts_of(const std::string& error)
{
    constexpr std::string_view field = " lint=\"";
    std::vector<std::string> out;
    for (std::size_t at = error.find(field); at != std::string::npos; at = error.find(field, at)) {
        at += field.size();
        out.push_back(error.substr(at, error.find("\"\n", at) - at));
    }
    if (out.empty())
        out.push_back(error);
    return out;
}

class runner
{
public:
    explicit runner(fs::path lambent) : lambent_(std::move(lambent))
    {
        const scratch folder;
        has_run_ = run({lambent_.string(), "run", "--help"}, folder.path(), start_life).exit == 0;
    }

    void file(const fs::path& path)
    {
        std::ifstream in(path);
        if (!in)
            throw std::runtime_error(path.string() + " cannot be read");
        std::ostringstream text;
        text << in.rdbuf();
        const json::value recorded = json::parse(text.str());
        for (const json::value& item : recorded.at("cases").as_array())
            one(item.as_object());
    }

    bool report() const
    {
        if (!has_run_)
            std::cout << "starts were not checked: this lambent has no `run`\n";
        std::cout << starts_ << " starts checked\n" << passed_ << " passed, " << failed_ << " failed";
        if (skipped_ > 0)
            std::cout << ", " << skipped_ << " skipped";
        std::cout << "\n";
        return failed_ == 0;
    }

private:
    void one(const json::object& recorded)
    {
        const std::string name(recorded.at("name").as_string());
        const scratch folder;
        std::ofstream(folder.path() / "c.yaml", std::ios::binary) << std::string_view(recorded.at("yaml").as_string());
        std::string flaw = lint_flaw(recorded, folder.path());
        if (flaw.empty() && has_run_ && recorded.contains("start") && !recorded.contains("ours"))
            flaw = start_flaw(recorded.at("start").as_object(), folder.path());
        if (flaw.empty()) {
            ++passed_;
            return;
        }
        const bool skip = may_skip(name, flaw);
        ++(skip ? skipped_ : failed_);
        std::cout << (skip ? "SKIPPED " : "FAILED ") << name << flaw << "\n";
    }

    /// In the test suite (LAMBENT_SKIP_MISSING) a start that waits for a component which is not there yet is skipped, and so are
    /// the cases that LAMBENT_DIFFERENCES names (docs/differences.md).
    static bool may_skip(const std::string& name, const std::string& flaw)
    {
        const char* on_purpose = std::getenv("LAMBENT_DIFFERENCES");
        if (on_purpose != nullptr && (" " + std::string(on_purpose) + " ").find(" " + name + " ") != std::string::npos)
            return true;
        return std::getenv("LAMBENT_SKIP_MISSING") != nullptr &&
            (flaw.find("lambent has no ") != std::string::npos || flaw.find("is not available in lambent yet") != std::string::npos);
    }

    std::string lint_flaw(const json::object& recorded, const fs::path& folder) const
    {
        const json::object& expected = recorded.at(recorded.contains("ours") ? "ours" : "expect").as_object();
        std::vector<std::string> command{lambent_.string(), "lint"};
        if (const json::value* flags = recorded.if_contains("flags"))
            for (const json::value& flag : flags->as_array())
                command.emplace_back(flag.as_string());
        command.emplace_back("c.yaml");
        const ended result = run(command, folder, start_life);
        const std::string want = shown(expected.at("exit").to_number<int>(), lints_of(expected.at("lints").as_array()));
        const std::string got = shown(result.exit, lints_in(result.text));
        return want == got ? std::string() : "\n   expected " + want + "\n   got      " + got;
    }

    std::string start_flaw(const json::object& expected, const fs::path& folder)
    {
        ++starts_;
        const std::vector<std::string> command{lambent_.string(), "run", "-s", "http.address=127.0.0.1:0", "c.yaml"};
        if (const json::value* after = expected.if_contains("running_after_s")) {
            const ended result = run(command, folder, std::chrono::seconds(after->to_number<int>()));
            return result.exit == -1 ? std::string() : "\n   expected it to run on, it ended with " + std::to_string(result.exit) + ": " + result.text;
        }
        const ended result = run(command, folder, start_life);
        const int exit = expected.at("exit").to_number<int>();
        std::string flaw;
        if (result.exit != exit)
            flaw = "\n   expected start to exit " + std::to_string(exit) + ", got " + std::to_string(result.exit);
        if (const json::value* error = expected.if_contains("error"))
            for (const std::string& text : texts_of(std::string(error->as_string())))
                if (!tells(result.text, text))
                    flaw += "\n   expected start to say: " + text;
        return flaw.empty() ? flaw : flaw + "\n   it said: " + result.text;
    }

    /// Bare, or quoted as a field of a log line.
    static bool tells(const std::string& output, const std::string& text)
    {
        const std::string quoted = replaced(replaced(replaced(text, "\\", "\\\\"), "\"", "\\\""), "\n", "\\n");
        return output.find(text) != std::string::npos || output.find(quoted) != std::string::npos;
    }

    fs::path lambent_;
    bool has_run_ = false;
    std::size_t starts_ = 0;
    std::size_t passed_ = 0;
    std::size_t failed_ = 0;
    std::size_t skipped_ = 0;
};

std::vector<fs::path> files_of(const fs::path& given)
{
    if (!fs::is_directory(given))
        return {given};
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(given))
        if (entry.path().extension() == ".json")
            out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

int main_of(int argc, char** argv)
{
    if (argc < 2) {
        std::cerr << "usage: lint_vectors FILE...\n";
        return 2;
    }
    runner all(fs::canonical("/proc/self/exe").parent_path() / "lambent");
    for (int i = 1; i < argc; ++i)
        for (const fs::path& path : files_of(argv[i]))
            all.file(path);
    return all.report() ? 0 : 1;
}

} // namespace
} // namespace lambent::vectors

int main(int argc, char** argv)
{
    try {
        return lambent::vectors::main_of(argc, argv);
    } catch (const std::exception& e) {
        std::cerr << "lint_vectors: " << e.what() << "\n";
        return 1;
    }
}
