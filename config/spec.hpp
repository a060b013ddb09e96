#pragma once

#include <lambent/config/node.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::config {

/// What a field holds. Component kinds hold a component object of that kind.
enum class field_type {
    string, integer, real, boolean, duration,
    bloblang,      ///< a mapping
    interpolated,  ///< a string with ${! } parts
    object,        ///< with fields of its own
    any,           ///< not looked into
    input, output, processor, buffer, rate_limit, cache, metrics, tracer, scanner,
};

enum class shape { one, array, array_of_arrays, map };

/// What the linter checks beyond the type.
enum class field_rule {
    none,
    arrays_of_strings, ///< a map whose values are lists of strings
    own_label,         ///< a list of resources, each with a label
};

class spec;

/// One declared field; chained: `field("timeout", field_type::duration).fallback("5s")`.
struct field_spec
{
    std::string name;
    field_type type = field_type::string;
    config::shape shape = shape::one;
    std::optional<std::string> default_value;   ///< YAML text; absent and not `optional`: a single value is required, lists and maps are empty
    bool is_optional = false;                   ///< may be missing, without a default
    bool is_deprecated = false;
    bool is_secret = false;
    bool is_advanced = false;
    std::vector<std::string> options;           ///< of an enumeration that the linter checks, in any case; empty: free
    field_rule rule = field_rule::none;
    std::shared_ptr<const spec> children;       ///< of an object
    std::string about;                          ///< one sentence for people
};

/// The declared fields of one component or section. Declared once; read by the linter and by `reader`.
class spec
{
public:
    spec() = default;
    explicit spec(std::string name, std::string about = {}) : name_(std::move(name)), about_(std::move(about)) {}

    /// Required unless `fallback` or `optional` follows; lists and maps are then empty. Each of these edits the field added last.
    spec& field(std::string name, field_type type, std::string about = {});
    spec& list(std::string name, field_type type, std::string about = {});           ///< array of
    spec& lists(std::string name, field_type type, std::string about = {});          ///< array of arrays of
    spec& table(std::string name, field_type type, std::string about = {});          ///< map of
    spec& object(std::string name, spec children, std::string about = {});           ///< optional as a whole: its fields have defaults
    spec& objects(std::string name, spec children, std::string about = {});          ///< array of objects
    spec& object_table(std::string name, spec children, std::string about = {});     ///< map of objects
    spec& add(field_spec field);                                                     ///< as declared elsewhere
    spec& fallback(std::string yaml);
    spec& optional();
    spec& deprecated();
    spec& secret();
    spec& advanced();
    spec& one_of(std::vector<std::string> options);
    spec& checked(field_rule rule);
    spec& include(const spec& other);
    spec& deprecated_component();

    /// For components whose value is not an object of fields: `mapping: <bloblang>`, `try: [processors]`, `switch: [objects]`.
    static spec scalar(std::string name, field_type type, std::optional<std::string> fallback = {}, std::string about = {});
    static spec array(std::string name, field_type type, std::optional<std::string> fallback = {}, std::string about = {});
    static spec array_of(std::string name, spec children, std::optional<std::string> fallback = {}, std::string about = {});

    static spec self_field(std::string name, field_spec field, std::string about = {});

    const std::string& name() const noexcept { return name_; }
    const std::string& about() const noexcept { return about_; }
    const std::vector<field_spec>& fields() const noexcept { return fields_; }
    const field_spec* find(std::string_view name) const noexcept;
    /// Set when the component's value itself is the field (scalar, array).
    const std::optional<field_spec>& self() const noexcept { return self_; }
    bool is_deprecated_component() const noexcept { return component_deprecated_; }

private:
    field_spec& last();

    std::string name_;
    std::string about_;
    std::vector<field_spec> fields_;
    std::optional<field_spec> self_;
    bool component_deprecated_ = false;
};

/// Typed reads of one component's value by its spec, defaults filled in. Errors have the original's words,
/// e.g. "field 'retries': yaml: unmarshal errors:\n  line 7: cannot unmarshal !!str `many` into int",
/// "field 'function' is required and was not present in the config",
/// "failed to parse 'timeout' as a duration string: time: missing unit in duration \"5\"".
///
/// Paths are dotted: `read.string("credentials.id")`. A name that the spec lacks is our own mistake: asserted.
class reader
{
public:
    /// @param spec  must outlive the reader
    reader(const config::spec& spec, config::node value);

    /// Reads every field as the constructor of any component of the original does: the first value of a wrong type in the order
    /// they are written, then the first required field that is missing. Components inside are not looked into. Builders call it before `make`.
    core::result<void> check() const;

    /// Written by the user (not a default).
    bool has(std::string_view path) const;
    config::node raw(std::string_view path = {}) const;        ///< absent when not written

    core::result<std::string> string(std::string_view path = {}) const;
    core::result<std::int64_t> integer(std::string_view path = {}) const;
    core::result<double> real(std::string_view path = {}) const;
    core::result<bool> boolean(std::string_view path = {}) const;
    core::result<core::duration> duration(std::string_view path = {}) const;
    /// nullopt: optional and not written, or written empty ("").
    core::result<std::optional<core::duration>> optional_duration(std::string_view path) const;
    core::result<std::vector<std::string>> strings(std::string_view path = {}) const;
    core::result<std::vector<std::int64_t>> integers(std::string_view path = {}) const;
    core::result<std::vector<std::pair<std::string, std::string>>> string_map(std::string_view path) const;
    /// Elements of an array of components, of sub-objects, of a map: raw nodes, in order.
    std::vector<config::node> elements(std::string_view path = {}) const;
    /// A reader for the i-th element of an array of objects, or of a sub-object.
    reader object(std::string_view path) const;
    std::vector<reader> objects(std::string_view path = {}) const;

private:
    struct target;
    target at(std::string_view path) const;
    core::result<config::node> value_at(std::string_view path) const;
    core::error placed(std::string_view path, core::error e) const;

    const config::spec* spec_;
    config::node value_;
};

} // namespace lambent::config
