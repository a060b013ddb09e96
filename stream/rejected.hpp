#pragma once

#include <lambent/core/error.hpp>
#include <lambent/data/message.hpp>

#include <string>

namespace lambent::stream {

/// Where messages go that were refused for good: `auto_replay_nacks: false` and a nack.
class rejected_sink
{
public:
    virtual ~rejected_sink() = default;
    virtual void add(const data::message& message, const core::error& why) = 0;
};

/// One JSON line each: {"content": text as it was read, "error": why}. Appends to the file.
class rejected_file final : public rejected_sink
{
public:
    rejected_file() = default;
    rejected_file(const rejected_file&) = delete;
    rejected_file& operator=(const rejected_file&) = delete;
    ~rejected_file() override;

    core::result<void> open(const std::string& path);
    void add(const data::message& message, const core::error& why) override;
    /// The first write that failed; for the end of the run.
    const std::string& broken() const noexcept { return broken_; }

private:
    int file_ = -1;
    std::string path_;
    std::string broken_;
};

} // namespace lambent::stream
