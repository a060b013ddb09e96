#pragma once

#if LAMBENT_CATCH_VERSION >= 3
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <lambent/core/error.hpp>

// Boost's own printer asks every value type for an operator<<.
namespace Catch {

template <class T>
struct StringMaker<lambent::core::result<T>>
{
    static std::string convert(const lambent::core::result<T>& r)
    {
        return r ? "a value" : r.error().code.to_string() + ": " + r.error().text();
    }
};

template <>
struct StringMaker<lambent::core::error>
{
    static std::string convert(const lambent::core::error& e) { return e.code.to_string() + ": " + e.text(); }
};

} // namespace Catch
