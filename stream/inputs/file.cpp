#include <lambent/stream/descriptor.hpp>
#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/leaf.hpp>
#include <lambent/stream/paths.hpp>
#include <lambent/stream/scanner.hpp>
#include <lambent/stream/text.hpp>

#include <array>
#include <cerrno>
#include <ctime>
#include <deque>
#include <fcntl.h>
#include <map>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace lambent::stream {

namespace {

constexpr std::size_t read_bytes = 64UL * 1024;

core::error cannot_open(const std::string& path, int reason)
{
    return core::error{errc::file_failed, "open " + path + ": " + errno_text(reason)};
}

/// One file that is read, or whose messages are not all settled.
struct opened
{
    std::string path;
    int number = -1;
    std::time_t modified = 0;
    scanner_ptr cut;
    std::optional<descriptor> bytes; ///< a file may also be a pipe
    std::size_t unsettled = 0;
    bool read_up = false;
    bool all_delivered = true;
};

std::string rfc3339(std::time_t at)
{
    std::tm utc{};
    gmtime_r(&at, &utc);
    std::array<char, 32> text{};
    return std::string(text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc));
}

class file_source final : public source
{
public:
    file_source(core::shard& on, std::vector<std::string> paths, std::unique_ptr<scanner_recipe> recipe, bool delete_on_finish)
        : shard_(on), paths_(paths.begin(), paths.end()), recipe_(std::move(recipe)), delete_on_finish_(delete_on_finish),
          buffer_(read_bytes)
    {}
    file_source(const file_source&) = delete;
    file_source& operator=(const file_source&) = delete;
    ~file_source() override
    {
        for (auto& [tag, file] : files_)
            if (file.number >= 0)
                ::close(file.number);
    }

    awaitable<core::result<std::optional<sourced>>> read() override
    {
        for (;;) {
            if (!files_.contains(current_)) {
                if (stopped_ || paths_.empty())
                    co_return std::optional<sourced>();
                if (auto next = open_next(); !next)
                    co_return next.error();
            }
            opened& file = files_.at(current_);
            auto cut = file.cut->next();
            if (!cut)
                co_return core::error{errc::bad_input, file.path + ": " + cut.error().text()};
            if (cut->has_value()) {
                describe(**cut, file);
                ++file.unsettled;
                co_return std::optional<sourced>(sourced{std::move(**cut), current_});
            }
            if (file.read_up) {
                finish_current();
                continue;
            }
            const auto got = co_await file.bytes->read_some(buffer_.data(), buffer_.size());
            if (!got && got.error().code == core::errc::shutting_down)
                co_return std::optional<sourced>();
            if (!got && got.error().code == core::condition::cancelled)
                co_return got.error();
            if (!got)
                co_return core::error{got.error().code, got.error().text() + ": " + file.path};
            if (*got == 0) {
                file.read_up = true;
                file.cut->finish();
            } else {
                file.cut->feed(std::string_view(buffer_.data(), *got));
            }
        }
    }

    void stop() noexcept override
    {
        stopped_ = true;
        if (const auto found = files_.find(current_); found != files_.end())
            found->second.bytes->interrupt();
    }

    void settled(std::uint64_t tag, bool delivered) override
    {
        const auto found = files_.find(tag);
        if (found == files_.end())
            return;
        --found->second.unsettled;
        found->second.all_delivered = found->second.all_delivered && delivered;
        if (tag != current_ && found->second.unsettled == 0)
            leave(found);
    }

private:
    core::result<void> open_next()
    {
        opened file;
        file.path = std::move(paths_.front());
        paths_.pop_front();
        file.number = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // non-blocking: opening a pipe must not wait
        if (file.number < 0)
            return cannot_open(file.path, errno);
        struct stat facts{};
        if (::fstat(file.number, &facts) == 0)
            file.modified = facts.st_mtime;
        file.cut = recipe_->make();
        file.bytes.emplace(shard_, file.number);
        files_.emplace(current_, std::move(file));
        return {};
    }

    /// The whole file was cut; the next read opens the following one.
    void finish_current()
    {
        const auto done = files_.find(current_++);
        done->second.bytes.reset();
        ::close(std::exchange(done->second.number, -1));
        if (done->second.unsettled == 0)
            leave(done);
    }

    void leave(std::map<std::uint64_t, opened>::iterator file)
    {
        if (delete_on_finish_ && file->second.read_up && file->second.all_delivered)
            ::unlink(file->second.path.c_str());
        if (file->second.number >= 0)
            ::close(file->second.number);
        files_.erase(file);
    }

    static void describe(data::batch& batch, const opened& file)
    {
        for (data::message& message : batch) {
            message.set_meta("path", data::value(file.path));
            message.set_meta("mod_time_unix", data::value(std::to_string(file.modified)));
            message.set_meta("mod_time", data::value(rfc3339(file.modified)));
        }
    }

    core::shard& shard_;
    std::deque<std::string> paths_;
    std::unique_ptr<scanner_recipe> recipe_;
    bool delete_on_finish_;
    std::map<std::uint64_t, opened> files_; ///< by tag; the one with tag `current_` is being read
    std::uint64_t current_ = 0;
    std::vector<char> buffer_;
    bool stopped_ = false;
};

const config::spec& file_spec()
{
    static const config::spec declared = [] {
        config::spec s("file", "Reads messages from files, one after another.");
        s.list("paths", config::field_type::string, "Paths and glob patterns.");
        add_scanner_fields(s);
        s.field("delete_on_finish", config::field_type::boolean, "Delete a file once all of it was delivered.").fallback("false").advanced();
        add_replay_field(s);
        return s;
    }();
    return declared;
}

/// A path that cannot be opened is found out at the start, not in the middle of the stream.
core::result<void> check_readable(const std::vector<std::string>& paths)
{
    for (const std::string& path : paths) {
        struct stat facts{};
        if (::stat(path.c_str(), &facts) != 0)
            return cannot_open(path, errno);
        if (S_ISDIR(facts.st_mode))
            return cannot_open(path, EISDIR);
        if (::access(path.c_str(), R_OK) != 0)
            return cannot_open(path, errno);
    }
    return {};
}

core::result<input_ptr> make_file(resources& in, const processor::context& who, const config::reader& read)
{
    const auto patterns = read.strings("paths");
    if (!patterns)
        return patterns.error();
    auto recipe = build_scanner_of(read);
    if (!recipe)
        return recipe.error();
    const auto delete_on_finish = read.boolean("delete_on_finish");
    if (!delete_on_finish)
        return delete_on_finish.error();
    auto paths = expand(*patterns);
    if (!paths)
        return paths.error();
    if (auto readable = check_readable(*paths); !readable)
        return readable.error();
    return replayed(in, who, read,
        std::make_unique<file_source>(in.shard(), std::move(*paths), std::move(*recipe), *delete_on_finish));
}

} // namespace

component_entry<input> file_input_entry() { return {&file_spec, &make_file}; }

} // namespace lambent::stream
