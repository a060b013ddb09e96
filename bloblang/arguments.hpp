#pragma once

#include <lambent/bloblang/expression.hpp>
#include <lambent/bloblang/failure.hpp>
#include <lambent/bloblang/frame.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::bloblang {

enum class parameter_type {
    string,
    integer,   ///< any number, its fraction cut
    real,
    boolean,   ///< numbers too
    timestamp, ///< a timestamp, RFC 3339 text or unix seconds
    array,
    object,
    any,
    query, ///< not evaluated before the call: see `arguments::query`
};

struct parameter
{
    std::string_view name;
    parameter_type type = parameter_type::any;
    std::optional<data::value> otherwise = std::nullopt; ///< the default
    bool optional = false;                               ///< may be left out without a default: `given` is false then
    bool fixed = false;                                  ///< must be constant: "param min must not be dynamic"
};

/// What one call was given, in the order of the parameters. Types are checked: `text(0)` of a string parameter is safe.
class arguments
{
public:
    struct slot
    {
        data::value v;
        const expression* query = nullptr; ///< owned by the call site's plan
        bool given = false;
    };

    std::size_t size() const noexcept { return size_; }
    bool given(std::size_t i) const noexcept { return slot_at(i).given; }
    const data::value& any(std::size_t i) const noexcept { return slot_at(i).v; }
    std::string_view text(std::size_t i) const noexcept { return slot_at(i).v.text(); }
    std::int64_t integer(std::size_t i) const noexcept { return slot_at(i).v.as_int64(); }
    double real(std::size_t i) const noexcept { return slot_at(i).v.as_float64(); }
    bool flag(std::size_t i) const noexcept { return slot_at(i).v.as_bool(); }
    const data::timestamp& time(std::size_t i) const noexcept { return slot_at(i).v.as_timestamp(); }
    const expression& query(std::size_t i) const noexcept { return *slot_at(i).query; }

    /// What `prepare` made of these arguments.
    template <class T>
    T& prepared() const noexcept
    {
        return *static_cast<T*>(prepared_.get());
    }

private:
    friend class argument_plan;
    friend class argument_room;

    const slot& slot_at(std::size_t i) const noexcept { return slots_[i]; }
    slot& slot_at(std::size_t i) noexcept { return slots_[i]; }

    std::size_t size_ = 0;
    slot* slots_ = nullptr; ///< the call site's plan or an `argument_room` has them
    std::shared_ptr<void> prepared_;
};

/// Where the arguments of one evaluation are. A few need no memory of their own; slots that are not used cost nothing.
class argument_room
{
public:
    argument_room() noexcept {}
    ~argument_room() { std::destroy_n(few_.data(), used_); }
    argument_room(const argument_room&) = delete;
    argument_room& operator=(const argument_room&) = delete;

    const arguments& filled() const noexcept { return args_; }

private:
    friend class argument_plan;

    void hold(const arguments& same)
    {
        args_.size_ = same.size();
        if (same.size() > few_.size()) {
            many_.assign(same.slots_, same.slots_ + same.size());
            args_.slots_ = many_.data();
        } else {
            std::uninitialized_copy_n(same.slots_, same.size(), few_.data());
            used_ = same.size();
            args_.slots_ = few_.data();
        }
    }

    arguments args_;
    std::size_t used_ = 0; ///< of `few_`
    union
    {
        std::array<arguments::slot, 3> few_;
    };
    std::vector<arguments::slot> many_;
};

/// Made once per call site when all arguments are constant, else at each call: a compiled expression, a cipher, a counter.
/// A failure of constant arguments is a parse error.
struct preparation
{
    std::shared_ptr<void> made;
    problem wrong;
};
using prepare_function = preparation (*)(const arguments& args, const environment& world);

struct call
{
    const data::value& target; ///< null for functions
    const arguments& args;
    const frame& at;
};

/// A function or a method: one entry of the registry.
struct definition
{
    std::string_view name;
    std::vector<parameter> parameters{};
    answer (*run)(const call& c) = nullptr;
    /// Instead of `run`: methods that evaluate their target themselves (catch, from). Null for functions.
    answer (*run_unevaluated)(const expression& target, const arguments& args, const frame& at) = nullptr;
    prepare_function prepare = nullptr;
    /// How errors name it when all arguments are constant; null: "method NAME".
    std::string (*annotate)(const arguments& args) = nullptr;
    /// The same for methods whose name shows their target.
    std::string (*annotate_target)(const expression& target, const arguments& args) = nullptr;
    /// Instead of a call, when all arguments are constant: a method that is another expression (get).
    expression_ptr (*rewrite)(expression_ptr target, const arguments& args) = nullptr;
    bool variadic = false;  ///< any number of arguments of any type, no names
    bool folds = false;     ///< called while parsing when target and arguments are constant
    bool unsourced = false; ///< its failures do not name the target ("field `this.a`: ...")
    bool constant = false;  ///< a function that is a literal (deleted, nothing)
    bool not_nested = false; ///< unknown inside a mapping that a mapping carries (`bloblang`)
    bool of_world = false;  ///< exists only where the environment has variables and files
};

struct given_argument
{
    std::string name; ///< empty: by position
    expression_ptr item;
};

/// The arguments of one call site, checked as far as they are constant.
class argument_plan
{
public:
    argument_plan() = default;
    argument_plan(argument_plan&&) = default; // the slots stay where they are
    argument_plan& operator=(argument_plan&&) = default;

    /// The failure is a parse error: "wrong number of arguments, expected 0, got 1".
    static std::variant<argument_plan, problem> bind(const definition& what, std::vector<given_argument> given, const environment& world);

    bool constant() const noexcept { return dynamic_.empty(); }
    const arguments& fixed() const noexcept { return fixed_; }
    /// Fills `into`, the dynamic ones evaluated; `noun` is "method" or "function".
    problem resolve(const frame& at, std::string_view noun, argument_room& into) const;

private:
    const definition* what_ = nullptr;
    std::vector<arguments::slot> slots_; ///< of `fixed_`
    arguments fixed_;
    std::vector<expression_ptr> queries_;
    std::vector<std::size_t> dynamic_; ///< indices whose `query` is to be evaluated
};

/// `v` as the parameter's type: "wrong argument type, expected string, got number".
answer converted(parameter_type type, const data::value& v);

const definition* find_function(std::string_view name);
const definition* find_method(std::string_view name);

/// All there are, in name order: for documents and completeness checks.
std::vector<const definition*> all_functions();
std::vector<const definition*> all_methods();

/// The failure is a parse error.
std::variant<expression_ptr, problem> make_function_call(
    const definition& what, std::vector<given_argument> given, const environment& world);
std::variant<expression_ptr, problem> make_method_call(
    expression_ptr target, const definition& what, std::vector<given_argument> given, const environment& world);

} // namespace lambent::bloblang
