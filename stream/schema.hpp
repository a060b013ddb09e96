#pragma once

#include <lambent/config/lint.hpp>
#include <lambent/config/spec.hpp>

namespace lambent::stream {

/// What the linter and type inference ask: the components of the original by name, whether lambent has them or not, and
/// whether a text is Bloblang.
const config::lint_host& schema();

/// The sections that a file given with `-r` may have: resources, and `tests`.
const config::spec& resources_spec();

} // namespace lambent::stream
