#pragma once

#include <lambent/config/spec.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::config {

/// One finding. `text()` is the recorded line `file(line,column) message`; the hint goes on a line of its own below, indented.
struct finding
{
    place where;
    std::string message;
    std::string hint;          ///< "did you mean `retries`?", or empty
    bool fatal = false;        ///< the original stops parsing here and shows only this
    bool advice = false;       ///< worth knowing, but no lint: the original says nothing and runs
    std::string text() const;
};

/// A flaw in a mapping or interpolated string, relative to the text's own start.
struct text_flaw
{
    std::size_t line = 1;
    std::size_t column = 1;
    std::string message;
};

/// What the linter asks of the rooms above: which components exist, and what is wrong with a mapping.
class lint_host
{
public:
    virtual ~lint_host() = default;
    /// The spec of a component, null when there is none of that kind and name.
    virtual const spec* component(field_type kind, std::string_view name) const = 0;
    virtual std::vector<std::string> component_names(field_type kind) const = 0;
    virtual std::optional<text_flaw> check_bloblang(std::string_view text) const = 0;
    virtual std::optional<text_flaw> check_interpolated(std::string_view text) const = 0;
};

struct lint_options
{
    bool labels_required = false;   ///< --labels
    bool deprecated = false;        ///< --deprecated
    bool skip_env_var_check = false;
    bool advice = false;            ///< --verbose: findings that are no lints as well
};

/// Component type of an object by its one non-reserved key, or an explicit `type`. The error has the original's words:
/// "unable to infer processor type, multiple candidates 'mapping' and 'noop'", "unable to infer input type from candidates: [bogus]".
struct inferred
{
    std::string name;
    node value;       ///< of the type's key; absent when only `type:` was given
    std::string label;
};
core::result<inferred> infer_component(const lint_host& host, field_type kind, const node& object);
std::string_view kind_name(field_type kind) noexcept; ///< "processor", "input", "rate_limit", ...

/// Lints a whole stream config (or a resources file) against the top-level spec. Values of a wrong type outside components and
/// components without a clear type are fatal: the one finding is then alone.
std::vector<finding> lint(const node& document, const spec& top_level, const lint_host& host, const lint_options& options);

/// What came of one file's text. Without a document the findings say why.
struct checked_text
{
    node document;
    std::vector<finding> findings;
};

/// Substitutes variables, parses and lints, as `lambent lint` and `lambent run` both do. A text that starts with
/// "# BENTHOS LINT DISABLE" is only read.
/// @param variable  looks a variable up; null: references are left as they stand
checked_text check_text(std::string_view raw, const std::string& file,
    const std::function<std::optional<std::string>(std::string_view)>& variable, const spec& top_level, const lint_host& host,
    const lint_options& options);

/// The name that was probably meant, or empty.
std::string nearest_name(std::string_view wrong, const std::vector<std::string>& names);

} // namespace lambent::config
