#include <lambent/stream/detail/scanner_entries.hpp>
#include <lambent/stream/errc.hpp>

#include <algorithm>

namespace lambent::stream {

namespace {

/// Named limit of what one message may hold when nothing cuts the stream.
constexpr std::size_t whole_bytes_max = 1024UL * 1024 * 1024;

/// The stream in pieces of a size; without a size in one.
class pieces final : public scanner
{
public:
    explicit pieces(std::optional<std::size_t> size) : size_(size) {}

    void feed(std::string_view bytes) override
    {
        if (at_ > 0 && at_ >= bytes_.size() / 2) {
            bytes_.erase(0, at_);
            at_ = 0;
        }
        bytes_ += bytes;
    }
    void finish() override { finished_ = true; }

    core::result<std::optional<data::batch>> next() override
    {
        const std::size_t left = bytes_.size() - at_;
        if (!size_ && left > whole_bytes_max)
            return core::error{errc::bad_input, "to_the_end: the stream has more than " + std::to_string(whole_bytes_max) + " bytes"};
        const bool complete = size_ ? left >= *size_ || (finished_ && left > 0) : finished_ && !given_;
        if (!complete)
            return std::optional<data::batch>();
        const std::size_t taken = size_ ? std::min(left, *size_) : left;
        data::batch batch;
        batch.emplace_back(bytes_.substr(at_, taken));
        at_ += taken;
        given_ = true;
        return std::optional<data::batch>(std::move(batch));
    }

private:
    std::optional<std::size_t> size_;
    std::string bytes_;
    std::size_t at_ = 0;
    bool finished_ = false;
    bool given_ = false;
};

class recipe final : public scanner_recipe
{
public:
    explicit recipe(std::optional<std::size_t> size) : size_(size) {}
    scanner_ptr make() const override { return std::make_unique<pieces>(size_); }

private:
    std::optional<std::size_t> size_;
};

const config::spec& to_the_end_spec()
{
    static const config::spec declared("to_the_end", "The whole stream as one message.");
    return declared;
}

core::result<std::unique_ptr<scanner_recipe>> make_to_the_end(const config::reader&) { return to_the_end_recipe(); }

const config::spec& chunker_spec()
{
    static const config::spec declared = [] {
        config::spec s("chunker", "Messages of a fixed size.");
        s.field("size", config::field_type::integer, "Bytes per message.");
        return s;
    }();
    return declared;
}

core::result<std::unique_ptr<scanner_recipe>> make_chunker(const config::reader& read)
{
    const auto size = read.integer("size");
    if (!size)
        return size.error();
    if (*size < 1)
        return core::error{errc::invalid_config, "field 'size' must be larger than zero"};
    return chunker_recipe(static_cast<std::size_t>(*size));
}

} // namespace

std::unique_ptr<scanner_recipe> to_the_end_recipe() { return std::make_unique<recipe>(std::nullopt); }
std::unique_ptr<scanner_recipe> chunker_recipe(std::size_t size) { return std::make_unique<recipe>(size); }

scanner_entry to_the_end_entry() { return {&to_the_end_spec, &make_to_the_end}; }
scanner_entry chunker_entry() { return {&chunker_spec, &make_chunker}; }

} // namespace lambent::stream
