#include <lambent/processor/detail/entries.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// Breaks a batch into smaller ones, by messages and by bytes.
class split_stage final : public stage
{
public:
    split_stage(const context& who, std::int64_t size, std::int64_t byte_size)
        : who_(who), size_(size), byte_size_(byte_size)
    {
    }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        batches result;
        data::batch current;
        std::int64_t bytes = 0;
        for (data::message& m : batch) {
            const auto length = static_cast<std::int64_t>(m.bytes().size());
            const bool full = size_ > 0 && static_cast<std::int64_t>(current.size()) >= size_;
            const bool heavy = byte_size_ > 0 && bytes + length > byte_size_;
            if (full || heavy) {
                if (current.empty()) {
                    who_.log(core::log_level::warn, "A single message exceeds the target batch byte size of '"
                        + std::to_string(byte_size_) + "', actual size: '" + std::to_string(length) + "'");
                } else {
                    result.push_back(std::exchange(current, {}));
                    bytes = 0;
                }
            }
            current.push_back(std::move(m));
            bytes += length;
        }
        if (!current.empty())
            result.push_back(std::move(current));
        co_return std::move(result);
    }

private:
    context who_;
    std::int64_t size_;
    std::int64_t byte_size_;
};

const config::spec& split_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("split", "Breaks a batch into smaller ones.")
        .field("size", field_type::integer, "The most messages in one.")
        .fallback("1")
        .field("byte_size", field_type::integer, "The most bytes in one; 0: no limit.")
        .fallback("0");
    return spec;
}

core::result<stage_ptr> make_split(const context& who, const config::reader& read)
{
    auto size = read.integer("size");
    if (!size)
        return size.error();
    auto byte_size = read.integer("byte_size");
    if (!byte_size)
        return byte_size.error();
    return std::make_unique<split_stage>(who, *size, *byte_size);
}

} // namespace

entry split_entry() { return {&split_spec, &make_split}; }

} // namespace lambent::processor
