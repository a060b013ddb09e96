#include <lambent/config/known.hpp>
#include <lambent/stream/catalogue.hpp>
#include <lambent/stream/scanner.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace lambent;

namespace {

/// A default as a value: `1s` and `"1s"` are the same.
std::string plain(std::string text)
{
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        return text.substr(1, text.size() - 2);
    return text;
}

/// Names only: how a default is spelt, and whether an object as a whole has one, is free.
std::vector<std::string> field_names(const config::spec& s)
{
    std::vector<std::string> all;
    for (const config::field_spec& field : s.fields())
        all.push_back(field.name);
    std::sort(all.begin(), all.end());
    return all;
}

template <class Rows>
void compare(config::field_type kind, const Rows& rows)
{
    for (const auto& [name, entry] : rows) {
        INFO(config::kind_name(kind) << " " << name);
        const config::spec* known = config::known_component(kind, name);
        REQUIRE(known != nullptr);
        CHECK(field_names(entry.spec()) == field_names(*known));
        for (const config::field_spec& field : known->fields()) {
            const config::field_spec* ours = entry.spec().find(field.name);
            INFO(field.name);
            REQUIRE(ours != nullptr);
            const bool one_value = field.shape == config::shape::one && field.type != config::field_type::object;
            if (one_value && field.default_value && field.type != config::field_type::scanner)
                CHECK(plain(ours->default_value.value_or("(none)")) == plain(*field.default_value));
        }
    }
}

} // namespace

TEST_CASE("specs: every component has the fields and defaults of the original", "[stream][spec]")
{
    compare(config::field_type::input, stream::inputs());
    compare(config::field_type::output, stream::outputs());
    compare(config::field_type::rate_limit, stream::rate_limits());
    compare(config::field_type::cache, stream::caches());
    compare(config::field_type::scanner, stream::scanners());
}
