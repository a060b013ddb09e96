#pragma once

#include <lambent/aws/environment.hpp>
#include <lambent/bloblang/mapping.hpp>
#include <lambent/core/shard.hpp>

#include <string>
#include <utility>

namespace lambent::stream {

/// The world of a process's mappings: its clock, chance, variables, files and host name. What it is made of must outlive it.
class process_world final : public bloblang::environment
{
public:
    /// `directory` is where relative imports start; empty: the working directory.
    process_world(core::shard& on, const aws::environment& variables, std::string directory = {})
        : shard_(on), variables_(variables), directory_(std::move(directory))
    {
    }

    core::wall_time now() const override { return shard_.time().wall(); }
    std::uint64_t random() const override { return shard_.chance().next(); }
    bool has_world() const noexcept override { return true; }
    bool variable(std::string_view name, std::string& out) const override;
    /// An error is in the original's words: "open /etc/x: no such file or directory".
    core::result<std::string> read_file(const std::string& path) const override;
    std::string hostname() const override;
    std::string directory() const override { return directory_; }

private:
    core::shard& shard_;
    const aws::environment& variables_;
    std::string directory_;
};

} // namespace lambent::stream
