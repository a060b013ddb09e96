#pragma once

#include <lambent/bloblang/failure.hpp>
#include <lambent/bloblang/frame.hpp>
#include <lambent/bloblang/stack_room.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lambent::bloblang {

/// One node of a compiled query: immutable, shared by all evaluations.
class expression
{
public:
    virtual ~expression() = default;

    /// Evaluates; never overflows the thread's stack.
    answer eval(const frame& at) const { return stack_is_low() ? run_elsewhere(at) : run(at); }
    /// What error texts call it: field `this.a`, number literal, method uppercase.
    virtual std::string annotation() const = 0;
    /// Its value when it is a literal, else null.
    virtual const data::value* literal() const noexcept { return nullptr; }

protected:
    virtual answer run(const frame& at) const = 0;

private:
    answer run_elsewhere(const frame& at) const;
};

using expression_ptr = std::shared_ptr<const expression>;

/// A constant. `name` is its annotation; folded expressions keep that of what they came from.
expression_ptr make_literal(data::value v, std::string name = {});
/// `{k: v, ...}`: a literal when all parts are. The error is a parse error: keys that can never be strings.
struct object_part
{
    expression_ptr key;
    expression_ptr item;
};
answer checked_object(const std::vector<object_part>& parts); ///< the first error of its literal keys, or null
expression_ptr make_object(std::vector<object_part> parts);
expression_ptr make_array(std::vector<expression_ptr> items);
/// What is assigned to a document: the literals `[]` in it are lists there (see `unmade_list`).
expression_ptr as_assigned(expression_ptr e);

/// Which tree a path starts from.
enum class path_start { self, root, name };
/// `this.a.b`, `root.a`, `item.a`; `path` may be empty.
expression_ptr make_field(path_start start, std::string name, std::vector<std::string> path);
/// A path below any expression; a field becomes a deeper field.
expression_ptr make_path(expression_ptr from, std::vector<std::string> path);

expression_ptr make_variable(std::string name);
/// `@name`, or `@` alone.
expression_ptr make_meta_field(std::string name);
expression_ptr make_meta_object();

/// `name -> body`; `_` captures under no name.
expression_ptr make_lambda(std::string name, expression_ptr body);
/// The name, when `e` is a lambda; else null.
const std::string* lambda_name(const expression& e) noexcept;
/// `from.(inner)`
expression_ptr make_map_query(expression_ptr from, expression_ptr inner);
expression_ptr make_not(expression_ptr inner);

struct if_branch
{
    expression_ptr condition;
    expression_ptr result;
};
/// `otherwise` may be null.
expression_ptr make_if(std::vector<if_branch> branches, expression_ptr otherwise);

struct match_case
{
    expression_ptr condition; ///< null: `_`
    expression_ptr result;
};
/// `subject` may be null.
expression_ptr make_match(expression_ptr subject, std::vector<match_case> cases);

enum class operation {
    add,
    subtract,
    multiply,
    divide,
    modulo,
    coalesce,
    equals,
    differs,
    less,
    at_most,
    greater,
    at_least,
    both,
    either,
};
/// A chain without brackets, by precedence, left to right. What has only literals is evaluated now: its failure is a parse error.
struct folded
{
    expression_ptr made;
    problem wrong;
};
folded make_arithmetic(std::vector<expression_ptr> terms, std::vector<operation> operations);

/// "5 (json.Number)": how Go prints a value and its type.
std::string go_value_and_type(const data::value& v);
std::string go_type(const data::value& v);

} // namespace lambent::bloblang
