// sigv4_vectors FILE...: checks the signer, stage by stage, against recorded requests; see docs of the forms in vectors' README.
#include "sigv4_case.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

namespace vectors = lambent::vectors;

namespace {

bool run_file(const char* path, vectors::tally& count)
{
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    boost::json::error_code failed;
    const boost::json::value document = boost::json::parse(text.str(), failed);
    if (!in || failed || !document.is_object() || !document.as_object().contains("cases")) {
        std::cerr << "sigv4_vectors: " << path << ": not a readable file of cases" << (failed ? ": " + failed.message() : "") << '\n';
        return false;
    }
    for (const boost::json::value& one : document.at("cases").as_array()) {
        const boost::json::object& test = one.as_object();
        if (test.contains("function")) {
            vectors::run_lambda_request(test, count);
        } else {
            vectors::run_header_variant(test, count);
            vectors::run_query_variant(test, count);
        }
    }
    return true;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::cerr << "usage: sigv4_vectors FILE...\n";
        return 1;
    }
    vectors::tally count;
    bool readable = true;
    for (int i = 1; i < argc; ++i)
        readable = run_file(argv[i], count) && readable;
    std::cout << count.passed << " passed, " << count.failed << " failed\n";
    return readable && count.failed == 0 && count.passed > 0 ? 0 : 1;
}
