#include <lambent/aws/credentials.hpp>

#include <lambent/sigv4/digest.hpp>

#include <utility>

namespace lambent::aws {

secret_string::secret_string(std::string text) : text_(std::move(text))
{
    // A short string was copied, not moved.
    sigv4::wipe(text);
}

secret_string::secret_string(secret_string&& other) noexcept : text_(std::move(other.text_))
{
    sigv4::wipe(other.text_);
}

secret_string& secret_string::operator=(const secret_string& other)
{
    if (this != &other) {
        sigv4::wipe(text_);
        text_.reserve(other.text_.size());
        text_ = other.text_;
    }
    return *this;
}

secret_string& secret_string::operator=(secret_string&& other) noexcept
{
    if (this != &other) {
        sigv4::wipe(text_);
        text_ = std::move(other.text_);
        sigv4::wipe(other.text_);
    }
    return *this;
}

secret_string::~secret_string()
{
    sigv4::wipe(text_);
}

} // namespace lambent::aws
