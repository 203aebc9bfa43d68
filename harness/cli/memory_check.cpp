// SPDX-License-Identifier: Apache-2.0
#include "cli/memory_check.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include <base/error.hpp>
#include "cli/crash_stack.hpp"
#include "cli/folders.hpp"
#include "supervisor/query_worker.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using base::ExitCode;

constexpr double stall_s = 600; // valgrind is some fifty times slower
constexpr std::size_t functions_named = 3;

// "   by 0x48F2B1: observe (leaks.c:12)" as "observe (leaks.c:12)", without the file where only
// that of the library is known; empty for a
// line of another kind.
std::string function_of(const std::string& line) {
    const auto begin = line.find_first_not_of(' ');
    if (begin == line.npos ||
        (line.compare(begin, 5, "at 0x") != 0 && line.compare(begin, 5, "by 0x") != 0))
        return {};
    const auto colon = line.find(": ", begin);
    return colon == line.npos ? std::string()
                              : line.substr(colon + 2, line.find(" (in ", colon) - colon - 2);
}

} // namespace

fs::path find_valgrind() {
    if (auto program = program_on_path("valgrind"); !program.empty()) return program;
    throw base::ExitError(ExitCode::bad_input,
                          "--valgrind: there is no valgrind on the path; install its package");
}

std::string first_fault(const std::string& log) {
    std::istringstream in(log);
    std::size_t faults = 0, named = 0;
    std::string first;
    bool ours = false;   // a function of the host on the stack says nothing
    bool within = false; // a fault is its sentence, then frames; an empty line ends it
    for (std::string line; std::getline(in, line);) {
        const auto mark = line.find("== ");
        if (line.rfind("==", 0) != 0 || mark == line.npos) {
            within = false;
            continue;
        }
        const auto text = line.substr(mark + 3);
        if (text.find_first_not_of(' ') == text.npos) within = false;
        else if (const auto function = function_of(text); within && !function.empty()) {
            ours |= faults == 1 && function.find("mneme::host::") != function.npos;
            if (faults == 1 && !ours && named++ < functions_named)
                first += fmt::format("{} {}", named == 1 ? ":" : ",", function);
        } else if (!within && text[0] != ' ') {
            within = true;
            if (++faults == 1) first = text;
        }
    }
    if (faults == 0) return {};
    return fmt::format("{} fault{}; {}{}", faults, faults == 1 ? "" : "s",
                       faults == 1 ? "" : "the first: ", first);
}

Finding check_memory(const fs::path& torch, const fs::path& request) {
    const fs::path log = fs::path(request).replace_filename("valgrind.log");
    supervisor::Launch launch =
        supervisor::worker_launch(worker_program(torch), {"check", request.string()});
    // Values that were never set are not looked for: vector code reads past its ends by design.
    launch.under = {find_valgrind().string(),
                    "--tool=memcheck",
                    "--leak-check=full",
                    "--show-leak-kinds=definite",
                    "--errors-for-leak-kinds=definite",
                    "--undef-value-errors=no",
                    "--quiet",
                    "--log-file=" + log.string()};
    const supervisor::Answer answer =
        supervisor::query_worker(launch, {}, {{0, stall_s, 0}, 1, 1 << 20});
    supervisor::require_answer(answer, "mneme check");
    std::ifstream in(log);
    const std::string said((std::istreambuf_iterator<char>(in)), {});
    if (auto fault = first_fault(said); !fault.empty()) return {false, fault};
    if (!answer.find<protocol::Checked>()) return {false, answer.exit.reason()};
    return {true, "trained once under valgrind: no leak, no access outside what is allocated"};
}

} // namespace mneme::cli
