#include <lambent/stream/detail/scanner_entries.hpp>

namespace lambent::stream {

namespace {

constexpr std::string_view bom = "\xef\xbb\xbf";

class skip_bom final : public scanner
{
public:
    explicit skip_bom(scanner_ptr into) : into_(std::move(into)) {}

    void feed(std::string_view bytes) override
    {
        if (!decided_) {
            begin_ += bytes;
            if (begin_.size() < bom.size() && bom.starts_with(begin_))
                return;
            decide();
            return;
        }
        into_->feed(bytes);
    }
    void finish() override
    {
        if (!decided_)
            decide();
        into_->finish();
    }
    core::result<std::optional<data::batch>> next() override { return into_->next(); }

private:
    void decide()
    {
        decided_ = true;
        std::string_view rest = begin_;
        if (rest.starts_with(bom))
            rest.remove_prefix(bom.size());
        into_->feed(rest);
        begin_.clear();
    }

    scanner_ptr into_;
    std::string begin_; ///< while it may still be a byte order mark
    bool decided_ = false;
};

class recipe final : public scanner_recipe
{
public:
    explicit recipe(std::unique_ptr<scanner_recipe> into) : into_(std::move(into)) {}
    scanner_ptr make() const override { return std::make_unique<skip_bom>(into_->make()); }

private:
    std::unique_ptr<scanner_recipe> into_;
};

const config::spec& skip_bom_spec()
{
    static const config::spec declared = [] {
        config::spec s("skip_bom", "Takes a byte order mark off the stream's beginning.");
        s.field("into", config::field_type::scanner, "What cuts the rest.").fallback("to_the_end: {}");
        return s;
    }();
    return declared;
}

core::result<std::unique_ptr<scanner_recipe>> make_skip_bom(const config::reader& read)
{
    std::unique_ptr<scanner_recipe> into;
    if (read.has("into")) {
        auto built = build_scanner(read.raw("into"));
        if (!built)
            return built.error();
        into = std::move(*built);
    } else {
        into = to_the_end_recipe();
    }
    return std::unique_ptr<scanner_recipe>(std::make_unique<recipe>(std::move(into)));
}

} // namespace

scanner_entry skip_bom_entry() { return {&skip_bom_spec, &make_skip_bom}; }

} // namespace lambent::stream
