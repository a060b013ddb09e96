// Stands in for libFuzzer: every file of the corpus folder, then seeded mutations of them (LAMBENT_SEED replays another run).

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int mutations = 4000;
std::uint64_t state = 1;

std::uint64_t next()
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

void run(const std::string& input)
{
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutated(std::string text, const std::vector<std::string>& corpus)
{
    for (std::uint64_t edits = 1 + next() % 4; edits > 0; --edits) {
        const std::size_t at = text.empty() ? 0 : next() % (text.size() + 1);
        switch (next() % 4) {
        case 0:
            text.insert(at, 1, static_cast<char>(next()));
            break;
        case 1:
            if (at < text.size())
                text.erase(at, 1 + next() % 8);
            break;
        case 2:
            if (at < text.size())
                text[at] = static_cast<char>(text[at] ^ static_cast<char>(1U << (next() % 8)));
            break;
        default: {
            const std::string& other = corpus[next() % corpus.size()];
            const std::size_t from = other.empty() ? 0 : next() % other.size();
            text.insert(at, other.substr(from, 1 + next() % 16));
        }
        }
    }
    return text;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    if (const char* seed = std::getenv("LAMBENT_SEED"))
        state = std::strtoull(seed, nullptr, 10) | 1;
    std::vector<std::filesystem::path> paths;
    for (const auto& file : std::filesystem::directory_iterator(argv[1]))
        paths.push_back(file.path());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> corpus;
    for (const auto& path : paths) {
        std::ifstream in(path, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
        run(corpus.back());
    }
    if (corpus.empty()) {
        std::fprintf(stderr, "%s holds no input\n", argv[1]);
        return 1;
    }
    for (int i = 0; i < mutations; ++i)
        run(mutated(corpus[next() % corpus.size()], corpus));
    std::printf("%zu kept inputs and %d mutations\n", corpus.size(), mutations);
    return 0;
}
