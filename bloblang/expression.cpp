#include <lambent/bloblang/expression.hpp>
#include <lambent/bloblang/stack_room.hpp>

namespace lambent::bloblang {

answer expression::run_elsewhere(const frame& at) const
{
    struct errand
    {
        const expression& what;
        const frame& at;
        answer out;
    };
    errand e{*this, at, answer(data::value())};
    const bool ran = run_on_fresh_stack(
        [](void* context) {
            auto& mine = *static_cast<errand*>(context);
            mine.out = mine.what.run(mine.at);
        },
        &e);
    if (!ran)
        return failed("the expression is nested too deeply to be evaluated");
    return std::move(e.out);
}

} // namespace lambent::bloblang
