#include <lambent/bloblang/csv.hpp>

#include <lambent/data/utf8.hpp>

namespace lambent::bloblang {
namespace {

class csv_reader
{
public:
    csv_reader(std::string_view text, char32_t delimiter, bool lazy) : rest_(text), lazy_(lazy)
    {
        data::append_utf8(delimiter_, delimiter);
    }

    std::variant<csv_records, problem> run();

private:
    bool next_line();
    bool record(std::vector<std::string>& out);
    bool plain_field(std::vector<std::string>& out, bool& more);
    bool quoted_field(std::vector<std::string>& out, bool& more);
    bool wrong_at(std::size_t column, std::string_view what);
    std::size_t break_size() const noexcept { return line_.ends_with('\n') ? 1 : 0; }

    std::string_view rest_;
    std::string delimiter_;
    bool lazy_;
    std::string line_;        ///< the current line's unread part, its break as \n
    std::size_t column_ = 0;  ///< bytes of the line read
    std::size_t line_number_ = 0;
    std::size_t record_line_ = 0;
    problem wrong_;
};

/// False at the end of the text.
bool csv_reader::next_line()
{
    line_.clear();
    if (rest_.empty())
        return false;
    const auto end = rest_.find('\n');
    const bool last = end == std::string_view::npos;
    line_ = rest_.substr(0, last ? rest_.size() : end + 1);
    rest_.remove_prefix(line_.size());
    if (line_.ends_with("\r\n")) {
        line_.resize(line_.size() - 2);
        line_ += '\n';
    } else if (last && line_.ends_with('\r')) {
        line_.pop_back();
    }
    ++line_number_;
    column_ = 0;
    return true;
}

bool csv_reader::wrong_at(std::size_t column, std::string_view what)
{
    std::string text;
    if (record_line_ != line_number_)
        text = "record on line " + std::to_string(record_line_) + "; ";
    text += "parse error on line " + std::to_string(line_number_) + ", column " + std::to_string(column + 1) + ": ";
    wrong_ = failed(text.append(what));
    return false;
}

bool csv_reader::plain_field(std::vector<std::string>& out, bool& more)
{
    const auto end = line_.find(delimiter_);
    more = end != std::string::npos;
    const std::string field = line_.substr(0, more ? end : line_.size() - break_size());
    if (const auto quote = field.find('"'); quote != std::string::npos && !lazy_)
        return wrong_at(column_ + quote, "bare \" in non-quoted-field");
    out.push_back(field);
    if (more) {
        line_.erase(0, end + delimiter_.size());
        column_ += end + delimiter_.size();
    }
    return true;
}

bool csv_reader::quoted_field(std::vector<std::string>& out, bool& more)
{
    constexpr std::string_view misplaced = "extraneous or missing \" in quoted-field";
    line_.erase(0, 1);
    ++column_;
    std::string field;
    for (;;) {
        const auto quote = line_.find('"');
        if (quote == std::string::npos) {
            // The field goes on in the next line, or the text ends inside it.
            if (line_.empty() && !lazy_)
                return wrong_at(column_, misplaced);
            field += line_;
            const std::size_t length = line_.size();
            if (!line_.empty() && !next_line())
                column_ += length;
            if (line_.empty()) {
                if (!lazy_)
                    return wrong_at(column_, misplaced);
                out.push_back(std::move(field));
                more = false;
                return true;
            }
            continue;
        }
        field += line_.substr(0, quote);
        line_.erase(0, quote + 1);
        column_ += quote + 1;
        if (line_.starts_with('"')) {
            field += '"';
            line_.erase(0, 1);
            ++column_;
        } else if (line_.starts_with(delimiter_)) {
            line_.erase(0, delimiter_.size());
            column_ += delimiter_.size();
            out.push_back(std::move(field));
            more = true;
            return true;
        } else if (line_.size() == break_size()) {
            out.push_back(std::move(field));
            more = false;
            return true;
        } else if (lazy_) {
            field += '"';
        } else {
            return wrong_at(column_ - 1, misplaced);
        }
    }
}

/// False at the end, or with `wrong_`.
bool csv_reader::record(std::vector<std::string>& out)
{
    do {
        if (!next_line())
            return false;
    } while (line_ == "\n" || line_.empty());
    record_line_ = line_number_;
    for (bool more = true; more;) {
        const bool good = line_.starts_with('"') ? quoted_field(out, more) : plain_field(out, more);
        if (!good)
            return false;
    }
    return true;
}

std::variant<csv_records, problem> csv_reader::run()
{
    csv_records all;
    for (;;) {
        std::vector<std::string> one;
        if (!record(one)) {
            if (wrong_)
                return std::move(wrong_);
            return all;
        }
        if (!all.empty() && one.size() != all.front().size())
            return failed("record on line " + std::to_string(record_line_) + ": wrong number of fields");
        all.push_back(std::move(one));
    }
}

} // namespace

std::variant<csv_records, problem> read_csv(std::string_view text, char32_t delimiter, bool lazy_quotes)
{
    if (delimiter == '"' || delimiter == '\r' || delimiter == '\n' || delimiter == 0 || delimiter == 0xfffd)
        return failed("csv: invalid field or comment delimiter");
    return csv_reader(text, delimiter, lazy_quotes).run();
}

} // namespace lambent::bloblang
