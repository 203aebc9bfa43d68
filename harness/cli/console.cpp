// SPDX-License-Identifier: Apache-2.0
#include "cli/console.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <base/text.hpp>

#include <base/error.hpp>

namespace mneme::cli {
namespace {

using base::ExitCode;

// https://no-color.org: set and not empty means no colour.
bool wants_colour() {
    const char* no = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    return !(no && *no) && !(terminal && std::strcmp(terminal, "dumb") == 0);
}

std::size_t columns() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// What is shown may quote a plugin or a stranger's file: of control characters only the end of a
// line reaches a terminal.
std::string clean_lines(const std::string& text) {
    std::string out;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        out += base::one_line(std::string_view(text).substr(begin, end - begin));
        if (end < text.size()) out += '\n';
        begin = end + 1;
    }
    return out;
}

} // namespace

std::string cut(const std::string& text, std::size_t most) {
    std::size_t seen = 0, at = 0;
    for (; at < text.size(); ++at)
        if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++seen > most) break;
    return text.substr(0, at);
}

Console::Console(bool quiet)
    : quiet_(quiet), colour_(isatty(STDERR_FILENO) && wants_colour()),
      live_(!quiet && isatty(STDERR_FILENO) &&
            !(std::getenv("TERM") && std::strcmp(std::getenv("TERM"), "dumb") == 0)) {}

void Console::print(const char* colour, const std::string& line) const {
    draw("");
    const std::string clean = clean_lines(line);
    const std::string text =
        colour_ && *colour ? fmt::format("\033[{}m{}\033[0m\n", colour, clean) : clean + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

void Console::say(const std::string& line) const {
    if (!quiet_) print("", line);
}

void Console::warn(const std::string& line) const { print("33", line); }

void Console::fault(const std::string& line) const { print("31", line); }

void Console::draw(const std::string& text) const {
    if (!live_ || (text.empty() && !drawn_)) return;
    const std::string shown = "\r\033[2K" + cut(base::one_line(text), columns() - 1);
    std::fwrite(shown.data(), 1, shown.size(), stderr);
    std::fflush(stderr);
    drawn_ = !text.empty();
}

std::string json_text(const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void print_result(const std::string& given) {
    const std::string text = clean_lines(given);
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (written && std::fflush(stdout) == 0) return;
    if (errno == EPIPE) return; // a reader that has seen enough (| head) is not a failure
    throw base::ExitError(
        ExitCode::temporary,
        fmt::format("stdout: cannot write the result: {}; make room or give another file",
                    std::strerror(errno)));
}

bool colour_on_stdout() { return isatty(STDOUT_FILENO) && wants_colour(); }

} // namespace mneme::cli
