#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/leaf.hpp>
#include <lambent/stream/text.hpp>
#include <lambent/stream/writer_codec.hpp>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace lambent::stream {

namespace {

/// Appends each message to the file that its path names; the last file stays open.
class file_output final : public leaf_output
{
public:
    file_output(processor::context of, bloblang::interpolation path, writer_codec codec)
        : leaf_output(std::move(of)), path_(std::move(path)), codec_(std::move(codec))
    {}
    file_output(const file_output&) = delete;
    file_output& operator=(const file_output&) = delete;
    ~file_output() override { close_file(); }

    awaitable<outcome> write(data::batch batch) override
    {
        outcome result;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            auto written = write_one(batch, i);
            if (!written)
                failed(result, i, written.error());
        }
        co_return result;
    }
    awaitable<void> close() override
    {
        close_file();
        co_await leaf_output::close();
    }

private:
    core::result<void> write_one(const data::batch& batch, std::size_t i)
    {
        const auto path = path_.resolve(batch, i);
        if (!path)
            return core::error{errc::mapping_failed, "path interpolation error: " + path.error().text()};
        if (auto opened = open_file(*path); !opened)
            return opened.error();
        std::string text;
        codec_.append(text, batch[i].bytes());
        auto put = put_all(text);
        if (!put || codec_.truncate)
            close_file(); // a file that failed may be replaced by one that works: opened anew next time
        return put;
    }

    core::result<void> open_file(const std::string& path)
    {
        if (number_ >= 0 && path == open_path_)
            return {};
        close_file();
        if (path.empty())
            return core::error{errc::file_failed, "the path is empty"};
        std::error_code ignored; // what matters is whether the file opens
        if (const auto folder = std::filesystem::path(path).parent_path(); !folder.empty())
            std::filesystem::create_directories(folder, ignored);
        number_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (codec_.truncate ? O_TRUNC : O_APPEND), 0644);
        if (number_ < 0)
            return core::error{errc::file_failed, "open " + path + ": " + errno_text(errno)};
        open_path_ = path;
        return {};
    }

    core::result<void> put_all(std::string_view text)
    {
        while (!text.empty()) {
            const ssize_t put = ::write(number_, text.data(), text.size());
            if (put >= 0)
                text.remove_prefix(static_cast<std::size_t>(put));
            else if (errno != EINTR)
                return core::error{errc::file_failed, "write " + open_path_ + ": " + errno_text(errno)};
        }
        return {};
    }

    void close_file()
    {
        if (number_ >= 0)
            ::close(std::exchange(number_, -1));
    }

    bloblang::interpolation path_;
    writer_codec codec_;
    int number_ = -1;
    std::string open_path_;
};

const config::spec& file_spec()
{
    static const config::spec declared = [] {
        config::spec s("file", "Appends messages to files.");
        s.field("path", config::field_type::interpolated, "Where to; folders are made.");
        s.field("codec", config::field_type::string, "lines, delim:x, append or all-bytes.").fallback("lines");
        return s;
    }();
    return declared;
}

core::result<output_ptr> make_file(resources&, const processor::context& who, const config::reader& read)
{
    const auto text = read.string("path");
    if (!text)
        return text.error();
    auto path = parse_interpolation(who, "path", *text);
    if (!path)
        return path.error();
    const auto codec_text = read.string("codec");
    if (!codec_text)
        return codec_text.error();
    auto codec = writer_codec::parse(*codec_text);
    if (!codec)
        return codec.error();
    return output_ptr(std::make_unique<file_output>(who, std::move(*path), std::move(*codec)));
}

} // namespace

component_entry<output> file_output_entry() { return {&file_spec, &make_file}; }

} // namespace lambent::stream
