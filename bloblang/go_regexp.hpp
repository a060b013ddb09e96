#pragma once

#include <lambent/bloblang/failure.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lambent::bloblang {

/// Go's package regexp: its syntax and its rules for empty matches, on Google's RE2, which it descends from.
class go_regexp
{
public:
    /// Byte ranges of the whole match and each group; {-1, -1}: the group took no part.
    using match = std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>>;

    /// The failure has Go's words: "error parsing regexp: missing closing ): `(`".
    static std::variant<std::shared_ptr<go_regexp>, problem> compile(std::string_view pattern);
    ~go_regexp();
    go_regexp(const go_regexp&) = delete;
    go_regexp& operator=(const go_regexp&) = delete;

    bool matches(std::string_view text) const;
    /// Leftmost matches that do not overlap; an empty one right after another match does not count.
    std::vector<match> find_all(std::string_view text, std::size_t at_most = static_cast<std::size_t>(-1)) const;
    /// The same as parts of `text`, without groups.
    std::vector<std::string_view> find_texts(std::string_view text) const;
    /// `$1`, `$name` and `${name}` in `with` stand for groups, `$$` for a dollar.
    data::value replace_all(std::string_view text, std::string_view with) const;
    /// By group number; empty: no name.
    const std::vector<std::string>& names() const noexcept { return names_; }

private:
    struct compiled;
    go_regexp(std::unique_ptr<compiled> made, std::vector<std::string> names);
    /// Shows each match's first `groups` groups until `visit` gives false.
    template <class Visit>
    void each_match(std::string_view text, int groups, Visit visit) const;
    data::value replace_by(std::string_view text, std::string_view with) const;
    void expand(std::string& out, std::string_view text, const match& m, std::string_view with) const;

    std::unique_ptr<compiled> compiled_;
    std::vector<std::string> names_;
};

} // namespace lambent::bloblang
