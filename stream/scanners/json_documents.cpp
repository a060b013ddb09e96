#include <lambent/stream/detail/scanner_entries.hpp>
#include <lambent/stream/errc.hpp>

namespace lambent::stream {

namespace {

/// Named limit of one document.
constexpr std::size_t document_bytes_max = 64UL * 1024 * 1024;

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Finds where JSON values end by counting brackets outside strings; whether a value is valid is asked of the parser.
class json_documents final : public scanner
{
public:
    void feed(std::string_view bytes) override
    {
        bytes_.erase(0, start_);
        at_ -= start_;
        start_ = 0;
        bytes_ += bytes;
    }
    void finish() override { finished_ = true; }

    core::result<std::optional<data::batch>> next() override
    {
        if (!in_value_)
            skip_blanks();
        const auto end = find_end();
        if (!end) {
            if (bytes_.size() - start_ > document_bytes_max)
                return core::error{errc::bad_input, "json_documents: a document has more than " + std::to_string(document_bytes_max) + " bytes"};
            if (finished_ && in_value_)
                return core::error{errc::bad_input, "json_documents: unexpected EOF"};
            return std::optional<data::batch>();
        }
        data::batch batch;
        batch.emplace_back(bytes_.substr(start_, *end - start_));
        start_ = at_ = *end;
        in_value_ = in_string_ = escaped_ = false;
        depth_ = 0;
        const auto parsed = batch.front().structured();
        if (!parsed)
            return core::error{errc::bad_input, "json_documents: " + parsed.error().text()};
        return std::optional<data::batch>(std::move(batch));
    }

private:
    void skip_blanks()
    {
        while (at_ < bytes_.size() && blank(bytes_[at_]))
            ++at_;
        start_ = at_;
        in_value_ = at_ < bytes_.size();
    }

    std::optional<std::size_t> find_end()
    {
        while (at_ < bytes_.size()) {
            const char c = bytes_[at_];
            if (in_string_) {
                ++at_;
                if (escaped_) {
                    escaped_ = false;
                } else if (c == '\\') {
                    escaped_ = true;
                } else if (c == '"') {
                    in_string_ = false;
                    if (depth_ == 0)
                        return at_;
                }
                continue;
            }
            // A bare value ends where something else begins.
            const bool bare = depth_ == 0 && at_ > start_;
            if (bare && (blank(c) || c == '{' || c == '[' || c == '"'))
                return at_;
            ++at_;
            if (c == '"') {
                in_string_ = true;
            } else if (c == '{' || c == '[') {
                ++depth_;
            } else if ((c == '}' || c == ']') && (depth_ == 0 || --depth_ == 0)) {
                return at_;
            }
        }
        if (finished_ && in_value_ && depth_ == 0 && !in_string_)
            return at_;
        return std::nullopt;
    }

    std::string bytes_;
    std::size_t start_ = 0; ///< of the value under way
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    bool in_value_ = false;
    bool in_string_ = false;
    bool escaped_ = false;
    bool finished_ = false;
};

class recipe final : public scanner_recipe
{
public:
    scanner_ptr make() const override { return std::make_unique<json_documents>(); }
};

const config::spec& json_documents_spec()
{
    static const config::spec declared("json_documents", "One message per JSON value.");
    return declared;
}

core::result<std::unique_ptr<scanner_recipe>> make_json_documents(const config::reader&)
{
    return std::unique_ptr<scanner_recipe>(std::make_unique<recipe>());
}

} // namespace

scanner_entry json_documents_entry() { return {&json_documents_spec, &make_json_documents}; }

} // namespace lambent::stream
