#include <lambent/cli/mapped_lines.hpp>
#include <lambent/cli/repl.hpp>
#include <lambent/cli/repl_session.hpp>

#include <lambent/aws/environment.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/stream/process_world.hpp>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <histedit.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lambent::cli {
namespace {

/// Entries of the history that are kept, here and in its file.
constexpr int history_entries_max = 1000;
/// Of the file given with -i, only the first line is read.
constexpr std::size_t input_line_bytes_max = 64u << 20;
/// More names than that are counted instead of listed.
constexpr std::size_t completions_shown_max = 60;

struct closer
{
    void operator()(EditLine* line) const noexcept { el_end(line); }
    void operator()(History* history) const noexcept { history_end(history); }
};

/// The state that libedit's callbacks reach through EL_CLIENTDATA.
struct terminal
{
    repl_session& session;
    bool interrupted = false;
};

terminal& terminal_of(EditLine* line)
{
    void* data = nullptr;
    el_get(line, EL_CLIENTDATA, &data);
    return *static_cast<terminal*>(data);
}

char* prompt(EditLine* line)
{
    static char first[] = "blobl> ";
    static char further[] = "  ...> ";
    return terminal_of(line).session.unfinished() ? further : first;
}

/// What all of them begin with.
std::string common_start(const std::vector<std::string>& words)
{
    std::string out = words.front();
    for (const std::string& w : words)
        out.resize(static_cast<std::size_t>(std::mismatch(out.begin(), out.end(), w.begin(), w.end()).first - out.begin()));
    return out;
}

unsigned char complete(EditLine* line, int)
{
    const LineInfo* info = el_line(line);
    const std::string_view before(info->buffer, static_cast<std::size_t>(info->cursor - info->buffer));
    std::size_t start = 0;
    const std::vector<std::string> words = repl_session::completions(before, start);
    if (words.empty())
        return CC_REFRESH_BEEP;
    const std::string more = common_start(words).substr(before.size() - start);
    if (!more.empty())
        return el_insertstr(line, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    std::fputc('\n', stdout);
    if (words.size() > completions_shown_max) {
        std::printf("%zu names fit", words.size());
    } else {
        for (const std::string& w : words)
            std::printf("%s  ", w.c_str());
    }
    std::fputc('\n', stdout);
    return CC_REDISPLAY;
}

unsigned char interrupt(EditLine* line, int)
{
    terminal_of(line).interrupted = true;
    std::fputs("^C", stdout);
    return CC_NEWLINE;
}

/// $XDG_STATE_HOME/lambent/blobl_history, the folder made where it is missing; empty: there is no place for one.
std::string history_file()
{
    const aws::environment& variables = aws::process_environment();
    std::filesystem::path folder = variables.variable("XDG_STATE_HOME").value_or("");
    // The specification tells to ignore a relative path.
    if (!folder.is_absolute()) {
        const auto home = variables.variable("HOME");
        if (!home || home->empty())
            return {};
        folder = std::filesystem::path(*home) / ".local" / "state";
    }
    folder /= "lambent";
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    return failed ? std::string() : (folder / "blobl_history").string();
}

/// Entries are the user's own business: the file is made for this user alone.
void keep_history(History* history, const std::string& path)
{
    if (path.empty())
        return;
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0)
        return;
    ::close(file);
    HistEvent event;
    ::history(history, &event, H_SAVE, path.c_str());
}

int fail(const std::string& text)
{
    std::fprintf(stderr, "lambent blobl: %s\n", text.c_str());
    return 1;
}

/// 0, or the exit code.
int read_first_document(repl_session& session, const std::string& path)
{
    const int from = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return fail(path + " cannot be opened: " + std::strerror(errno));
    line_reader lines(from, input_line_bytes_max);
    std::string_view line;
    const line_reader::found what = lines.next(line);
    const int number = errno;
    ::close(from);
    if (what == line_reader::found::line)
        session.set_document(std::string(line));
    if (what == line_reader::found::too_long)
        return fail("the first line of " + path + " is longer than " + std::to_string(input_line_bytes_max) + " bytes");
    return what == line_reader::found::failed ? fail(path + " cannot be read: " + std::strerror(number)) : 0;
}

void set_up(EditLine* line, History* history, terminal& state)
{
    el_set(line, EL_CLIENTDATA, &state);
    el_set(line, EL_PROMPT, prompt);
    el_set(line, EL_EDITOR, "emacs");
    el_set(line, EL_HIST, ::history, history);
    el_set(line, EL_ADDFN, "complete", "Complete a name", complete);
    el_set(line, EL_BIND, "^I", "complete", nullptr);
    el_set(line, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    // Ctrl-C drops what is being entered: it comes as a character, not as a signal, while a line is edited.
    el_set(line, EL_SETTY, "-d", "-isig", nullptr);
    el_set(line, EL_ADDFN, "interrupt", "Drop what has been entered", interrupt);
    el_set(line, EL_BIND, "^C", "interrupt", nullptr);
}

/// Ctrl-C between two prompts, while no line is edited, is a signal.
volatile std::sig_atomic_t interrupted_between = 0;

void note_interrupt(int) { interrupted_between = 1; }

void outlive_interrupts()
{
    struct sigaction noted{};
    noted.sa_handler = note_interrupt;
    noted.sa_flags = SA_RESTART;
    sigaction(SIGINT, &noted, nullptr);
}

void converse(repl_session& session, EditLine* line, History* history, terminal& state, const std::string& path)
{
    for (;;) {
        if (interrupted_between != 0) {
            interrupted_between = 0;
            session.abandon();
        }
        int size = 0;
        const char* entered = el_gets(line, &size);
        if (state.interrupted) {
            state.interrupted = false;
            session.abandon();
            continue;
        }
        if (entered == nullptr || size <= 0)
            break;
        std::string_view text(entered, static_cast<std::size_t>(size));
        while (text.ends_with('\n') || text.ends_with('\r'))
            text.remove_suffix(1);
        if (text.find_first_not_of(" \t") != std::string_view::npos) {
            HistEvent event;
            ::history(history, &event, H_ENTER, std::string(text).c_str());
            keep_history(history, path);
        }
        const repl_session::reply reply = session.enter(text);
        std::fwrite(reply.text.data(), 1, reply.text.size(), stdout);
        std::fflush(stdout);
        if (reply.quit)
            return;
    }
    std::fputc('\n', stdout);
}

} // namespace

int run_repl(const std::string& input_file)
{
    // Characters of several bytes are edited as one where the locale says so; every Debian has C.UTF-8.
    if (const char* set = std::setlocale(LC_CTYPE, ""); set == nullptr || std::strcmp(set, "C") == 0)
        std::setlocale(LC_CTYPE, "C.UTF-8");
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    const stream::process_world world(shard, aws::process_environment());
    repl_session session(world);
    if (!input_file.empty()) {
        if (const int code = read_first_document(session, input_file))
            return code;
    }
    const std::unique_ptr<History, closer> history(history_init());
    const std::unique_ptr<EditLine, closer> line(el_init("lambent", stdin, stdout, stderr));
    if (!history || !line)
        return fail("the terminal cannot be set up");
    HistEvent event;
    ::history(history.get(), &event, H_SETSIZE, history_entries_max);
    ::history(history.get(), &event, H_SETUNIQUE, 1);
    const std::string path = history_file();
    if (!path.empty())
        ::history(history.get(), &event, H_LOAD, path.c_str());
    terminal state{session};
    set_up(line.get(), history.get(), state);
    std::puts("Bloblang. A mapping runs on the document {} or what :in sets; :help says more, :quit ends.");
    outlive_interrupts();
    converse(session, line.get(), history.get(), state, path);
    return 0;
}

} // namespace lambent::cli
