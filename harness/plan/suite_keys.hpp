// SPDX-License-Identifier: Apache-2.0
// Every key of a suite file, once. Reading and --set use this table, `mneme list suite-keys` and
// docs/suites.md are made from it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "plan/plan.hpp"

namespace mneme::harness {

using SuiteField = std::variant<std::string*, double*, int64_t*, bool*>;

struct SuiteKey {
    std::string table, name;        // "suite" or "method"
    SuiteField (*field)(Suite&);    // null: it is read by a function of its own
    std::vector<std::string> words; // that a text may be; empty: any
    int64_t most;                   // of an integer
    std::string values, fallback;   // for people: what may stand there, and what no key means
    std::string help;               // one sentence
    bool settable = false;          // by --set KEY=VALUE
};

const std::vector<SuiteKey>& suite_keys(); // in the order of docs/suites.md
std::vector<std::string> suite_key_names(const std::string& table);

} // namespace mneme::harness
