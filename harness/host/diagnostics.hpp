// SPDX-License-Identifier: Apache-2.0
// Quantities that a method reports of itself. The host checks them; a sink keeps them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mneme::host {
class Diagnostics;
}

struct mneme_diagnostic {
    mneme::host::Diagnostics* owner;
    std::string name, unit, help;
    int64_t length; // numbers a replica
};

namespace mneme::host {

class DiagnosticSink {
  public:
    virtual ~DiagnosticSink() = default;
    // Of the task under way, [S, length] row by row. A later report of the task replaces it.
    virtual void reported(const mneme_diagnostic&, const std::vector<double>& values) = 0;
};

class Diagnostics final {
  public:
    // Where reports go; null: nowhere.
    void send_to(DiagnosticSink* sink) { sink_ = sink; }

    // Throws mneme::Error where a name is taken, or a name, unit or length does not fit.
    mneme_diagnostic* declare(const std::string& name, const std::string& unit,
                              const std::string& help, int64_t length);
    // Throws mneme::Error while the method is constructed: there is no task yet to report it of.
    void report(const mneme_diagnostic&, const std::vector<double>& values) const;
    void set_constructing(bool constructing) { constructing_ = constructing; }

  private:
    std::vector<std::unique_ptr<mneme_diagnostic>> declared_;
    DiagnosticSink* sink_ = nullptr;
    bool constructing_ = false;
};

} // namespace mneme::host
