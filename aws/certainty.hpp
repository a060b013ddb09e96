#pragma once

namespace lambent::aws {

/// May the function have run? Stands in every error of a call. In rising order: of several attempts the highest counts.
enum class certainty {
    not_sent,        ///< no byte left
    refused,         ///< the service answered that it did not run the function
    maybe_executed,  ///< bytes left, no complete answer came
    executed,        ///< it ran; its answer was lost or broken
};

} // namespace lambent::aws
