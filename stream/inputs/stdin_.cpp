#include <lambent/stream/descriptor.hpp>
#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/leaf.hpp>
#include <lambent/stream/scanner.hpp>

#include <unistd.h>

#include <vector>

namespace lambent::stream {

namespace {

constexpr std::size_t read_bytes = 64UL * 1024;

class stdin_source final : public source
{
public:
    stdin_source(core::shard& on, std::unique_ptr<scanner_recipe> recipe)
        : descriptor_(on, STDIN_FILENO), scanner_(recipe->make()), buffer_(read_bytes)
    {}

    awaitable<core::result<std::optional<sourced>>> read() override
    {
        for (;;) {
            auto cut = scanner_->next();
            if (!cut)
                co_return core::error{cut.error()};
            if (cut->has_value())
                co_return std::optional<sourced>(sourced{std::move(**cut), 0});
            if (ended_)
                co_return std::optional<sourced>();
            const auto got = co_await descriptor_.read_some(buffer_.data(), buffer_.size());
            if (!got && got.error().code == core::errc::shutting_down)
                co_return std::optional<sourced>();
            if (!got)
                co_return got.error();
            if (*got == 0) {
                ended_ = true;
                scanner_->finish();
            } else {
                scanner_->feed(std::string_view(buffer_.data(), *got));
            }
        }
    }
    void stop() noexcept override { descriptor_.interrupt(); }

private:
    descriptor descriptor_;
    scanner_ptr scanner_;
    std::vector<char> buffer_;
    bool ended_ = false;
};

const config::spec& stdin_spec()
{
    static const config::spec declared = [] {
        config::spec s("stdin", "Reads messages from the process's standard input.");
        add_scanner_fields(s);
        add_replay_field(s);
        return s;
    }();
    return declared;
}

core::result<input_ptr> make_stdin(resources& in, const processor::context& who, const config::reader& read)
{
    auto recipe = build_scanner_of(read);
    if (!recipe)
        return recipe.error();
    return replayed(in, who, read, std::make_unique<stdin_source>(in.shard(), std::move(*recipe)));
}

} // namespace

component_entry<input> stdin_input_entry() { return {&stdin_spec, &make_stdin}; }

} // namespace lambent::stream
