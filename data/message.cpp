#include <lambent/data/json.hpp>
#include <lambent/data/message.hpp>

namespace lambent::data {

/// Either form may be missing; the other one is made on demand. `bad` keeps the parse error of bytes that are no document.
struct message::contents
{
    std::optional<std::string> bytes;
    std::optional<value> tree;
    std::optional<core::error> bad;
};

message::message(std::string bytes) { set_bytes(std::move(bytes)); }

std::string_view message::bytes() const
{
    if (!contents_)
        return {};
    if (!contents_->bytes) {
        // What cannot be written (NaN, too deep) leaves the contents empty, as the original does.
        core::result<std::string> written = write_json(*contents_->tree);
        contents_->bytes = written ? std::move(written).value() : std::string();
    }
    return *contents_->bytes;
}

void message::set_bytes(std::string bytes)
{
    contents_ = std::make_shared<contents>();
    contents_->bytes = std::move(bytes);
}

core::result<value> message::structured() const
{
    if (contents_ && contents_->tree)
        return *contents_->tree;
    if (!contents_ || contents_->bytes->empty())
        return core::error{core::errc::closed, "message is empty"};
    if (contents_->bad)
        return *contents_->bad;
    core::result<value> read = read_json(*contents_->bytes);
    if (read)
        contents_->tree = read.value();
    else
        contents_->bad = read.error();
    return read;
}

void message::set_structured(value v)
{
    contents_ = std::make_shared<contents>();
    contents_->tree = std::move(v);
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
