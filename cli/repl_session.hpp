#pragma once

#include <lambent/bloblang/mapping.hpp>
#include <lambent/data/message.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::cli {

/// What an interactive session makes of the lines that are entered. Knows no terminal.
///
/// A line is a command (`:in {"a":1}`), or a mapping, which is run on the session's document at once. A mapping that is not at its
/// end asks for more lines, until it is or an empty line gives it up; between `:{` and `:}` any number of lines is one mapping.
/// `map` and `import` statements stay known; everything else is forgotten when it has run.
class repl_session
{
public:
    /// `world` must outlive the session.
    explicit repl_session(const bloblang::environment& world) : world_(world), document_("{}") {}

    struct reply
    {
        std::string text; ///< to be printed, with its line ends
        bool quit = false;
    };
    reply enter(std::string_view line);

    /// Drops what has been entered of an unfinished mapping.
    void abandon();
    bool unfinished() const noexcept { return block_ || !pending_.empty(); }
    void set_document(std::string text) { document_.set_bytes(std::move(text)); }

    /// What the last word of `before` may be completed to, in full: methods after a dot, commands after a colon at the start,
    /// else functions and keywords. `start` becomes the place of that word.
    static std::vector<std::string> completions(std::string_view before, std::size_t& start);

    /// An unfinished mapping takes no more than that.
    static constexpr std::size_t entry_bytes_max = 1 << 20;

private:
    reply command(std::string_view line);
    std::string command_meta(std::string_view rest);
    std::string described() const;
    std::string run_entry(bool may_continue);
    std::string run(const bloblang::mapping& mapping);

    const bloblang::environment& world_;
    data::message document_;
    std::string definitions_; ///< the maps and imports so far, each ended by a line break
    std::string pending_;
    bool block_ = false;
};

} // namespace lambent::cli
