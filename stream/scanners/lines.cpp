#include <lambent/stream/detail/scanner_entries.hpp>
#include <lambent/stream/errc.hpp>

namespace lambent::stream {

namespace {

class lines final : public scanner
{
public:
    lines(std::string delimiter, std::size_t buffer_max, bool omit_empty)
        : delimiter_(std::move(delimiter)), buffer_max_(buffer_max), omit_empty_(omit_empty)
    {}

    void feed(std::string_view bytes) override
    {
        if (at_ > 0 && at_ >= bytes_.size() / 2) {
            bytes_.erase(0, at_);
            searched_ -= at_;
            at_ = 0;
        }
        bytes_ += bytes;
    }
    void finish() override { finished_ = true; }

    core::result<std::optional<data::batch>> next() override
    {
        for (;;) {
            auto line = cut();
            if (!line)
                return line.error();
            if (!line->has_value())
                return std::optional<data::batch>();
            if (omit_empty_ && (*line)->empty())
                continue;
            data::batch batch;
            batch.emplace_back(std::string(**line));
            return std::optional<data::batch>(std::move(batch));
        }
    }

private:
    /// As Go's bufio.Scanner: a line and its delimiter must fit into the buffer.
    core::result<std::optional<std::string_view>> cut()
    {
        const std::string_view delimiter = delimiter_.empty() ? std::string_view("\n") : delimiter_;
        const std::size_t found = bytes_.find(delimiter, std::max(searched_, at_));
        if (found == std::string::npos ? bytes_.size() - at_ >= buffer_max_ : found + delimiter.size() - at_ > buffer_max_)
            return too_long();
        if (found != std::string::npos) {
            const std::string_view line(bytes_.data() + at_, found - at_);
            at_ = found + delimiter.size();
            searched_ = at_;
            return std::optional<std::string_view>(trimmed(line));
        }
        // The delimiter's beginning may stand at the end.
        searched_ = bytes_.size() - std::min(bytes_.size() - at_, delimiter.size() - 1);
        if (!finished_ || at_ == bytes_.size())
            return std::optional<std::string_view>();
        const std::string_view line(bytes_.data() + at_, bytes_.size() - at_);
        at_ = bytes_.size();
        return std::optional<std::string_view>(trimmed(line));
    }

    std::string_view trimmed(std::string_view line) const
    {
        if (delimiter_.empty() && line.ends_with('\r'))
            line.remove_suffix(1);
        return line;
    }

    core::error too_long() const
    {
        return core::error{errc::bad_input, "bufio.Scanner: token too long: a line with its delimiter has more than " +
                                                std::to_string(buffer_max_) + " bytes; raise max_buffer_size of the lines scanner"};
    }

    std::string delimiter_; ///< empty: "\n", and one "\r" before it is taken off
    std::size_t buffer_max_;
    bool omit_empty_;
    std::string bytes_;
    std::size_t at_ = 0;       ///< start of what was not given out
    std::size_t searched_ = 0; ///< no delimiter begins before this
    bool finished_ = false;
};

class recipe final : public scanner_recipe
{
public:
    recipe(std::string delimiter, std::size_t buffer_max, bool omit_empty)
        : delimiter_(std::move(delimiter)), buffer_max_(buffer_max), omit_empty_(omit_empty)
    {}
    scanner_ptr make() const override { return std::make_unique<lines>(delimiter_, buffer_max_, omit_empty_); }

private:
    std::string delimiter_;
    std::size_t buffer_max_;
    bool omit_empty_;
};

const config::spec& lines_spec()
{
    static const config::spec declared = [] {
        config::spec s("lines", "One message per line.");
        s.field("custom_delimiter", config::field_type::string, "What ends a message instead of a line feed.").optional();
        s.field("max_buffer_size", config::field_type::integer, "The longest line, delimiter included, in bytes.").fallback("65536");
        s.field("omit_empty", config::field_type::boolean, "Skip empty lines.").fallback("false");
        return s;
    }();
    return declared;
}

core::result<std::unique_ptr<scanner_recipe>> make_lines(const config::reader& read)
{
    std::string delimiter;
    if (read.has("custom_delimiter")) {
        auto written = read.string("custom_delimiter");
        if (!written)
            return written.error();
        delimiter = std::move(*written);
    }
    const auto buffer_max = read.integer("max_buffer_size");
    if (!buffer_max)
        return buffer_max.error();
    if (*buffer_max < 1)
        return core::error{errc::invalid_config, "field 'max_buffer_size' must be larger than zero"};
    const auto omit_empty = read.boolean("omit_empty");
    if (!omit_empty)
        return omit_empty.error();
    return lines_recipe(std::move(delimiter), static_cast<std::size_t>(*buffer_max), *omit_empty);
}

} // namespace

std::unique_ptr<scanner_recipe> lines_recipe(std::string delimiter, std::size_t buffer_max, bool omit_empty)
{
    return std::make_unique<recipe>(std::move(delimiter), buffer_max, omit_empty);
}

scanner_entry lines_entry() { return {&lines_spec, &make_lines}; }

} // namespace lambent::stream
