#include <lambent/processor/detail/children.hpp>

#include <lambent/processor/catalogue.hpp>

#include <utility>

namespace lambent::processor {

core::result<std::vector<stage_ptr>> children(
    const context& who, const std::vector<config::node>& objects, const std::string& below)
{
    std::string path = who.path() + "." + who.name();
    if (!below.empty())
        path += "." + below;
    return build_all(who.host(), objects, path);
}

batches singles(data::batch batch)
{
    batches result;
    result.reserve(batch.size());
    for (data::message& m : batch) {
        data::batch one;
        one.push_back(std::move(m));
        result.push_back(std::move(one));
    }
    return result;
}

void append(batches& to, batches more)
{
    for (data::batch& b : more)
        to.push_back(std::move(b));
}

} // namespace lambent::processor
