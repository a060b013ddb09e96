#include <lambent/data/detail/document.hpp>
#include <lambent/data/detail/short_bytes.hpp>
#include <lambent/data/json.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace lambent::data::detail {
namespace {

constexpr std::size_t few_members = 32;

bool contains(const char* first, const char* end, char c) noexcept
{
    return std::memchr(first, c, static_cast<std::size_t>(end - first)) != nullptr;
}

} // namespace

/// Copies tokens of a document; neighbours in the text become one copy, so that a subtree that is as Go writes it is one.
class document_writer
{
public:
    document_writer(const document& from, std::string& out, bool escape_html) : from_(from), out_(out), escape_html_(escape_html) {}

    bool write(document::token t)
    {
        const char* const first = from_.at_byte(t);
        const char* const end = from_.text_ + from_.starts_[from_.after(t)];
        // U+2028 and U+2029 begin with this byte: they are escaped.
        strange_ = contains(first, end, '\xe2') ||
            (escape_html_ && (contains(first, end, '<') || contains(first, end, '>') || contains(first, end, '&')));
        if (!any(t, document::depth_written_max))
            return false;
        flush();
        return true;
    }

private:
    using token = document::token;

    bool any(token t, unsigned depth)
    {
        switch (*from_.at_byte(t)) {
        case '{':
            return depth > 0 && object(t, depth - 1);
        case '[':
            return depth > 0 && array(t, depth - 1);
        case '"':
            string(t);
            return true;
        default:
            copy(from_.at_byte(t), from_.end_of(t));
            return true;
        }
    }

    bool array(token t, unsigned depth)
    {
        const token end = from_.links_[t];
        one(t, '[');
        for (token i = t + 1; i != end; i = from_.next(i)) {
            if (i != t + 1)
                one(i - 1, ',');
            if (!any(i, depth))
                return false;
        }
        one(end, ']');
        return true;
    }

    /// By key, of equal keys the last one. Keys with escapes are left to the writer of values.
    bool object(token t, unsigned depth)
    {
        const token end = from_.links_[t];
        bool ordered = true;
        std::size_t count = 0;
        std::string_view before;
        for (token i = t + 1; i != end; i = from_.next(i + 2)) {
            const std::string_view key = from_.text(i);
            if (from_.escapes_ && key.find('\\') != std::string_view::npos)
                return false;
            ordered = ordered && (count == 0 || key_before(before, key));
            before = key;
            ++count;
        }
        one(t, '{');
        if (ordered) {
            for (token i = t + 1; i != end; i = from_.next(i + 2)) {
                if (!member(i, i == t + 1, depth))
                    return false;
            }
        } else if (!sorted_members(t, count, depth)) {
            return false;
        }
        one(end, '}');
        return true;
    }

    bool sorted_members(token t, std::size_t count, unsigned depth)
    {
        std::array<token, few_members> few;
        std::vector<token> many;
        if (count > few_members)
            many.resize(count);
        token* const keys = count > few_members ? many.data() : few.data();
        std::size_t n = 0;
        const token end = from_.links_[t];
        for (token i = t + 1; i != end; i = from_.next(i + 2))
            keys[n++] = i;
        const auto by_key = [&](token a, token b) {
            const std::string_view left = from_.text(a);
            const std::string_view right = from_.text(b);
            return key_before(left, right) || (a < b && same_key(left, right));
        };
        std::sort(keys, keys + n, by_key);
        bool first = true;
        for (std::size_t i = 0; i < n; ++i) {
            if (i + 1 < n && from_.text(keys[i]) == from_.text(keys[i + 1]))
                continue;
            if (!member(keys[i], first, depth))
                return false;
            first = false;
        }
        return true;
    }

    bool member(token key, bool first, unsigned depth)
    {
        if (!first)
            one(key - 1, ',');
        string(key);
        one(key + 1, ':');
        return any(key + 2, depth);
    }

    void string(token t)
    {
        const char* const first = from_.at_byte(t);
        const char* const end = from_.end_of(t);
        const bool escaped = from_.escapes_ && contains(first, end, '\\');
        if (!escaped && !strange_) {
            copy(first, end);
            return;
        }
        flush();
        if (escaped)
            write_json_string(out_, from_.at(t).text(), escape_html_);
        else
            write_json_string(out_, {first + 1, end - 1}, escape_html_);
    }

    /// A bracket, comma or colon: copied where the token is that one, which may continue a copy.
    void one(token t, char same)
    {
        const char* at = from_.at_byte(t);
        if (*at == same) {
            copy(at, at + 1);
            return;
        }
        flush();
        out_.push_back(same);
    }
    void copy(const char* first, const char* end)
    {
        if (first != end_) {
            flush();
            begin_ = first;
        }
        end_ = end;
    }
    void flush()
    {
        if (begin_ != end_)
            out_.append(begin_, static_cast<std::size_t>(end_ - begin_));
        begin_ = end_ = nullptr;
    }

    const document& from_;
    std::string& out_;
    bool escape_html_;
    bool strange_ = false;
    const char* begin_ = nullptr;
    const char* end_ = nullptr;
};

bool document::write(std::string& out, token t, bool escape_html) const
{
    const std::size_t before = out.size();
    if (document_writer(*this, out, escape_html).write(t))
        return true;
    out.resize(before);
    return false;
}

} // namespace lambent::data::detail
