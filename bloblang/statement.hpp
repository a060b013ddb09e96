#pragma once

#include <lambent/bloblang/expression.hpp>
#include <lambent/bloblang/frame.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lambent::bloblang {

/// What statements write to.
struct outcome_slots
{
    data::value root = data::value::nothing();
    data::message* message = nullptr;      ///< whose metadata is set; null inside maps
    live_document* live = nullptr;         ///< follows `root` until root is assigned as a whole
    data::value kept;                      ///< the document that `this` still is after that
};

enum class target_kind { root, variable, meta, all_meta };

struct assignment_target
{
    target_kind kind = target_kind::root;
    std::vector<std::string> path; ///< below root; of one segment for variables and metadata
};

class statement
{
public:
    virtual ~statement() = default;
    /// Null: done.
    virtual problem run(const frame& at, outcome_slots& into) const = 0;
};
using statement_ptr = std::unique_ptr<const statement>;

statement_ptr make_assignment(assignment_target target, expression_ptr what);

struct conditional_statements
{
    expression_ptr condition; ///< null: the last `else`
    std::vector<statement_ptr> body;
};
statement_ptr make_if_statement(std::vector<conditional_statements> branches);

/// Statements that run in order: a mapping, or the body of a map.
class block
{
public:
    struct line
    {
        std::size_t number; ///< where the statement starts; in a map counted from the map's own line
        statement_ptr what;
    };
    explicit block(std::vector<line> lines) : lines_(std::move(lines)) {}

    /// "failed assignment (line N): ..." is put in front of every failure.
    problem run(const frame& at, outcome_slots& into) const;
    /// As a map: `this` is `subject`, own variables, the answer is root. A failure that has a line already gets no second one.
    answer apply(const data::value& subject, const frame& at, std::string_view name) const;

private:
    problem run_lines(const frame& at, outcome_slots& into, bool inner) const;
    std::vector<line> lines_;
};

/// How many maps may be entered one within another.
inline constexpr unsigned maps_entered_max = 5000;

} // namespace lambent::bloblang
