#include <lambent/processor/catalogue.hpp>

#include <support/catch.hpp>
#include <support/spec_match.hpp>

using namespace lambent;

TEST_CASE("specs: what implemented processors declare is what the tables say of them", "[cli]")
{
    CHECK(processor::catalogue().size() > 30);
    for (const auto& [name, entry] : processor::catalogue()) {
        INFO(name);
        CHECK(support::differences(config::field_type::processor, name, entry.spec()) == std::vector<std::string>{});
    }
}
