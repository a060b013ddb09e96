#pragma once

#include <lambent/bloblang/arguments.hpp>

#include <vector>

/// The groups of the language's library: one function per source file, listed in registry.cpp.
namespace lambent::bloblang {

using definitions = std::vector<definition>;

const definitions& message_functions();    // functions_message.cpp
const definitions& general_functions();    // functions_general.cpp
const definitions& random_functions();     // functions_random.cpp
const definitions& world_functions();      // functions_world.cpp

const definitions& control_methods();      // methods_control.cpp
const definitions& conversion_methods();   // methods_conversion.cpp
const definitions& integer_methods();      // methods_integers.cpp
const definitions& string_methods();       // methods_strings.cpp
const definitions& escape_methods();       // methods_escapes.cpp
const definitions& regexp_methods();       // methods_regexp.cpp
const definitions& array_methods();        // methods_arrays.cpp
const definitions& ordering_methods();     // methods_ordering.cpp
const definitions& query_methods();        // methods_queries.cpp
const definitions& object_methods();       // methods_objects.cpp
const definitions& number_methods();       // methods_numbers.cpp
const definitions& time_methods();         // methods_time.cpp
const definitions& duration_methods();     // methods_duration.cpp
const definitions& encoding_methods();     // methods_encoding.cpp
const definitions& hash_methods();         // methods_hash.cpp
const definitions& cipher_methods();       // methods_cipher.cpp
const definitions& compression_methods();  // methods_compression.cpp
const definitions& json_methods();         // methods_json.cpp
const definitions& yaml_methods();         // methods_yaml.cpp
const definitions& text_format_methods();  // methods_text_formats.cpp
const definitions& url_methods();          // methods_url.cpp
const definitions& schema_methods();       // methods_schema.cpp
const definitions& nested_methods();       // methods_nested.cpp
const definitions& id_methods();           // methods_ids.cpp

} // namespace lambent::bloblang
