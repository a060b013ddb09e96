#include <lambent/cli/command.hpp>

int main(int argc, char** argv)
{
    return lambent::cli::dispatch(argc, argv);
}
