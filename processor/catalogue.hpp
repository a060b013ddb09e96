#pragma once

#include <lambent/config/lint.hpp>
#include <lambent/config/spec.hpp>
#include <lambent/processor/context.hpp>
#include <lambent/processor/stage.hpp>

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace lambent::processor {

/// One processor: its declared fields and how it is made. `make` errors are the bare reason; `build` wraps them.
struct entry
{
    const config::spec& (*spec)();
    core::result<stage_ptr> (*make)(const context& who, const config::reader& read);
};

/// The explicit table name -> entry; no static registration.
std::span<const std::pair<std::string_view, entry>> catalogue();
const entry* find(std::string_view name);

/// Builds one processor from its component object. `path` is its dot path without "root.".
/// The error reads "failed to init processor <no label> path root.<path>: <reason>" (or 'label').
core::result<stage_ptr> build(host& owner, const config::node& object, const std::string& path);
/// Builds a list; element i has path `<path>.<i>`.
core::result<std::vector<stage_ptr>> build_all(host& owner, const std::vector<config::node>& objects, const std::string& path);

} // namespace lambent::processor
