// SPDX-License-Identifier: Apache-2.0
#include "cli/live_screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <base/system.hpp>

namespace mneme::cli {
namespace {

winsize size_of_terminal() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) size = {};
    if (size.ws_col == 0) size.ws_col = 80;
    if (size.ws_row == 0) size.ws_row = 24;
    return size;
}

} // namespace

LiveScreen::LiveScreen() : usable_(isatty(STDOUT_FILENO) && base::environment("TERM") != "dumb") {}

// A line that fills the last column would be wrapped by some terminals, and the last row is where
// the cursor stands.
std::size_t LiveScreen::columns() const { return std::max(size_of_terminal().ws_col - 1, 1); }
std::size_t LiveScreen::rows() const { return std::max(size_of_terminal().ws_row - 1, 1); }

void LiveScreen::draw(const std::vector<std::string>& lines) {
    std::string text = drawn_ > 0 ? fmt::format("\033[{}A", drawn_) : "";
    for (const std::string& line : lines) text += "\r\033[K" + line + "\n";
    text += "\033[J";
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    drawn_ = lines.size();
}

} // namespace mneme::cli
