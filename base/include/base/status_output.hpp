// SPDX-License-Identifier: Apache-2.0
// Where a long piece of work says what happens meanwhile; the command line shows it.
#pragma once

#include <string>

namespace mneme::base {

class StatusOutput {
  public:
    virtual ~StatusOutput() = default;
    virtual void say(const std::string& line) const = 0;
    virtual void warn(const std::string& line) const = 0;

    // One line that is drawn over itself; only where `live`. An empty text removes it.
    virtual bool live() const = 0;
    virtual void draw(const std::string& text) const = 0;
};

} // namespace mneme::base
