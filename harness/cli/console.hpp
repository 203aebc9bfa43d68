// SPDX-License-Identifier: Apache-2.0
// What the user sees. Results go to stdout; everything else goes through a Console, to stderr.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <base/status_output.hpp>

namespace mneme::cli {

class Console final : public base::StatusOutput {
  public:
    explicit Console(bool quiet);

    void say(const std::string& line) const override; // silent under --quiet
    void warn(const std::string& line) const override;
    void fault(const std::string& line) const;

    bool live() const override { return live_; }
    void draw(const std::string& text) const override;

    bool quiet() const { return quiet_; }

  private:
    void print(const char* colour, const std::string& line) const;

    bool quiet_, colour_, live_;
    mutable bool drawn_ = false;
};

// Writes a result to stdout. Throws base::ExitError (temporary) when stdout is full or closed.
void print_result(const std::string& text);

// Text that is not UTF-8 is written with U+FFFD, everything beyond ASCII as \u....
std::string json_text(const nlohmann::ordered_json&);

// Cut after `most` characters, never inside a UTF-8 sequence.
std::string cut(const std::string& text, std::size_t most);

// Whether results may carry colour: stdout is a terminal and NO_COLOR is not set.
bool colour_on_stdout();

} // namespace mneme::cli
