// refused: use of deleted function|call to deleted
#include <lambent/core/shard.hpp>

using namespace lambent;

#ifdef REFUSED
core::shard twin(const core::shard& shard) { return shard; }
#else
const core::shard& twin(const core::shard& shard) { return shard; }
#endif
