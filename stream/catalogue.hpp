#pragma once

#include <lambent/config/lint.hpp>
#include <lambent/config/spec.hpp>
#include <lambent/processor/context.hpp>
#include <lambent/processor/stage.hpp>
#include <lambent/stream/input.hpp>
#include <lambent/stream/output.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lambent::stream {

class resources;

/// One component: its declared fields and how it is made. `make` errors are the bare reason; `build_*` wraps them.
template <class T>
struct component_entry
{
    const config::spec& (*spec)();
    core::result<std::unique_ptr<T>> (*make)(resources& in, const processor::context& who, const config::reader& read);
};
template <class T>
using component_row = std::pair<std::string_view, component_entry<T>>;

/// The explicit tables name -> entry; no static registration.
std::span<const component_row<input>> inputs();
std::span<const component_row<output>> outputs();
std::span<const component_row<core::limiter>> rate_limits();
std::span<const component_row<processor::cache>> caches();

/// Builds one component from its object, with the `processors` beside its type. `path` is its dot path without "root.".
/// The error reads "failed to init input <no label> path root.<path>: <reason>" (or 'label'); the innermost component is named.
core::result<input_ptr> build_input(resources& in, const config::node& object, const std::string& path);
core::result<output_ptr> build_output(resources& in, const config::node& object, const std::string& path);
core::result<std::unique_ptr<core::limiter>> build_rate_limit(resources& in, const config::node& object, const std::string& path);
core::result<std::unique_ptr<processor::cache>> build_cache(resources& in, const config::node& object, const std::string& path);


} // namespace lambent::stream
