#include <lambent/cli/mapped_lines.hpp>

#include <lambent/data/json.hpp>
#include <lambent/data/message.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <unistd.h>

namespace lambent::cli {
namespace {

std::string_view line_of(std::string_view text, std::size_t number)
{
    for (; number > 1; --number) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos)
            return {};
        text.remove_prefix(end + 1);
    }
    text = text.substr(0, text.find('\n'));
    return text.ends_with('\r') ? text.substr(0, text.size() - 1) : text;
}

} // namespace

std::string told_with_caret(std::string_view mapping, const bloblang::parse_error& wrong)
{
    const std::string number = std::to_string(wrong.line);
    const std::string margin = std::string(number.size(), ' ') + " |";
    std::string out = "failed to parse mapping: " + wrong.text() + "\n" + margin + "\n" + number + " | ";
    out += line_of(mapping, wrong.line);
    // A column before the line's first character: see place_of in bloblang/parse_text.hpp.
    out += "\n" + margin + " " + std::string(std::max<std::size_t>(wrong.column, 1) - 1, ' ') + "^---\n";
    return out;
}

std::string_view innermost(std::string_view failure)
{
    constexpr std::string_view assignment = "failed assignment (line ";
    const std::size_t last = failure.rfind(assignment);
    if (last == std::string_view::npos)
        return failure;
    failure.remove_prefix(last);
    const std::size_t end = failure.find("): ");
    const bool of_document = end != std::string_view::npos && failure.substr(end + 3).starts_with("unable to reference message as structured");
    return of_document ? failure.substr(end + 3) : failure;
}

core::result<std::string> shown(const data::value& v, bool pretty)
{
    if (v.is_text())
        return std::string(v.text());
    return data::write_json(v, {.escape_html = true, .indent = pretty ? "  " : ""});
}

core::result<std::string> map_line(const bloblang::mapping& mapping, std::string_view line, const line_form& form)
{
    const data::batch reference{data::message(std::string(line))};
    data::message onto = reference[0];
    auto root = mapping.evaluate_onto(onto, reference, 0);
    if (!root) {
        core::error why = root.error();
        why.detail = std::string(innermost(why.text()));
        return why;
    }
    if (root->is_deleted())
        return std::string();
    if (!root->is_nothing())
        return shown(*root, form.pretty);
    const auto document = onto.structured();
    return form.raw || !document ? std::string(line) : shown(*document, form.pretty);
}

line_reader::found line_reader::next(std::string_view& line)
{
    constexpr std::size_t piece_size = 65536;
    for (;;) {
        const std::size_t end = held_.find('\n', start_);
        const std::size_t size = std::min(end, held_.size()) - start_;
        if (size >= longest_)
            return found::too_long;
        if (end != std::string::npos || (ended_ && size > 0)) {
            line = std::string_view(held_).substr(start_, size);
            if (line.ends_with('\r'))
                line.remove_suffix(1);
            start_ += size + (end != std::string::npos ? 1 : 0);
            return found::line;
        }
        if (ended_)
            return found::end;
        held_.erase(0, std::exchange(start_, 0));
        const std::size_t had = held_.size();
        held_.resize(had + piece_size);
        ::ssize_t got = 0;
        do
            got = ::read(from_, held_.data() + had, piece_size);
        while (got < 0 && errno == EINTR);
        held_.resize(had + static_cast<std::size_t>(std::max<::ssize_t>(got, 0)));
        if (got < 0)
            return found::failed;
        ended_ = got == 0;
    }
}

} // namespace lambent::cli
