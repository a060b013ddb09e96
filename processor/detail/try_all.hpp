#pragma once

#include <lambent/processor/stage.hpp>

#include <vector>

namespace lambent::processor {

/// Runs `stages` over every batch, but passes by those whose first message has failed (`try`, `try_catch`).
awaitable<core::result<batches>> try_all(const std::vector<stage_ptr>& stages, batches current);

} // namespace lambent::processor
