// SPDX-License-Identifier: Apache-2.0
// What the tests of the plan room share: files in a folder of their own, and the message of a
// fault.
#pragma once

#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <base/error.hpp>

#include "../folder.hpp"
#include "plan/benchmark.hpp"
#include "plan/planner.hpp"
#include "plan/suite.hpp"

namespace plan_test {

namespace fs = std::filesystem;

using mneme::test::Folder;

// "65 message" of what was thrown, "" when nothing was. An exception of another type ends the test.
template <class F> std::string fault_of(F action) {
    try {
        action();
    } catch (const mneme::base::ExitError& fault) {
        return std::to_string(static_cast<int>(fault.code())) + " " + fault.what();
    }
    return "";
}

// A benchmark that needs no data set, 12 lines.
inline const char* const tiny =
    "[stream]\nkind = \"synthetic\"\ntasks = 3\nclasses_per_task = 2\nfeatures = 6\nseparation = "
    "3.0\n"
    "train_examples = 60\ntest_examples = 30\n[network]\nhidden = [8]\n[train]\nlr = 0.01\n";

inline const char* const head = "benchmarks = [\"tiny\"]\nseeds = 2\n"; // a suite's lines 1 and 2

class Suites final {
  public:
    Suites() {
        folder.write("b/tiny.toml", tiny);
        over.benchmark_folders = {folder.path() / "b"};
    }
    mneme::harness::Suite load(const std::string& text) const {
        return mneme::harness::load_suite(folder.write("s.toml", text), over);
    }
    std::string fault(const std::string& text) const {
        return folder.shorten(fault_of([&] { load(text); }));
    }

    Folder folder;
    mneme::harness::Overrides over;
};

} // namespace plan_test
