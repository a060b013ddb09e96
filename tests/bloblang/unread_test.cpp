// A mapping gives the same of a document that is read as far as it looks and of one that was made into a tree before.

#include <bloblang/library.hpp>
#include <support/catch.hpp>
#include <support/random_json.hpp>

#include <lambent/data/json.hpp>

#include <array>
#include <vector>

using namespace lambent;
using lambent::bloblang::mapping;
using lambent::support::random_json;

namespace {

constexpr std::array<std::string_view, 9> paths{"a", "b", "items", "name", "a.b", "items.0", "c.a", "items.\"*\".a", "b.1.name"};
constexpr std::array<std::string_view, 12> whole{".keys()", ".values()", ".length()", ".type()", ".string()", ".format_json()",
    ".format_json(no_indent: true, escape_html: false)", ".collapse()", ".key_values()", ".enumerated()", ".flatten()", ".unique()"};

std::string path_below(random_json& chance) { return "this." + std::string(paths[chance.below(paths.size())]); }

std::string statement(random_json& chance)
{
    const std::string p = path_below(chance);
    const std::string q = path_below(chance);
    const std::string name(paths[chance.below(4)]);
    switch (chance.below(18)) {
    case 0: return "root = this";
    case 1: return "root = " + p;
    case 2: return "root.out." + name + " = " + p;
    case 3: return "root = this\nroot." + name + " = " + q;
    case 4: return "root = this\nroot." + std::string(paths[chance.below(7)]) + " = deleted()";
    case 5: return "root = this\nroot." + std::string(paths[chance.below(7)]) + " = " + q;
    case 6: return "root = this.without(\"" + name + "\", \"a.b\", \"items.0\")";
    case 7: return "root.r = " + p + std::string(whole[chance.below(whole.size())]);
    case 8: return "root.r = " + p + std::string(whole[chance.below(whole.size())]) + ".catch(\"none\")";
    case 9: return "root = this.merge({\"" + name + "\": " + q + "})";
    case 10: return "root = this.assign({\"x\": " + p + ", \"a\": {\"b\": " + q + "}})";
    case 11: return "root.r = " + p + " == " + q + " || this." + name + ".or(1) == this." + name;
    case 12: return "root.r = this." + name + ".map_each(v -> if v.type() == \"object\" { v.a } else { v })";
    case 13: return "root.r = this." + name + ".filter(v -> v.type() != \"null\").catch([])";
    case 14: return "root.r = this." + name + ".fold([], i -> i.tally.append(i.value))";
    case 15: return "root = match { this." + name + ".type() == \"object\" => this." + name + ", _ => " + q + " }";
    case 16: return "root.r = this.exists(\"" + name + ".b\")\nroot.s = this.get(\"items.1\")\nroot.t = this." + name + ".apply(\"deep\").catch(this)";
    default: return "let x = " + p + "\nroot.one = $x\nroot.two = [$x, " + q + "]\nmeta m = $x\nroot.three = @m";
    }
}

std::string answer_of(const mapping& program, data::message from)
{
    const data::batch batch{std::move(from)};
    std::string out;
    // Twice: what the first pass left behind in the message must not matter.
    for (int pass = 0; pass < 2; ++pass) {
        data::message onto = batch[0];
        const auto done = program.map(onto, batch, 0);
        out += done ? std::string(onto.bytes()) : "error: " + done.error().text();
        data::message changed = batch[0];
        const auto overlaid = program.overlay(changed, batch, 0, false);
        out += overlaid ? std::string(changed.bytes()) : "error: " + overlaid.error().text();
    }
    return out;
}

} // namespace

TEST_CASE("mapping: documents read on demand and at once give the same bytes", "[bloblang]")
{
    const unsigned seed = support::seed_of_run();
    INFO("LAMBENT_SEED=" << seed);
    random_json chance(seed);
    const bloblang::still_world world;
    int mapped = 0;
    for (int round = 0; round < 4000; ++round) {
        const std::string text = chance.document();
        const std::string program = "map deep {\n  root = this\n  root.added = this.a\n}\n" + statement(chance);
        INFO(program << "\nof " << text);
        const auto parsed = mapping::parse(program, world);
        if (const auto* wrong = std::get_if<bloblang::parse_error>(&parsed))
            FAIL(wrong->text());
        data::json_read_options at_once;
        at_once.eager = true;
        data::message tree;
        tree.set_structured(data::read_json(text, at_once).value());
        const std::string unread = answer_of(std::get<mapping>(parsed), data::message(text));
        const std::string expected = answer_of(std::get<mapping>(parsed), tree);
        CHECK(unread == expected);
        mapped += unread.starts_with("error") ? 0 : 1;
    }
    CHECK(mapped > 2000);
}
