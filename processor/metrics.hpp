#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace lambent::processor {

/// Where the `metric` processor's numbers go. The defaults drop them: a host without an exporter need not override.
class metrics_sink
{
public:
    /// Label names in order, each with the value of this message.
    using labels = std::span<const std::pair<std::string, std::string>>;

    virtual ~metrics_sink() = default;
    virtual void count(std::string_view name, labels with, double by) { (void)name; (void)with; (void)by; }
    virtual void gauge(std::string_view name, labels with, double to) { (void)name; (void)with; (void)to; }
    virtual void timing(std::string_view name, labels with, double nanoseconds) { (void)name; (void)with; (void)nanoseconds; }
};

} // namespace lambent::processor
