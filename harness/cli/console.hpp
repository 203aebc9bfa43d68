// SPDX-License-Identifier: Apache-2.0
// What the user sees. Results go to stdout; everything else goes through a Console, to stderr.
#pragma once

#include <string>

namespace mneme::cli {

class Console final {
  public:
    explicit Console(bool quiet);

    void say(const std::string& line) const; // silent under --quiet
    void warn(const std::string& line) const;
    void fault(const std::string& line) const;

    // One line that is drawn over itself; only where `live`. An empty text removes it.
    bool live() const { return live_; }
    void draw(const std::string& text) const;

    bool quiet() const { return quiet_; }

  private:
    void print(const char* colour, const std::string& line) const;

    bool quiet_, colour_, live_;
    mutable bool drawn_ = false;
};

// Writes a result to stdout. Throws mneme::Error (75) when stdout is full or closed.
void print_result(const std::string& text);

// Whether results may carry colour: stdout is a terminal and NO_COLOR is not set.
bool colour_on_stdout();

} // namespace mneme::cli
