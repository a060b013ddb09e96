#include <lambent/data/detail/block_pool.hpp>
#include <lambent/data/json.hpp>
#include <lambent/data/message.hpp>

#include <cstring>

namespace lambent::data {

namespace {

/// What a thread keeps to write into; more is given back.
constexpr std::size_t scratch_kept_max = 256 * 1024;
/// A value of a few kilobytes may hold the same part so many times over that it would be written without end.
constexpr std::size_t written_bytes_max = 256u << 20;

} // namespace

/// Either form may be missing; the other one is made on demand. `bad` keeps the parse error of bytes that are no document.
struct message::contents
{
    contents() noexcept {} // a defaulted one would have all of it cleared before the members are set
    ~contents()
    {
        if (written != nullptr)
            detail::give_block(written, bytes.size());
    }
    contents(const contents&) = delete;
    contents& operator=(const contents&) = delete;

    std::string given;               ///< bytes that came from outside
    void* written = nullptr;         ///< a block with the bytes that the tree was written as
    std::string_view bytes;          ///< one of both
    bool has_bytes = false;
    std::optional<value> tree;
    std::unique_ptr<core::error> bad;

    /// What cannot be written (NaN, too deep, too long) leaves the contents empty, as the original does.
    core::result<void> write()
    {
        thread_local std::string scratch;
        scratch.clear();
        core::result<void> done = write_json(scratch, *tree, {.bytes_max = written_bytes_max});
        if (!scratch.empty()) {
            written = detail::take_block(scratch.size());
            std::memcpy(written, scratch.data(), scratch.size());
            bytes = {static_cast<const char*>(written), scratch.size()};
        }
        has_bytes = true;
        if (scratch.capacity() > scratch_kept_max)
            std::string().swap(scratch);
        return done;
    }
};

std::shared_ptr<message::contents> message::fresh()
{
    return std::allocate_shared<contents>(detail::pool_allocator<contents>());
}

message::message(std::string bytes) { set_bytes(std::move(bytes)); }

std::string_view message::bytes() const
{
    if (!contents_)
        return {};
    if (!contents_->has_bytes)
        static_cast<void>(contents_->write());
    return contents_->bytes;
}

void message::set_bytes(std::string bytes)
{
    contents_ = fresh();
    contents_->given = std::move(bytes);
    contents_->bytes = contents_->given;
    contents_->has_bytes = true;
}

const value* message::peek_structured() const
{
    if (!contents_)
        return nullptr;
    contents& all = *contents_;
    if (!all.tree && !all.bad && !all.bytes.empty()) {
        core::result<value> read = read_json(all.bytes);
        if (read)
            all.tree = std::move(read).value();
        else
            all.bad = std::make_unique<core::error>(read.error());
    }
    return all.tree ? &*all.tree : nullptr;
}

core::result<value> message::structured() const
{
    if (const value* tree = peek_structured())
        return *tree;
    if (contents_ && contents_->bad)
        return *contents_->bad;
    return core::error{core::errc::closed, "message is empty"};
}

void message::set_structured(value v)
{
    contents_ = fresh();
    contents_->tree = std::move(v);
}

bool message::set_writable(value v, core::error& why)
{
    if (surely_within_limits(v, written_bytes_max)) {
        set_structured(std::move(v));
        return true;
    }
    message trial;
    trial.set_structured(std::move(v));
    if (const core::result<void> done = trial.contents_->write(); !done && beyond_limits(done.error())) {
        why = done.error();
        return false;
    }
    contents_ = std::move(trial.contents_);
    return true;
}

const std::map<std::string, value, std::less<>>& message::metadata() const
{
    static const std::map<std::string, value, std::less<>> none;
    return metadata_ ? *metadata_ : none;
}

const value* message::meta(std::string_view key) const
{
    if (!metadata_)
        return nullptr;
    const auto at = metadata_->find(key);
    return at != metadata_->end() ? &at->second : nullptr;
}

void message::set_meta(std::string_view key, value v)
{
    if (!metadata_)
        metadata_ = std::make_shared<std::map<std::string, value, std::less<>>>();
    else if (metadata_.use_count() > 1)
        metadata_ = std::make_shared<std::map<std::string, value, std::less<>>>(*metadata_);
    metadata_->insert_or_assign(std::string(key), std::move(v));
}

void message::erase_meta(std::string_view key)
{
    if (meta(key) == nullptr)
        return;
    if (metadata_.use_count() > 1)
        metadata_ = std::make_shared<std::map<std::string, value, std::less<>>>(*metadata_);
    metadata_->erase(metadata_->find(key));
}

void message::clear_meta() { metadata_.reset(); }

void message::fail(std::string text, std::shared_ptr<const component_ref> source)
{
    data::failure f;
    f.text = std::move(text);
    f.source = std::move(source);
    failure_ = std::move(f);
}

} // namespace lambent::data
