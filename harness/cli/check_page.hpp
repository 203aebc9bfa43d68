// SPDX-License-Identifier: Apache-2.0
// What mneme check prints: a line for each check as it ends, or JSON at the end.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <base/error.hpp>
#include <loader/loader.hpp>

namespace mneme::cli {

class CheckPage final {
  public:
    CheckPage(const loader::Plugin&, bool json);

    // verdict: pass, fail or skip. A fault that a check before had too is named once.
    void add(const std::string& method, const std::string& check, const std::string& verdict,
             const std::string& note);
    // Lines that belong to the check added last, under a heading: "output", "stack".
    void detail(const std::string& heading, const std::vector<std::string>& lines);

    base::ExitCode close(); // prints the rest

    const nlohmann::ordered_json& content() const { return out_; }

  private:
    const bool json_, several_;
    nlohmann::ordered_json out_;
    std::map<std::string, int> count_;          // of each verdict
    std::map<std::string, std::string> failed_; // the first check that failed with a note
};

} // namespace mneme::cli
