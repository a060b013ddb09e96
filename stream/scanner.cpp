#include <lambent/stream/scanner.hpp>

#include <lambent/stream/detail/scanner_entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/schema.hpp>

#include <array>
#include <charconv>

namespace lambent::stream {

std::span<const std::pair<std::string_view, scanner_entry>> scanners()
{
    using row = std::pair<std::string_view, scanner_entry>;
    static const std::array rows{
        row{"chunker", chunker_entry()},
        row{"json_documents", json_documents_entry()},
        row{"lines", lines_entry()},
        row{"skip_bom", skip_bom_entry()},
        row{"to_the_end", to_the_end_entry()},
    };
    return rows;
}

core::result<std::unique_ptr<scanner_recipe>> build_scanner(const config::node& object)
{
    const auto what = config::infer_component(schema(), config::field_type::scanner, object);
    if (!what)
        return what.error();
    for (const auto& [name, entry] : scanners()) {
        if (name != what->name)
            continue;
        const config::reader read(entry.spec(), what->value);
        if (auto checked = read.check(); !checked)
            return checked.error();
        return entry.make(read);
    }
    return core::error{errc::invalid_config, "lambent has no scanner '" + what->name + "' yet"};
}

core::result<std::unique_ptr<scanner_recipe>> build_codec_scanner(const std::string& codec, std::int64_t max_buffer)
{
    const auto buffer = static_cast<std::size_t>(std::max<std::int64_t>(max_buffer, 1));
    constexpr std::string_view delim = "delim:";
    constexpr std::string_view chunks = "chunker:";
    if (codec == "lines" || codec == "auto" || codec.empty())
        return lines_recipe({}, buffer, false);
    if (codec == "all-bytes")
        return to_the_end_recipe();
    if (codec.starts_with(delim) && codec.size() > delim.size())
        return lines_recipe(codec.substr(delim.size()), buffer, false);
    if (codec.starts_with(chunks)) {
        std::size_t size = 0;
        const char* const end = codec.data() + codec.size();
        const auto [at, failed] = std::from_chars(codec.data() + chunks.size(), end, size);
        if (failed == std::errc() && at == end && size > 0)
            return chunker_recipe(size);
    }
    return core::error{errc::invalid_config, "codec was not recognised: " + codec};
}

core::result<std::unique_ptr<scanner_recipe>> build_scanner_of(const config::reader& input)
{
    if (input.has("codec")) {
        const auto codec = input.string("codec");
        if (!codec)
            return codec.error();
        const auto max_buffer = input.integer("max_buffer");
        if (!max_buffer)
            return max_buffer.error();
        return build_codec_scanner(*codec, *max_buffer);
    }
    if (input.has("scanner"))
        return build_scanner(input.raw("scanner"));
    constexpr std::size_t default_buffer = 65536;
    return lines_recipe({}, default_buffer, false);
}

void add_scanner_fields(config::spec& input)
{
    input.field("codec", config::field_type::string, "The older name for a scanner.").optional().deprecated();
    input.field("max_buffer", config::field_type::integer, "The longest line when `codec` is used.").fallback("1000000").deprecated();
    input.field("scanner", config::field_type::scanner, "How the bytes are cut into messages.").fallback("lines: {}").optional();
}

} // namespace lambent::stream
