#pragma once

#include <lambent/processor/context.hpp>
#include <lambent/stream/output.hpp>

#include <vector>

namespace lambent::stream {

/// What outputs made of other outputs have in common.
class composite_output : public output
{
public:
    composite_output(processor::context who, std::vector<output_ptr> children)
        : who_(std::move(who)), children_(std::move(children))
    {}

    awaitable<core::result<void>> connect() override;
    void flush() noexcept override;
    awaitable<void> close() override;
    bool connected() const noexcept override;
    /// As many as the child that takes most.
    std::size_t max_in_flight() const noexcept override;

protected:
    const processor::context& who() const noexcept { return who_; }
    const std::vector<output_ptr>& children() const noexcept { return children_; }

private:
    processor::context who_;
    std::vector<output_ptr> children_;
};

} // namespace lambent::stream
