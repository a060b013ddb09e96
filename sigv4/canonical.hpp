#pragma once

#include <lambent/core/error.hpp>
#include <lambent/sigv4/request_view.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::sigv4 {

inline constexpr std::size_t headers_max = 128;
inline constexpr std::size_t query_parameters_max = 1024;

/// ASCII case folded; RFC 9110 §5.1.
bool same_name(std::string_view a, std::string_view b) noexcept;
bool is_token(std::string_view name) noexcept; ///< RFC 9110 §5.6.2

/// The headers of a signature: checked, sorted by lower-case name, those of one name in the order given.
class canonical_headers
{
public:
    void clear() noexcept { count_ = 0; }
    /// Keeps the view. Errors: invalid_header_name, invalid_header_value, too_many_fields.
    core::result<void> add(const field_view& header);
    bool contains(std::string_view name) const noexcept;
    void sort() noexcept;

    /// "host;x-amz-date"
    void append_names(std::string& out) const;
    /// "host:example.com\nx-amz-date:20150830T123600Z\n"; values trimmed, runs of blanks and folds one space, same names joined by ','.
    void append_lines(std::string& out) const;

private:
    std::array<field_view, headers_max> list_;
    std::size_t count_ = 0;
};

/// The query of a signature: every name and value decoded, encoded the one way, sorted.
class canonical_query
{
public:
    void clear() noexcept;
    /// As on the wire. Error: too_many_fields.
    core::result<void> add_wire(std::string_view query);
    core::result<void> add(std::string_view name, std::string_view value);
    bool contains(std::string_view name) const noexcept; ///< unreserved letters only; exact case
    void sort();
    void append(std::string& out) const;

private:
    struct parameter
    {
        std::size_t begin;       // of the name in text_
        std::size_t name_end;    // the value begins here
        std::size_t end;
    };
    std::string_view name_of(const parameter& p) const noexcept { return std::string_view(text_).substr(p.begin, p.name_end - p.begin); }
    std::string_view value_of(const parameter& p) const noexcept { return std::string_view(text_).substr(p.name_end, p.end - p.name_end); }

    std::string text_; // encoded names and values, one after the other
    std::vector<parameter> list_;
    std::string decoded_;
};

/// SigV4, "Create a canonical request", step 2.
void append_canonical_path(std::string& out, std::string_view path, const signing_options& options);

} // namespace lambent::sigv4
