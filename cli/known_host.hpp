#pragma once

#include <lambent/config/lint.hpp>

namespace lambent::cli {

/// What the linter asks: every component of the compiled-in tables, implemented or not, and mappings as our own parser reads them.
class known_host final : public config::lint_host
{
public:
    const config::spec* component(config::field_type kind, std::string_view name) const override;
    std::vector<std::string> component_names(config::field_type kind) const override;
    std::optional<config::text_flaw> check_bloblang(std::string_view text) const override;
    std::optional<config::text_flaw> check_interpolated(std::string_view text) const override;
};

} // namespace lambent::cli
