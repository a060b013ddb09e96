#include <lambent/stream/writer_codec.hpp>

#include <lambent/stream/errc.hpp>

namespace lambent::stream {

core::result<writer_codec> writer_codec::parse(std::string_view text)
{
    constexpr std::string_view delim = "delim:";
    writer_codec codec;
    if (text == "lines")
        codec.delimiter = "\n";
    else if (text == "all-bytes")
        codec.truncate = true;
    else if (text.starts_with(delim) && text.size() > delim.size())
        codec.delimiter = text.substr(delim.size());
    else if (text != "append")
        return core::error{errc::invalid_config, "codec was not recognised: " + std::string(text)};
    return codec;
}

void writer_codec::append(std::string& out, std::string_view message) const
{
    out += message;
    if (!message.ends_with(delimiter))
        out += delimiter;
}

} // namespace lambent::stream
