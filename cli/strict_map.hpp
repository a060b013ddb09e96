#pragma once

#include <lambent/config/node.hpp>
#include <lambent/core/error.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::cli {

/// What is wrong with a file of ours: `file(line,column) message`.
core::error flaw_at(const config::place& where, std::string_view message);

/// A map of a file of ours being read: every key must be asked for, every value must be of the type asked for.
///
///     strict_map fields(node, "function 'foo'");
///     fields.duration("timeout", options.timeout);
///     fields.done();
///     if (auto& wrong = fields.flaw()) ...
///
/// Reading goes on after a flaw and does nothing; the first one stays. What is not written leaves its variable alone.
class strict_map
{
public:
    /// @param about  begins each message, e.g. "function 'foo'"; may be empty
    strict_map(config::node map, std::string about);

    void text(std::string_view key, std::string& out);
    void boolean(std::string_view key, bool& out);
    void whole(std::string_view key, std::uint64_t& out);
    void size(std::string_view key, std::optional<std::size_t>& out);
    void real(std::string_view key, double& out);
    void duration(std::string_view key, core::duration& out);
    void texts(std::string_view key, std::vector<std::string>& out);
    /// The value itself, for what the others do not read. Absent when not written, or after a flaw.
    config::node value(std::string_view key);

    /// A key that was not asked for is a flaw; call it last.
    void done();
    void fail(const config::place& where, std::string_view message);
    void fail(core::error flaw);
    const std::optional<core::error>& flaw() const noexcept { return flaw_; }
    const std::string& about() const noexcept { return about_; }

private:
    config::node scalar(std::string_view key, std::string_view wanted, std::initializer_list<std::string_view> tags);

    config::node map_;
    std::string about_;
    std::vector<std::string> asked_;
    std::optional<core::error> flaw_;
};

} // namespace lambent::cli
