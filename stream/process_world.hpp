#pragma once

#include <lambent/aws/environment.hpp>
#include <lambent/bloblang/mapping.hpp>
#include <lambent/core/shard.hpp>

namespace lambent::stream {

/// The world of a process's mappings: its clock, chance, variables, files and host name. What it is made of must outlive it.
class process_world final : public bloblang::environment
{
public:
    process_world(core::shard& on, const aws::environment& variables) : shard_(on), variables_(variables) {}

    core::wall_time now() const override { return shard_.time().wall(); }
    std::uint64_t random() const override { return shard_.chance().next(); }
    bool has_world() const noexcept override { return true; }
    bool variable(std::string_view name, std::string& out) const override;
    core::result<std::string> read_file(const std::string& path) const override { return variables_.read_file(path); }
    std::string hostname() const override;

private:
    core::shard& shard_;
    const aws::environment& variables_;
};

} // namespace lambent::stream
