#include <lambent/cli/command.hpp>

#include <vector>

/// `lambent-invoke FUNCTION ...` is `lambent invoke FUNCTION ...`.
int main(int argc, char** argv)
{
    std::vector<const char*> words{"lambent", "invoke"};
    words.insert(words.end(), argv + (argc > 0 ? 1 : 0), argv + argc);
    return lambent::cli::dispatch(static_cast<int>(words.size()), words.data());
}
