#pragma once

#include <lambent/config/spec.hpp>
#include <lambent/processor/context.hpp>
#include <lambent/stream/output.hpp>
#include <lambent/stream/resources.hpp>
#include <lambent/stream/source.hpp>

#include <string_view>

namespace lambent::stream {

/// The input that a leaf's author hands over: replays what fails as the field `auto_replay_nacks` says.
core::result<input_ptr> replayed(resources& in, const processor::context& who, const config::reader& read, source_ptr from);
/// Adds the field `auto_replay_nacks`.
void add_replay_field(config::spec& input);

/// What leaf outputs have in common: the log lines of connecting and of a failed write.
class leaf_output : public output
{
public:
    explicit leaf_output(processor::context who) : who_(std::move(who)) {}
    awaitable<core::result<void>> connect() override;
    awaitable<void> close() override;
    bool connected() const noexcept override { return connected_; }

protected:
    const processor::context& who() const noexcept { return who_; }
    /// Logs the failure of message `index` and notes it.
    void failed(outcome& what, std::size_t index, core::error why) const;

private:
    processor::context who_;
    bool connected_ = false;
};

/// A mapping or an interpolated string of a field; the error says what is wrong and where in the text.
core::result<bloblang::mapping> parse_mapping(const processor::context& who, std::string_view text);
core::result<bloblang::interpolation> parse_interpolation(const processor::context& who, std::string_view field, std::string_view text);

} // namespace lambent::stream
