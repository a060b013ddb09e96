#include <lambent/processor/context.hpp>

#include <lambent/http/dialer.hpp>

#include <utility>

namespace lambent::processor {

std::unique_ptr<http::dialer> host::network() { return nullptr; }

metrics_sink& host::metrics()
{
    static metrics_sink dropping;
    return dropping;
}

context::context(processor::host& owner, std::string name, std::string label, std::string path)
    : host_(owner)
{
    data::component_ref ref{std::move(name), std::move(label), std::move(path)};
    ref_ = std::make_shared<const data::component_ref>(std::move(ref));
}

void context::log(core::log_level level, std::string_view message) const { log(level, message, {}); }

void context::log(core::log_level level, std::string_view message, core::log_fields more) const
{
    core::log_sink& sink = host_.log();
    if (!sink.enabled(level))
        return;
    more.emplace_back("label", label());
    more.emplace_back("path", "root." + path());
    sink.write(level, message, more);
}

void context::fail(data::message& which, std::string text) const
{
    log(core::log_level::debug, "Processor failed: " + text);
    which.fail(std::move(text), ref_);
}

void context::fail_unsourced(data::message& which, std::string text) const
{
    log(core::log_level::debug, "Processor failed: " + text);
    which.fail(std::move(text));
}

} // namespace lambent::processor
