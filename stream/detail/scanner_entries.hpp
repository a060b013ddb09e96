#pragma once

#include <lambent/stream/scanner.hpp>

#include <cstddef>

namespace lambent::stream {

scanner_entry lines_entry();
scanner_entry to_the_end_entry();
scanner_entry chunker_entry();
scanner_entry json_documents_entry();
scanner_entry csv_entry();
scanner_entry skip_bom_entry();

std::unique_ptr<scanner_recipe> lines_recipe(std::string delimiter, std::size_t buffer_max, bool omit_empty);
std::unique_ptr<scanner_recipe> to_the_end_recipe();
std::unique_ptr<scanner_recipe> chunker_recipe(std::size_t size);

} // namespace lambent::stream
