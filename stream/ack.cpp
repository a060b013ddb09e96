#include <lambent/stream/ack.hpp>

#include <cassert>

namespace lambent::stream {

namespace {

constexpr auto unknown = static_cast<std::size_t>(-1);

class translator final : public acknowledger
{
public:
    translator(ack_ptr source, std::vector<std::size_t> origins, std::size_t source_size)
        : source_(std::move(source)), origins_(std::move(origins)), source_size_(source_size)
    {}

private:
    void on_settle(outcome what) override { source_->settle(translate(what, origins_, source_size_)); }

    ack_ptr source_;
    std::vector<std::size_t> origins_;
    std::size_t source_size_;
};

/// What the parts of one source batch share.
struct division
{
    ack_ptr source;
    std::size_t source_size = 0;
    std::size_t left = 0;
    outcome sum;
    bool whole = false; ///< a failure that cannot be pinned to a message
};

class portion final : public acknowledger
{
public:
    portion(std::shared_ptr<division> whole, std::vector<std::size_t> origins)
        : shared_(std::move(whole)), origins_(std::move(origins))
    {}

private:
    void on_settle(outcome what) override
    {
        division& all = *shared_;
        outcome of_source = what.ok() ? outcome{} : translate(what, origins_, all.source_size);
        if (!of_source.ok()) {
            if (of_source.messages.empty())
                all.whole = true;
            if (!all.sum.failed)
                all.sum.failed = of_source.failed;
            all.sum.messages.merge(of_source.messages);
        }
        if (--all.left > 0)
            return;
        if (all.whole)
            all.sum.messages.clear();
        all.source->settle(std::move(all.sum));
    }

    std::shared_ptr<division> shared_;
    std::vector<std::size_t> origins_;
};

} // namespace

const core::error* outcome::why(std::size_t index) const noexcept
{
    if (!failed)
        return nullptr;
    if (messages.empty())
        return &*failed;
    const auto found = messages.find(index);
    return found == messages.end() ? nullptr : &found->second;
}

outcome outcome::none_delivered(core::error why)
{
    outcome all;
    all.failed = std::move(why);
    return all;
}

void outcome::add(std::size_t index, core::error why)
{
    if (!failed)
        failed = why;
    messages.insert_or_assign(index, std::move(why));
}

void acknowledger::settle(outcome what)
{
    assert(!settled_);
    if (settled_)
        return;
    settled_ = true;
    on_settle(std::move(what));
}

void number(data::batch& batch)
{
    for (std::size_t i = 0; i < batch.size(); ++i)
        batch[i].origin = i;
}

std::vector<std::size_t> lineage(const data::batch& batch)
{
    std::vector<std::size_t> origins;
    origins.reserve(batch.size());
    for (const data::message& message : batch)
        origins.push_back(message.origin);
    return origins;
}

outcome translate(const outcome& what, const std::vector<std::size_t>& origins, std::size_t source_size)
{
    outcome result;
    result.failed = what.failed;
    if (what.ok())
        return result;
    for (std::size_t i = 0; i < origins.size(); ++i) {
        const core::error* why = what.why(i);
        if (why == nullptr)
            continue;
        if (origins[i] == unknown || origins[i] >= source_size) {
            result.messages.clear();
            return result;
        }
        result.messages.try_emplace(origins[i], *why);
    }
    // All of them: said the short way.
    if (result.messages.size() == source_size && what.messages.empty())
        result.messages.clear();
    return result;
}

ack_ptr translating(ack_ptr source, std::vector<std::size_t> origins, std::size_t source_size)
{
    return std::make_shared<translator>(std::move(source), std::move(origins), source_size);
}

std::vector<ack_ptr> dividing(ack_ptr source, const std::vector<data::batch>& parts, std::size_t source_size)
{
    auto shared = std::make_shared<division>();
    shared->source = std::move(source);
    shared->source_size = source_size;
    shared->left = parts.size();
    std::vector<ack_ptr> acks;
    acks.reserve(parts.size());
    for (const data::batch& part : parts)
        acks.push_back(std::make_shared<portion>(shared, lineage(part)));
    return acks;
}

void joined::add(ack_ptr source, std::size_t messages)
{
    parts_.push_back(part{std::move(source), total_, messages});
    total_ += messages;
}

void joined::on_settle(outcome what)
{
    for (part& p : parts_) {
        outcome own;
        if (!what.ok() && what.messages.empty()) {
            own.failed = what.failed;
        } else if (!what.ok()) {
            for (auto at = what.messages.lower_bound(p.first); at != what.messages.end() && at->first < p.first + p.count; ++at)
                own.add(at->first - p.first, at->second);
            if (p.count == 1)
                own.messages.clear();
        }
        p.source->settle(std::move(own));
    }
}

} // namespace lambent::stream
