#include <lambent/config/node.hpp>

#include <support/catch.hpp>

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

// yaml-cpp was written apart from libyaml, which reads our configurations: where both read a text, they must have read the same.

using namespace lambent;

namespace {

std::string text_of(const YAML::Node& n)
{
    if (n.IsNull())
        return "null";
    if (n.IsScalar())
        return "scalar " + n.Scalar();
    std::string out;
    if (n.IsSequence()) {
        out = "[";
        for (const YAML::Node& item : n)
            out += text_of(item) + ", ";
        return out + "]";
    }
    out = "{";
    for (const auto& member : n)
        out += member.first.Scalar() + ": " + text_of(member.second) + ", ";
    return out + "}";
}

std::string text_of(const config::node& n)
{
    if (n.is_null())
        return "null";
    if (n.is_scalar())
        return "scalar " + n.text();
    std::string out;
    if (n.is_sequence()) {
        out = "[";
        for (std::size_t i = 0; i < n.size(); ++i)
            out += text_of(n.at(i)) + ", ";
        return out + "]";
    }
    out = "{";
    for (const auto& [key, value] : n.items())
        out += key + ": " + text_of(value) + ", ";
    return out + "}";
}

void compare(const std::string& text, const std::string& name)
{
    INFO(name);
    const auto ours = config::node::parse(text, name);
    REQUIRE(ours.has_value());
    CHECK(text_of(*ours) == text_of(YAML::Load(text)));
}

} // namespace

TEST_CASE("yaml: every recorded configuration is read as yaml-cpp reads it", "[config][yaml]")
{
    std::size_t read = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(LAMBENT_SOURCE_DIR "/tests/vectors/pipelines")) {
        if (entry.path().extension() != ".yaml")
            continue;
        std::ifstream in(entry.path());
        std::stringstream text;
        text << in.rdbuf();
        compare(text.str(), entry.path().string());
        ++read;
    }
    CHECK(read > 50);
}

TEST_CASE("yaml: quotes, blocks, flow, anchors and nulls are read as yaml-cpp reads them", "[config][yaml]")
{
    const std::vector<std::string> texts = {
        "a: 'it''s'\nb: \"x\\ty\\u00e9\\n\"\nc: plain text\n",
        "a: |\n  one\n   two\n\n  three\nb: >\n  folded\n  line\n\n  new\n",
        "a: |-\n  no end\nb: |+\n  keeps\n\nc: >-\n  x\n  y\n",
        "a: [1, {b: c}, 'd', [e, f]]\nb: {x: 1, \"y\": [2]}\n",
        "a: &one {x: 1}\nb: *one\nc: [*one, *one]\n",
        "a:\nb: ~\nc: null\nd: ''\ne: \"\"\n",
        "- a\n- b: c\n  d: e\n-\n  - f\n- - g\n  - h\n",
        "a: b # a comment\n# another\nc: 'd # no comment'\ne: f#g\n",
        "? x\n: y\n'quoted key': z\n12: w\n",
        "---\na: one\n     two\n     three\nb: \"one\n  two\"\n",
    };
    for (const std::string& text : texts)
        compare(text, text);
}
