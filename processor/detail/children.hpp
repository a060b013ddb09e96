#pragma once

#include <lambent/config/spec.hpp>
#include <lambent/processor/context.hpp>
#include <lambent/processor/stage.hpp>

#include <string>
#include <vector>

namespace lambent::processor {

/// Builds the child processors of a composite. Child i lives at `<path>.<name>.<below>.<i>`, without `below` where it is empty:
/// pipeline.processors.0.branch.processors.1, pipeline.processors.0.switch.2.processors.0, pipeline.processors.0.try.0.
core::result<std::vector<stage_ptr>> children(
    const context& who, const std::vector<config::node>& objects, const std::string& below = {});

/// One batch per message.
batches singles(data::batch batch);

/// Moves the batches of `more` behind those of `to`.
void append(batches& to, batches more);

} // namespace lambent::processor
