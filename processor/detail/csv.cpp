#include <lambent/processor/detail/csv.hpp>

#include <lambent/processor/errc.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// Reads record by record. Line and column start at 1, columns count bytes.
class csv_reader
{
public:
    csv_reader(std::string_view text, std::string_view delimiter) : text_(text), delimiter_(delimiter) {}

    core::result<std::vector<std::vector<std::string>>> read()
    {
        std::vector<std::vector<std::string>> records;
        for (;;) {
            while (at_ < text_.size() && empty_line())
                next_line();
            if (at_ >= text_.size())
                return records;
            record_line_ = line_;
            std::vector<std::string> fields;
            if (auto why = record(fields); !why.empty())
                return core::error{errc::invalid_message, std::move(why)};
            if (!records.empty() && records.front().size() != fields.size())
                return core::error{errc::invalid_message,
                    "record on line " + std::to_string(record_line_) + ": wrong number of fields"};
            records.push_back(std::move(fields));
        }
    }

private:
    bool empty_line() const
    {
        return text_[at_] == '\n' || (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n');
    }
    void next_line()
    {
        at_ += text_[at_] == '\r' ? 2 : 1;
        ++line_;
        line_start_ = at_;
    }
    bool at_delimiter() const { return text_.substr(at_).starts_with(delimiter_); }
    /// At the end of the record: line break (taken) or end of text.
    bool take_end()
    {
        if (at_ >= text_.size())
            return true;
        if (!empty_line())
            return false;
        next_line();
        return true;
    }
    std::string flaw(std::size_t line, std::size_t column, const char* what) const
    {
        const std::string place = "line " + std::to_string(line) + ", column " + std::to_string(column);
        if (line == record_line_)
            return "parse error on " + place + ": " + what;
        return "record on line " + std::to_string(record_line_) + "; parse error on " + place + ": " + what;
    }

    std::string record(std::vector<std::string>& fields)
    {
        for (;;) {
            std::string field;
            if (at_ < text_.size() && text_[at_] == '"') {
                if (auto why = quoted(field); !why.empty())
                    return why;
            } else if (auto why = bare(field); !why.empty()) {
                return why;
            }
            fields.push_back(std::move(field));
            if (at_ < text_.size() && at_delimiter()) {
                at_ += delimiter_.size();
                continue;
            }
            if (take_end())
                return {};
        }
    }

    std::string bare(std::string& field)
    {
        while (at_ < text_.size() && !at_delimiter() && !empty_line()) {
            if (text_[at_] == '"')
                return flaw(line_, at_ - line_start_ + 1, "bare \" in non-quoted-field");
            field.push_back(text_[at_++]);
        }
        return {};
    }

    std::string quoted(std::string& field)
    {
        ++at_;
        while (at_ < text_.size()) {
            if (text_[at_] == '"') {
                ++at_;
                if (at_ < text_.size() && text_[at_] == '"') {
                    field.push_back('"');
                    ++at_;
                    continue;
                }
                if (at_ >= text_.size() || at_delimiter() || empty_line())
                    return {};
                return flaw(line_, at_ - line_start_, "extraneous or missing \" in quoted-field");
            }
            if (empty_line()) {
                field.push_back('\n');
                next_line();
                continue;
            }
            field.push_back(text_[at_++]);
        }
        return flaw(line_, at_ - line_start_ + 1, "extraneous or missing \" in quoted-field");
    }

    std::string_view text_;
    std::string_view delimiter_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::size_t line_start_ = 0;
    std::size_t record_line_ = 1;
};

} // namespace

core::result<std::vector<std::vector<std::string>>> read_csv(std::string_view text, std::string_view delimiter)
{
    csv_reader reader(text, delimiter);
    return reader.read();
}

} // namespace lambent::processor
