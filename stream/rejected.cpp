#include <lambent/stream/rejected.hpp>

#include <lambent/data/json.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/text.hpp>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace lambent::stream {

rejected_file::~rejected_file()
{
    if (file_ >= 0)
        ::close(file_);
}

core::result<void> rejected_file::open(const std::string& path)
{
    path_ = path;
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file_ < 0)
        return core::error{errc::file_failed, "open " + path + ": " + errno_text(errno)};
    return {};
}

void rejected_file::add(const data::message& message, const core::error& why)
{
    std::string line = "{\"content\":";
    data::write_json_string(line, message.bytes());
    line += ",\"error\":";
    data::write_json_string(line, why.text());
    line += "}\n";
    std::string_view left = line;
    while (!left.empty()) {
        const ssize_t written = ::write(file_, left.data(), left.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            if (broken_.empty())
                broken_ = "write " + path_ + ": " + errno_text(errno);
            return;
        }
        left.remove_prefix(static_cast<std::size_t>(written));
    }
}

} // namespace lambent::stream
