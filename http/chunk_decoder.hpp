#pragma once

#include <lambent/http/errc.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace lambent::http {

/// Takes a chunked body apart (RFC 9112 §7.1), strictly. Decides only.
///
///     size -> (extension) -> data -> size ... -> size 0 -> trailers -> complete
class chunk_decoder
{
public:
    enum class state : std::uint8_t { open, complete, failed };

    /// @param body_max      of all chunks together
    /// @param overhead_max  of extensions and trailers together
    chunk_decoder(std::size_t body_max, std::size_t overhead_max) noexcept : body_max_(body_max), overhead_max_(overhead_max) {}

    void begin() noexcept;
    /// Appends what is data to `body`; says how many bytes were used: all, unless complete or failed.
    std::size_t feed(std::span<const char> bytes, std::string& body);

    state where() const noexcept { return state_; }
    /// Why it failed.
    errc code() const noexcept { return code_; }
    const char* why() const noexcept { return why_; }

private:
    enum class part : std::uint8_t { size_first, size, extension, size_lf, data, data_cr, data_lf, trailer };

    void control(char c);
    void size_char(char c);
    void trailer_line();
    void fail(errc code, const char* why) noexcept;

    std::size_t body_max_;
    std::size_t overhead_max_;
    state state_ = state::open;
    part part_ = part::size_first;
    unsigned digits_ = 0;
    std::uint64_t left_ = 0;    ///< of the chunk
    std::size_t overhead_ = 0;
    std::string line_;          ///< a trailer line begun
    errc code_ = errc::malformed_response;
    const char* why_ = "";
};

} // namespace lambent::http
