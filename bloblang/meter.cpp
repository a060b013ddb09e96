#include <lambent/bloblang/meter.hpp>

#include <string>

namespace lambent::bloblang {

problem spent_too_much()
{
    const account& a = *running_account;
    if (a.steps == 0)
        return failed("the evaluation takes more than " + std::to_string(a.limits.steps) + " steps");
    return failed("the values of the evaluation take more than " + std::to_string(a.limits.bytes) + " bytes");
}

} // namespace lambent::bloblang
