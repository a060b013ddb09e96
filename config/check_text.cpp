#include <lambent/config/detail/tree.hpp>
#include <lambent/config/lint.hpp>
#include <lambent/config/substitute.hpp>

namespace lambent::config {
namespace {

finding at_start(const std::string& file, std::string message)
{
    finding f;
    f.where.file = file;
    f.message = std::move(message);
    f.fatal = true;
    return f;
}

/// The true place on a line of its own, since the original's words count lines in their own way.
finding syntax_finding(const std::string& file, const detail::syntax_flaw& flaw)
{
    finding f = at_start(file, flaw.message);
    f.hint = "at line " + std::to_string(flaw.at_line) + ", column " + std::to_string(flaw.at_column);
    return f;
}

finding missing_variables(const std::string& file, const std::vector<std::string>& names)
{
    finding f;
    f.where.file = file;
    f.message = "required environment variables were not set: [";
    for (std::size_t i = 0; i < names.size(); ++i)
        f.message += (i == 0 ? "" : " ") + names[i];
    f.message += "]";
    return f;
}

} // namespace

checked_text check_text(std::string_view raw, const std::string& file,
    const std::function<std::optional<std::string>(std::string_view)>& variable, const spec& top_level, const lint_host& host,
    const lint_options& options)
{
    checked_text out;
    auto replaced = variable ? substitute(raw, variable) : core::result<substituted>(substituted{std::string(raw), {}});
    if (!replaced) {
        out.findings.push_back(at_start(file, replaced.error().detail));
        return out;
    }
    auto parsed = detail::read_yaml(replaced->text, file);
    if (const auto* flaw = std::get_if<detail::syntax_flaw>(&parsed)) {
        out.findings.push_back(syntax_finding(file, *flaw));
        return out;
    }
    out.document = node::adopt(std::move(std::get<node::tree>(parsed)));
    std::vector<finding> found = lint(out.document, top_level, host, options);
    if (!found.empty() && found.front().fatal) {
        out.document = {};
        out.findings = std::move(found);
        return out;
    }
    if (!replaced->missing.empty() && !options.skip_env_var_check)
        out.findings.push_back(missing_variables(file, replaced->missing));
    if (!replaced->text.starts_with("# BENTHOS LINT DISABLE"))
        out.findings.insert(out.findings.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
    return out;
}

} // namespace lambent::config
