#pragma once

#include <lambent/aws/environment.hpp>
#include <lambent/config/lint.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lambent::cli {

/// A fenced ```yaml snippet of a Markdown text, preceded by empty lines so that its lines are those of the text.
struct snippet
{
    std::size_t line = 1;  ///< of its fence
    std::string text;
    bool closed = true;
};
std::vector<snippet> yaml_snippets(std::string_view markdown);

/// Globs expanded, `folder/...` walked for .yaml and .yml; a pattern that fits nothing gives nothing. In the order given.
core::result<std::vector<std::string>> expand_paths(const std::vector<std::string>& patterns);

/// Lints one file: Markdown by its snippets, everything else as YAML. A file that cannot be read is a finding.
std::vector<config::finding> lint_file(const std::string& path, const aws::environment& environment, const config::lint_host& host,
    const config::lint_options& options);

} // namespace lambent::cli
