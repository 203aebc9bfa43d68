// SPDX-License-Identifier: Apache-2.0
#include "cli/console.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <mneme/error.hpp>

#include "cli/exit_code.hpp"

namespace mneme::cli {
namespace {

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

// Cuts after `most` characters, never inside a UTF-8 sequence.
std::string cut(const std::string& text, std::size_t most) {
    std::size_t seen = 0, at = 0;
    for (; at < text.size(); ++at)
        if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++seen > most) break;
    return text.substr(0, at);
}

} // namespace

Console::Console(bool quiet)
    : quiet_(quiet), colour_(isatty(STDERR_FILENO) && wants_colour()),
      live_(!quiet && isatty(STDERR_FILENO) &&
            !(std::getenv("TERM") && std::strcmp(std::getenv("TERM"), "dumb") == 0)) {}

void Console::print(const char* colour, const std::string& line) const {
    draw("");
    const std::string text =
        colour_ && *colour ? fmt::format("\033[{}m{}\033[0m\n", colour, line) : line + "\n";
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
    const std::string shown = "\r\033[2K" + cut(text, columns() - 1);
    std::fwrite(shown.data(), 1, shown.size(), stderr);
    std::fflush(stderr);
    drawn_ = !text.empty();
}

bool colour_on_stdout() { return isatty(STDOUT_FILENO) && wants_colour(); }

void print_result(const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (!written || std::fflush(stdout) != 0)
        throw Error(
            fmt::format("stdout: cannot write the result: {}; make room or give another file",
                        std::strerror(errno)),
            temporary);
}

} // namespace mneme::cli
