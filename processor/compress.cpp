#include <lambent/processor/detail/compression.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <algorithm>
#include <utility>

namespace lambent::processor {
namespace {

class compress_stage final : public stage
{
public:
    compress_stage(const context& who, codec how, int level) : who_(who), how_(how), level_(level) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        for (data::message& m : batch) {
            auto made = compress(how_, level_, m.bytes());
            if (made) {
                m.set_bytes(std::move(*made));
                continue;
            }
            who_.log(core::log_level::error, "Failed to compress message: " + made.error().text());
            who_.fail_unsourced(m, made.error().text());
        }
        co_return as_batches(std::move(batch));
    }

private:
    context who_;
    codec how_;
    int level_;
};

class decompress_stage final : public stage
{
public:
    decompress_stage(const context& who, codec how) : who_(who), how_(how) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        for (data::message& m : batch) {
            auto made = decompress(how_, m.bytes());
            if (made) {
                m.set_bytes(std::move(*made));
                continue;
            }
            who_.log(core::log_level::error, "Failed to decompress message part: " + made.error().text());
            who_.fail_unsourced(m, made.error().text());
        }
        co_return as_batches(std::move(batch));
    }

private:
    context who_;
    codec how_;
};

const config::spec& compress_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("compress", "Compresses the contents of messages.")
        .field("algorithm", field_type::string, "flate, gzip, lz4, pgzip, snappy, zlib or zstd.")
        .field("level", field_type::integer, "Where the algorithm has levels; -1: its default.")
        .fallback("-1");
    return spec;
}

const config::spec& decompress_spec()
{
    static const config::spec spec = config::spec("decompress", "Decompresses the contents of messages.")
        .field("algorithm", config::field_type::string, "flate, gzip, lz4, pgzip, snappy, zlib or zstd.");
    return spec;
}

core::result<codec> read_codec(const config::reader& read)
{
    auto name = read.string("algorithm");
    if (!name)
        return name.error();
    if (const auto how = codec_named(*name))
        return *how;
    return unusable("compression type not recognised: " + *name);
}

core::result<stage_ptr> make_compress(const context& who, const config::reader& read)
{
    auto level = read.integer("level");
    if (!level)
        return level.error();
    auto how = read_codec(read);
    if (!how)
        return how.error();
    return std::make_unique<compress_stage>(who, *how, static_cast<int>(std::clamp<std::int64_t>(*level, -100, 100)));
}

core::result<stage_ptr> make_decompress(const context& who, const config::reader& read)
{
    auto how = read_codec(read);
    if (!how)
        return how.error();
    return std::make_unique<decompress_stage>(who, *how);
}

} // namespace

entry compress_entry() { return {&compress_spec, &make_compress}; }
entry decompress_entry() { return {&decompress_spec, &make_decompress}; }

} // namespace lambent::processor
