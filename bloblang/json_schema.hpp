#pragma once

#include <lambent/bloblang/failure.hpp>
#include <lambent/data/value.hpp>

#include <memory>
#include <string_view>
#include <variant>

namespace lambent::bloblang {

/// A JSON Schema (drafts 4, 6 and 7; references inside the document only).
class json_schema
{
public:
    static std::variant<std::shared_ptr<json_schema>, problem> compile(std::string_view text);

    /// Null when `v` is valid; else every finding on a line: "a.0 invalid type. expected: string, given: integer".
    problem check(const data::value& v) const;

private:
    explicit json_schema(data::value root) : root_(std::move(root)) {}
    data::value root_;
};

} // namespace lambent::bloblang
