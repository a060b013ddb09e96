#pragma once

#include <lambent/core/error.hpp>
#include <lambent/data/value.hpp>
#include <lambent/processor/jq/words.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct jq_state;

namespace lambent::processor::jq {

/// A compiled query of jq's language (libjq). Not for two threads at once.
///
/// Beyond what libjq 1.6 has: the original's error texts, its functions of jq 1.7, an empty environment, and numbers that
/// keep the text they came with where the query passes them through.
class program
{
public:
    /// The error is the original's: `error parsing jq query: unexpected token "}"`.
    static core::result<program> compile(std::string_view query);

    program(program&&) noexcept;
    program& operator=(program&&) noexcept;
    ~program();

    /// All results, in order. The error is the first failure: what came before it is lost, as in the original.
    core::result<std::vector<data::value>> run(const data::value& input, const data::value& metadata);

private:
    struct machine;

    program(std::string query, std::unique_ptr<machine> ready);
    /// The value that `complaint` is about: found by running the query up to each access in turn.
    std::string explained(std::string_view complaint, const data::value& input, const data::value& metadata);

    struct beginning;

    std::unique_ptr<std::string> query_; ///< `pieces` look into it
    std::unique_ptr<machine> machine_;
    std::vector<beginning> beginnings_;  ///< made at the first failure
    bool divided_ = false;
};

} // namespace lambent::processor::jq
