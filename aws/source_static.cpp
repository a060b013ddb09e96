#include <lambent/aws/credentials_sources.hpp>

#include <lambent/aws/errc.hpp>

#include <utility>

namespace lambent::aws {
namespace {

class static_source final : public credentials_source
{
public:
    explicit static_source(core::result<std::shared_ptr<const credentials>> kept) : kept_(std::move(kept)) {}

    awaitable<core::result<std::shared_ptr<const credentials>>> fetch(core::deadline) override { co_return kept_; }
    std::shared_ptr<const credentials> kept() noexcept override { return kept_ ? *kept_ : nullptr; }

private:
    core::result<std::shared_ptr<const credentials>> kept_;
};

} // namespace

std::shared_ptr<credentials_source> make_static_source(credentials keys)
{
    if (keys.id.empty() || keys.secret.empty()) {
        core::error empty{errc::no_credentials, "static credentials are empty"};
        return make_static_source(std::move(empty));
    }
    return std::make_shared<static_source>(std::make_shared<const credentials>(std::move(keys)));
}

std::shared_ptr<credentials_source> make_static_source(core::error none)
{
    return std::make_shared<static_source>(core::result<std::shared_ptr<const credentials>>(std::move(none)));
}

} // namespace lambent::aws
