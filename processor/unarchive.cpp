#include <lambent/data/json.hpp>
#include <lambent/data/utf8.hpp>
#include <lambent/processor/detail/big_endian.hpp>
#include <lambent/processor/detail/csv.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>
#include <lambent/processor/detail/tar.hpp>
#include <lambent/processor/detail/zip.hpp>

#include <utility>

namespace lambent::processor {
namespace {

enum class archive_format { binary, csv, json_array, json_documents, json_map, lines, tar, zip };

core::error unreadable(std::string why) { return core::error{errc::invalid_message, std::move(why)}; }

data::message with_bytes(const data::message& original, std::string_view bytes)
{
    data::message made = original;
    made.set_bytes(std::string(bytes));
    return made;
}

data::message with_value(const data::message& original, data::value v)
{
    data::message made = original;
    made.set_structured(std::move(v));
    return made;
}

core::result<data::batch> from_lines(const data::message& original)
{
    // An empty last element stays, and so does a CR: only LF ends a line.
    data::batch made;
    std::string_view rest = original.bytes();
    for (;;) {
        const std::size_t end = rest.find('\n');
        made.push_back(with_bytes(original, rest.substr(0, end)));
        if (end == std::string_view::npos)
            return made;
        rest.remove_prefix(end + 1);
    }
}

core::result<data::batch> from_binary(const data::message& original)
{
    std::string_view rest = original.bytes();
    const auto count = take_u32(rest);
    if (!count)
        return unreadable("serialised message buffer too small");
    data::batch made;
    for (std::uint32_t i = 0; i < *count; ++i) {
        const auto length = take_u32(rest);
        if (!length || rest.size() < *length)
            return unreadable("serialised message buffer too small");
        made.push_back(with_bytes(original, rest.substr(0, *length)));
        rest.remove_prefix(*length);
    }
    return made;
}

core::result<data::batch> from_json_array(const data::message& original)
{
    auto whole = original.structured();
    if (!whole)
        return unreadable("failed to parse message into JSON array: " + whole.error().text());
    if (!whole->is_array())
        return unreadable(
            "failed to parse message into JSON array: invalid type '" + std::string(go_type_name(*whole)) + "'");
    data::batch made;
    made.reserve(whole->size());
    for (const data::value& item : whole->items())
        made.push_back(with_value(original, item));
    return made;
}

core::result<data::batch> from_json_map(const data::message& original)
{
    auto whole = original.structured();
    if (!whole)
        return unreadable("failed to parse message into JSON map: " + whole.error().text());
    if (!whole->is_object())
        return unreadable(
            "failed to parse message into JSON map: invalid type '" + std::string(go_type_name(*whole)) + "'");
    // The original's order is Go's random one; ours is the keys'.
    data::batch made;
    for (const data::member& m : whole->members()) {
        made.push_back(with_value(original, m.item));
        made.back().set_meta("archive_key", m.name());
    }
    return made;
}

core::result<data::batch> from_json_documents(const data::message& original);

core::result<data::batch> from_csv(const data::message& original, std::string_view delimiter)
{
    auto records = read_csv(original.bytes(), delimiter);
    if (!records)
        return unreadable("failed to parse message as csv: " + records.error().text());
    data::batch made;
    for (std::size_t r = 1; r < records->size(); ++r) {
        const auto& names = records->front();
        data::value row = data::value::object();
        for (std::size_t i = 0; i < names.size(); ++i)
            row.set_member(names[i], (*records)[r][i]);
        made.push_back(with_value(original, std::move(row)));
    }
    return made;
}

core::result<data::batch> from_files(const data::message& original, core::result<std::vector<archived_file>> files)
{
    if (!files)
        return std::move(files).error();
    data::batch made;
    for (archived_file& f : *files) {
        data::message m = original;
        m.set_bytes(std::move(f.contents));
        m.set_meta("archive_filename", f.name);
        made.push_back(std::move(m));
    }
    return made;
}

/// Makes several messages of each one, in its place; metadata is copied.
class unarchive_stage final : public stage
{
public:
    unarchive_stage(const context& who, archive_format format, std::string delimiter)
        : who_(who), format_(format), delimiter_(std::move(delimiter))
    {
    }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        data::batch together;
        for (data::message& m : batch) {
            auto made = unpack(m);
            if (made) {
                for (data::message& part : *made)
                    together.push_back(std::move(part));
                continue;
            }
            who_.log(core::log_level::error, "Failed to unarchive message part: " + made.error().text());
            who_.fail_unsourced(m, made.error().text());
            together.push_back(std::move(m));
        }
        co_return as_batches(std::move(together));
    }

private:
    core::result<data::batch> unpack(const data::message& original) const
    {
        switch (format_) {
        case archive_format::binary:
            return from_binary(original);
        case archive_format::csv:
            return from_csv(original, delimiter_);
        case archive_format::json_array:
            return from_json_array(original);
        case archive_format::json_documents:
            return from_json_documents(original);
        case archive_format::json_map:
            return from_json_map(original);
        case archive_format::lines:
            return from_lines(original);
        case archive_format::tar:
            return from_files(original, read_tar(original.bytes()));
        case archive_format::zip:
            return from_files(original, read_zip(original.bytes()));
        }
        return unreadable("unknown archive format");
    }

    context who_;
    archive_format format_;
    std::string delimiter_;
};

/// Where the first JSON document of `text` ends, if it is one: its brackets are counted and its strings passed over. Whether it
/// really is one is for the parser to say.
std::size_t end_of_document(std::string_view text)
{
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"') {
                in_string = false;
                if (depth == 0)
                    return i + 1;
            }
        } else if (c == '"') {
            if (depth == 0 && i > 0)
                return i; // behind a scalar
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (depth == 0 && i > 0)
                return i;
            ++depth;
        } else if (c == '}' || c == ']') {
            if (depth <= 1)
                return i + 1;
            --depth;
        } else if (depth == 0 && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
            return i;
        }
    }
    return text.size();
}

core::result<data::batch> from_json_documents(const data::message& original)
{
    data::json_read_options floats;
    floats.keep_number_text = false;
    data::batch made;
    std::string_view rest = original.bytes();
    for (;;) {
        const std::size_t start = rest.find_first_not_of(" \t\r\n");
        if (start == std::string_view::npos)
            return made;
        rest.remove_prefix(start);
        const std::size_t end = end_of_document(rest);
        auto document = data::read_json(rest.substr(0, end), floats);
        if (!document)
            return document.error();
        made.push_back(with_value(original, std::move(*document)));
        rest.remove_prefix(end);
    }
}

const config::spec& unarchive_spec()
{
    static const config::spec spec = config::spec("unarchive", "Makes several messages of each one.")
        .field("format", config::field_type::string,
            "binary, csv, csv:x (x is the delimiter), json_array, json_documents, json_map, lines, tar or zip.");
    return spec;
}

core::result<stage_ptr> make_unarchive(const context& who, const config::reader& read)
{
    auto name = read.string("format");
    if (!name)
        return name.error();
    for (const auto& [known, format] :
        {std::pair{"binary", archive_format::binary}, std::pair{"csv", archive_format::csv},
            std::pair{"json_array", archive_format::json_array},
            std::pair{"json_documents", archive_format::json_documents},
            std::pair{"json_map", archive_format::json_map}, std::pair{"lines", archive_format::lines},
            std::pair{"tar", archive_format::tar}, std::pair{"zip", archive_format::zip}})
        if (*name == known)
            return std::make_unique<unarchive_stage>(who, format, ",");
    if (name->starts_with("csv:")) {
        std::string delimiter = name->substr(4);
        if (delimiter.empty())
            return unusable("csv format requires a non-empty delimiter");
        if (data::decode_utf8(delimiter).size != delimiter.size())
            return unusable("csv format requires a single character delimiter");
        return std::make_unique<unarchive_stage>(who, archive_format::csv, std::move(delimiter));
    }
    return unusable("archive format not recognised: " + *name);
}

} // namespace

entry unarchive_entry() { return {&unarchive_spec, &make_unarchive}; }

} // namespace lambent::processor
