#include <lambent/processor/detail/big_endian.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>
#include <lambent/processor/detail/tar.hpp>
#include <lambent/processor/detail/zip.hpp>

#include <utility>

namespace lambent::processor {
namespace {

enum class archive_format { binary, concatenate, json_array, lines, tar, zip };

/// Makes one message of a whole batch: the first one with new contents, its metadata and failure kept.
class archive_stage final : public stage
{
public:
    /// @param path  names the entries of tar and zip.
    archive_stage(const context& who, archive_format format, bloblang::interpolation path)
        : who_(who), format_(format), path_(std::move(path))
    {
    }

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
        if (format_ == archive_format::tar || format_ == archive_format::zip)
            return pack_files(batch);
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

    std::string pack_files(data::batch& batch) const
    {
        std::vector<archived_file> files;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            auto name = path_.resolve(batch, i);
            if (!name)
                who_.log(core::log_level::error, "Name interpolation error: " + name.error().text());
            archived_file f{name ? std::move(*name) : std::string(), std::string(batch[i].bytes())};
            files.push_back(std::move(f));
        }
        const core::wall_time now = who_.shard().time().wall();
        if (format_ == archive_format::tar) {
            batch.front().set_bytes(write_tar(files, now));
            return {};
        }
        auto zipped = write_zip(files, now);
        if (!zipped)
            return zipped.error().text();
        batch.front().set_bytes(std::move(*zipped));
        return {};
    }

    context who_;
    archive_format format_;
    bloblang::interpolation path_;
};

const config::spec& archive_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("archive", "Makes one message of a whole batch.")
        .field("format", field_type::string, "binary, concatenate, json_array, lines, tar or zip.")
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
    auto names = parse_text(who, *path, "failed to parse interpolated field 'path': ");
    if (!names)
        return names.error();
    for (const auto& [known, format] :
        {std::pair{"binary", archive_format::binary}, std::pair{"concatenate", archive_format::concatenate},
            std::pair{"json_array", archive_format::json_array}, std::pair{"lines", archive_format::lines},
            std::pair{"tar", archive_format::tar}, std::pair{"zip", archive_format::zip}})
        if (*name == known)
            return std::make_unique<archive_stage>(who, format, std::move(*names));
    return unusable("archive format not recognised: " + *name);
}

} // namespace

entry archive_entry() { return {&archive_spec, &make_archive}; }

} // namespace lambent::processor
