// Runs recorded mappings and interpolated strings: bloblang_vectors FILE... (shared.json, interp_shared.json, doc_examples.json); of a
// folder, every .json in it.
// `env`, `file`, `file_rel` and `hostname` are unregistered, as where the recordings were made.

#include <lambent/bloblang/mapping.hpp>
#include <lambent/data/json.hpp>
#include <lambent/data/message.hpp>
#include <lambent/data/time_text.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

namespace {

using namespace lambent;
using data::value;

class pure_world final : public bloblang::environment
{
public:
    core::wall_time now() const override { return std::chrono::system_clock::now(); }
    std::uint64_t random() const override
    {
        static std::mt19937_64 generator{20261122};
        return generator();
    }
    core::result<std::string> read_file(const std::string& path) const override
    {
        std::ifstream file(path, std::ios::binary);
        if (!file) {
            const std::string full = std::filesystem::absolute(path).string();
            return core::error{core::errc::closed, "open " + full + ": no such file or directory"};
        }
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }
};

struct tally
{
    int passed = 0;
    int failed = 0;
    int skipped = 0;
};

std::string text_of(const value& v, std::string_view key)
{
    const value* found = v.peek(key);
    return found != nullptr && found->is_string() ? std::string(found->text()) : std::string();
}

std::string from_base64(std::string_view text)
{
    std::string out;
    unsigned bits = 0;
    int have = 0;
    for (const char c : text) {
        static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const auto at = alphabet.find(c);
        if (at == std::string_view::npos)
            continue;
        bits = bits << 6 | static_cast<unsigned>(at);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out.push_back(static_cast<char>(bits >> have & 0xff));
        }
    }
    return out;
}

std::string content_of(const value& v, const char* key, const char* key64)
{
    return v.peek(key64) != nullptr ? from_base64(text_of(v, key64)) : text_of(v, key);
}

/// Metadata in: JSON numbers without a fraction are integers.
value meta_value(const value& v)
{
    if (v.kind() == data::kind::number) {
        const std::string text(v.text());
        if (text.find_first_of(".eE") == std::string::npos)
            return value(std::int64_t{std::stoll(text)});
        return value(std::stod(text));
    }
    return v;
}

data::message message_of(const value& c)
{
    data::message m(content_of(c, "input", "input_b64"));
    if (const value* meta = c.peek("meta")) {
        for (const data::member& entry : meta->members())
            m.set_meta(entry.name(), meta_value(entry.item));
    }
    if (c.peek("error_in") != nullptr)
        m.fail(text_of(c, "error_in"));
    return m;
}

/// What a run came to, in the recorded form.
std::string outcome_of(std::string_view kind, std::string_view text) { return std::string(kind) + ": " + std::string(text); }

std::string json_of(const value& v)
{
    auto written = data::write_json(v);
    return written ? written.value() : "(cannot be written)";
}

value recorded_meta(const data::message& m)
{
    std::vector<data::member> all;
    for (const auto& [key, item] : m.metadata()) {
        value shown = item;
        if (item.kind() == data::kind::bytes)
            shown = value::object({{value("$bytes"), item}});
        else if (item.kind() == data::kind::timestamp)
            shown = value::object({{value("$time"), value(data::rfc3339_nano(item.as_timestamp()))}});
        all.push_back({value(key), shown});
    }
    return value::object(std::move(all));
}

std::string parse_failure(const bloblang::parse_error& e)
{
    return outcome_of("parse error", std::to_string(e.line) + ":" + std::to_string(e.column) + " " + e.message);
}

std::string run_mapping(const value& c, const data::batch& batch, std::size_t index, bool mutation)
{
    static const pure_world world;
    auto parsed = bloblang::mapping::parse(text_of(c, "mapping"), world);
    if (const auto* wrong = std::get_if<bloblang::parse_error>(&parsed))
        return parse_failure(*wrong);
    const auto& mapping = std::get<bloblang::mapping>(parsed);
    data::message onto = index < batch.size() ? batch[index] : data::message();
    const auto done = mutation ? mapping.overlay(onto, batch, index, true) : mapping.map(onto, batch, index);
    if (!done)
        return outcome_of("error", done.error().text());
    if (done.value() == bloblang::effect::deleted)
        return "deleted";
    return outcome_of("output", onto.bytes()) + "\nmeta: " + json_of(recorded_meta(onto));
}

std::string run_interpolation(const value& c, const data::batch& batch, std::size_t index)
{
    static const pure_world world;
    auto parsed = bloblang::interpolation::parse(text_of(c, "mapping"), world);
    if (const auto* wrong = std::get_if<bloblang::parse_error>(&parsed))
        return outcome_of("parse error", wrong->message);
    const auto text = std::get<bloblang::interpolation>(parsed).resolve(batch, index);
    return text ? outcome_of("output", text.value()) : outcome_of("error", text.error().text());
}

std::string here(std::string text)
{
    const std::string folder = std::filesystem::current_path().string() + "/";
    for (auto at = text.find("CWD/"); at != std::string::npos; at = text.find("CWD/", at + folder.size()))
        text.replace(at, 4, folder);
    return text;
}

std::string wanted_of(const value& expect, bool with_meta)
{
    if (expect.peek("parse_error") != nullptr) {
        std::string where;
        if (with_meta)
            where = json_of(*expect.peek("line")) + ":" + json_of(*expect.peek("col")) + " ";
        return outcome_of("parse error", where + here(text_of(expect, "parse_error")));
    }
    if (expect.peek("error") != nullptr)
        return outcome_of("error", here(text_of(expect, "error")));
    if (expect.peek("deleted") != nullptr)
        return "deleted";
    std::string out = outcome_of("output", content_of(expect, "output", "output_b64"));
    if (with_meta) {
        const value* meta = expect.peek("meta_out");
        out += "\nmeta: " + json_of(meta != nullptr ? *meta : value::object());
    }
    return out;
}

void judge(const std::string& name, const value& c, const std::string& wanted, const std::string& got, tally& count)
{
    if (wanted == got) {
        ++count.passed;
        return;
    }
    ++count.failed;
    std::cout << "FAIL " << name << "  " << json_of(value(text_of(c, "mapping"))) << "\n  expected " << wanted << "\n  got      " << got
              << "\n";
}

void run_case(const value& c, tally& count)
{
    const std::string mode = text_of(c, "mode");
    data::batch batch;
    std::size_t index = 0;
    if (const value* messages = c.peek("batch")) {
        for (const value& m : messages->items())
            batch.push_back(message_of(m));
        const value* at = c.peek("index");
        index = at != nullptr ? static_cast<std::size_t>(std::stoul(std::string(at->text()))) : 0;
    } else {
        batch.push_back(message_of(c));
    }
    const bool interp = mode == "interp";
    const std::string got = interp ? run_interpolation(c, batch, index) : run_mapping(c, batch, index, mode == "mutation");
    const value* ours = c.peek("ours");
    judge(text_of(c, "name"), c, wanted_of(ours != nullptr ? *ours : *c.peek("expect"), !interp), got, count);
}

/// A documented example: `actual[i]` is what a fresh engine answered for `results[i]`.
void run_example(const std::string& name, const value& example, tally& count)
{
    const auto actual = example.peek("actual")->items();
    const auto results = example.peek("results")->items();
    for (std::size_t i = 0; i < actual.size(); ++i) {
        const value* expect = actual[i].peek("expect");
        const value* deterministic = actual[i].peek("deterministic");
        if (expect == nullptr || deterministic == nullptr || !deterministic->as_bool()) {
            ++count.skipped;
            continue;
        }
        const std::string input = i < results.size() ? std::string(results[i].items()[0].text()) : "{}";
        data::batch batch{data::message(input)};
        judge(name + " #" + std::to_string(i), example, wanted_of(*expect, true), run_mapping(example, batch, 0, false), count);
    }
}

bool run_file(const std::filesystem::path& path, tally& count)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const auto document = data::read_json(text.str());
    if (!file || !document) {
        std::cerr << path.string() << ": " << (file ? document.error().text() : "cannot be read") << "\n";
        return false;
    }
    if (const value* cases = document.value().peek("cases")) {
        for (const value& c : cases->items())
            run_case(c, count);
        return true;
    }
    const value* entries = document.value().peek("entries");
    if (entries == nullptr) {
        std::cerr << path.string() << ": neither \"cases\" nor \"entries\"\n";
        return false;
    }
    for (const value& entry : entries->items()) {
        int nth = 0;
        for (const value& example : entry.peek("examples")->items())
            run_example(text_of(entry, "kind") + " " + text_of(entry, "name") + "/" + std::to_string(nth++), example, count);
    }
    return true;
}

bool run_path(const std::filesystem::path& path, tally& count)
{
    if (!std::filesystem::is_directory(path))
        return run_file(path, count);
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
        if (entry.path().extension() == ".json")
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    bool readable = !files.empty();
    for (const auto& file : files)
        readable = run_file(file, count) && readable;
    return readable;
}

} // namespace

int main(int argc, char** argv)
{
    tally count;
    bool readable = argc > 1;
    for (int i = 1; i < argc; ++i)
        readable = run_path(argv[i], count) && readable;
    std::cout << count.passed << " passed, " << count.failed << " failed";
    if (count.skipped > 0)
        std::cout << ", " << count.skipped << " skipped";
    std::cout << "\n";
    return readable && count.failed == 0 ? 0 : 1;
}
