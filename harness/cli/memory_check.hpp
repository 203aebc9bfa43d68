// SPDX-License-Identifier: Apache-2.0
// The check `memory` of mneme check --valgrind: a method trains once under valgrind's memcheck.
#pragma once

#include <filesystem>
#include <string>

namespace mneme::cli {

struct Finding {
    bool passed = false;
    std::string note;
};

// The path of valgrind. Throws base::ExitError (bad_input) where $PATH has none.
std::filesystem::path find_valgrind();

// `request` is for mneme-worker check and has one check, which trains; valgrind's log is written
// beside it.
Finding check_memory(const std::filesystem::path& torch, const std::filesystem::path& request);

// What memcheck's log says: how many faults, and the first of them with the functions nearest to
// it. Empty: none.
std::string first_fault(const std::string& log);

} // namespace mneme::cli
