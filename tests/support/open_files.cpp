// Linked into a test binary: no test case leaves a descriptor open.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <support/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>

namespace {

std::set<std::string> open_files()
{
    std::set<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone; // the iterator's own
        const auto target = std::filesystem::read_symlink(entry.path(), gone);
        if (!gone && !target.native().starts_with("/proc/"))
            out.insert(entry.path().filename().native() + " -> " + target.native());
    }
    return out;
}

class descriptors_counted final : public Catch::TestEventListenerBase
{
public:
    using TestEventListenerBase::TestEventListenerBase;

    void testCaseStarting(const Catch::TestCaseInfo&) override { before_ = open_files(); }
    void testCaseEnded(const Catch::TestCaseStats& stats) override
    {
        bool leaked = false;
        for (const std::string& file : open_files()) {
            if (before_.contains(file))
                continue;
            leaked = true;
            std::fprintf(stderr, "\"%s\" left open: %s\n", stats.testInfo.name.c_str(), file.c_str());
        }
        // A listener cannot fail a test.
        if (leaked)
            std::_Exit(1);
    }

private:
    std::set<std::string> before_;
};

} // namespace

CATCH_REGISTER_LISTENER(descriptors_counted)
