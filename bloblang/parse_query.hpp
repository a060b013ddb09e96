#pragma once

#include <lambent/bloblang/arguments.hpp>
#include <lambent/bloblang/expression.hpp>
#include <lambent/bloblang/parse_text.hpp>

#include <string>
#include <utility>
#include <vector>

namespace lambent::bloblang {

/// How deep brackets, calls and blocks may be nested in a text.
inline constexpr unsigned nesting_max = 1000;
/// How many tails (`.a`, `.f()`) one term may have.
inline constexpr std::size_t tails_max = 10'000;

/// The grammar of queries. Literal-only operators and pure methods are evaluated on the way: their failures are fatal faults.
class query_parser : public parse_cursor
{
public:
    query_parser(std::string_view text, const environment& world) : parse_cursor(text), world_(world) {}

    /// Terms and operators, up to where the text no longer fits.
    bool query(expression_ptr& out);

protected:
    const environment& world_;

private:
    bool query_here(expression_ptr& out);
    bool negated_term(expression_ptr& out, std::size_t start);
    bool operator_sign(operation& out);
    bool term(expression_ptr& out);
    bool primary(expression_ptr& out);
    bool tail(expression_ptr& target, bool& any);
    bool method_tail(expression_ptr& target);
    bool bracket_tail(expression_ptr& target);

    bool match(expression_ptr& out);
    bool match_cases(std::vector<match_case>& out);
    bool one_case(match_case& out);
    bool if_query(expression_ptr& out);
    bool if_part(if_branch& out);
    bool else_parts(std::vector<if_branch>& branches, expression_ptr& otherwise);
    bool braced_query(expression_ptr& out);
    bool lambda(expression_ptr& out);
    bool brackets(expression_ptr& out);
    bool function(expression_ptr& out);
    bool call_arguments(std::vector<given_argument>& out);
    bool argument(given_argument& out);
    bool meta_reference(expression_ptr& out);
    bool variable(expression_ptr& out);
    bool field(expression_ptr& out);

    bool literal(expression_ptr& out);
    bool number(expression_ptr& out);
    bool array(expression_ptr& out);
    bool object(expression_ptr& out);
    bool object_member(object_part& out);

    std::vector<std::string> names_; ///< the lambdas' names in scope, outermost first

    /// Lambdas that are elements of the lists being read, with their places: a later element may not use the name again.
    struct sibling
    {
        std::string name;
        std::size_t at;
    };
    std::vector<sibling> siblings_;
    bool in_list_ = false;
    /// While one stands, elements of a list (or, for brackets, no elements) are read.
    class list_scope
    {
    public:
        list_scope(query_parser& owner, bool list)
            : owner_(owner), kept_(owner.siblings_.size()), was_(std::exchange(owner.in_list_, list))
        {
        }
        list_scope(const list_scope&) = delete;
        list_scope& operator=(const list_scope&) = delete;
        ~list_scope()
        {
            owner_.siblings_.resize(kept_);
            owner_.in_list_ = was_;
        }

    private:
        query_parser& owner_;
        std::size_t kept_;
        bool was_;
    };
    unsigned nesting_ = 0;
};

} // namespace lambent::bloblang
