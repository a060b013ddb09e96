#include <lambent/processor/detail/big_endian.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <utility>

namespace lambent::processor {
namespace {

enum class archive_format { binary, concatenate, json_array, lines };

/// Makes one message of a whole batch: the first one with new contents, its metadata and failure kept.
class archive_stage final : public stage
{
public:
    archive_stage(const context& who, archive_format format) : who_(who), format_(format) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        if (batch.empty())
            co_return batches();
        if (auto why = pack(batch); !why.empty()) {
            who_.log(core::log_level::error, "Failed to create archive: " + why);
            for (data::message& m : batch)
                who_.fail_unsourced(m, why);
            co_return as_batches(std::move(batch));
        }
        batch.resize(1);
        co_return as_batches(std::move(batch));
    }

private:
    /// Into the first message. Why it could not be done; empty: it was.
    std::string pack(data::batch& batch) const
    {
        if (format_ == archive_format::json_array)
            return pack_json(batch);
        std::string out;
        if (format_ == archive_format::binary)
            put_u32(out, static_cast<std::uint32_t>(batch.size()));
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (format_ == archive_format::lines && i > 0)
                out += '\n';
            if (format_ == archive_format::binary)
                put_u32(out, static_cast<std::uint32_t>(batch[i].bytes().size()));
            out += batch[i].bytes();
        }
        batch.front().set_bytes(std::move(out));
        return {};
    }

    static std::string pack_json(data::batch& batch)
    {
        std::vector<data::value> items;
        items.reserve(batch.size());
        for (const data::message& m : batch) {
            auto item = m.structured();
            if (!item)
                return "failed to parse message as JSON: " + item.error().text();
            items.push_back(std::move(*item));
        }
        batch.front().set_structured(data::value::array(std::move(items)));
        return {};
    }

    context who_;
    archive_format format_;
};

const config::spec& archive_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("archive", "Makes one message of a whole batch.")
        .field("format", field_type::string, "binary, concatenate, json_array or lines.")
        .field("path", field_type::interpolated, "Names the entries of formats that have names.")
        .fallback(R"("")");
    return spec;
}

core::result<stage_ptr> make_archive(const context& who, const config::reader& read)
{
    auto name = read.string("format");
    if (!name)
        return name.error();
    auto path = read.string("path");
    if (!path)
        return path.error();
    if (auto parsed = parse_text(who, *path, "failed to parse interpolated field 'path': "); !parsed)
        return parsed.error();
    for (const auto& [known, format] :
        {std::pair{"binary", archive_format::binary}, std::pair{"concatenate", archive_format::concatenate},
            std::pair{"json_array", archive_format::json_array}, std::pair{"lines", archive_format::lines}})
        if (*name == known)
            return std::make_unique<archive_stage>(who, format);
    if (*name == "tar" || *name == "zip")
        return unusable("the archive format '" + *name + "' is not available yet: use binary, concatenate, json_array or lines");
    return unusable("archive format not recognised: " + *name);
}

} // namespace

entry archive_entry() { return {&archive_spec, &make_archive}; }

} // namespace lambent::processor
