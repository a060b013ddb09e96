// Any order of asking, writing, reading and giving up: each request ends at most once, in order, and the books of the session agree.
#include <lambent/http/h1_session.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace lambent;

void check(bool promise)
{
    if (!promise)
        std::abort();
}

struct driver
{
    http::h1_session session{http::response_limits{512, 256}, 4};
    std::array<char, 256> names{};
    std::size_t asked = 0;
    std::deque<void*> unanswered;

    /// False once it is broken.
    bool drain()
    {
        for (;;) {
            switch (session.next()) {
            case http::h1_session::event::need_more:
                return true;
            case http::h1_session::event::broken:
                check(static_cast<bool>(session.error().code));
                check(!session.accepts());
                return false;
            case http::h1_session::event::response:
                check(!unanswered.empty() && session.tag() == unanswered.front());
                check(session.progress_of(session.tag()) != http::progress::not_sent);
                check(session.view().status >= 200);
                unanswered.pop_front();
                session.taken();
            }
        }
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    driver d;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (!rest.empty()) {
        const char act = rest.front();
        rest.remove_prefix(1);
        const auto number = static_cast<std::size_t>(rest.empty() ? 0 : static_cast<unsigned char>(rest.front()));
        switch (act) {
        case 'a': // asks
        case 'h':
            if (!d.session.accepts() || d.asked == d.names.size())
                break;
            d.session.output().append(1 + number % 5, 'q');
            d.unanswered.push_back(&d.names[d.asked++]);
            d.session.submit(d.unanswered.back(), act == 'h', std::string_view("rest").substr(0, number % 5));
            break;
        case 'w': // writes some
            d.session.wrote(std::min(number, d.session.pending().size()));
            break;
        case 'b':
            d.session.blocked();
            break;
        case 'x': // gives one up
            if (!d.unanswered.empty()) {
                const auto which = d.unanswered.begin() + static_cast<std::ptrdiff_t>(number % d.unanswered.size());
                const auto how = d.session.abandon(*which);
                d.unanswered.erase(which);
                if (how == http::h1_session::departure::must_close)
                    return 0;
            }
            break;
        case 'e':
            d.session.end((number & 1) != 0);
            d.drain();
            return 0;
        case 'r': { // reads: the length, then the bytes
            if (rest.empty())
                return 0;
            rest.remove_prefix(1);
            const std::string bytes(rest.substr(0, number));
            rest.remove_prefix(bytes.size());
            d.session.feed({bytes.data(), bytes.size()});
            if (!d.drain())
                return 0;
            break;
        }
        default:
            break;
        }
        check(d.session.unanswered() >= d.unanswered.size());
        check(d.session.unanswered() <= 4);
    }
    return 0;
}
