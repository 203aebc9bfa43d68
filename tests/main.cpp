// SPDX-License-Identifier: Apache-2.0
// The one main of all Catch2 programs: random order with a printed seed, no test without an
// assertion, no program without a test. Results go case by case to the file named by
// MNEME_TEST_COUNTS (tests/count_cases.py reads it); a crash therefore loses one case at most.
#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_session.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
using Listener = Catch::EventListenerBase;
constexpr auto random_order = Catch::TestRunOrder::Randomized;
#else
#define CATCH_CONFIG_RUNNER
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>
using Listener = Catch::TestEventListenerBase;
constexpr auto random_order = Catch::RunTests::InRandomOrder;
#endif

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>

#include "catch.hpp"

namespace {

struct Progress {
    unsigned cases = 0;
    bool began = false;
    std::string name;    // of the running case
    std::string skipped; // why it was skipped
} progress;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

// One line a record, opened and appended at once: several programs write to the same file, and some
// of them die.
void record(const std::string& kind, const std::string& name = "", std::string why = "") {
    const auto path = variable("MNEME_TEST_COUNTS");
    if (path.empty()) return;
    for (auto& letter : why) letter = letter == '\n' || letter == '\t' ? ' ' : letter;
    std::ofstream(path, std::ios::app)
        << variable("MNEME_TEST_NAME") + '\t' + kind + '\t' + name + '\t' + why + '\n'
        << std::flush;
}

struct CaseCounts final : Listener {
    using Listener::Listener;
    void testRunStarting(const Catch::TestRunInfo&) override {
        progress.began = true;
        record("start");
    }
    void testCaseStarting(const Catch::TestCaseInfo& info) override {
        ++progress.cases;
        progress.name = info.name;
        progress.skipped.clear();
    }
    void testCaseEnded(const Catch::TestCaseStats& stats) override {
        const bool failed = stats.totals.testCases.failed > 0;
        if (!failed && !progress.skipped.empty())
            std::cerr << "skipped: " << progress.name << ": " << progress.skipped << '\n';
        record(failed                     ? "fail"
               : progress.skipped.empty() ? "pass"
                                          : "skip",
               progress.name, progress.skipped);
    }
    void testRunEnded(const Catch::TestRunStats&) override { record("end"); }
};
CATCH_REGISTER_LISTENER(CaseCounts)

} // namespace

void mneme::test::skip(const std::string& why) {
    progress.skipped = why.empty() ? "no reason given" : why;
    SUCCEED("skipped: " << why);         // a case without an assertion would fail
    throw Catch::TestFailureException(); // Catch2's own way to leave a case; by itself it counts as
                                         // nothing
}

int main(int argc, char** argv) {
    Catch::Session session;
    const auto seed = variable("MNEME_TEST_SEED");
    auto& config = session.configData();
    config.runOrder = random_order;
    config.rngSeed = seed.empty() ? static_cast<unsigned>(std::time(nullptr))
                                  : static_cast<unsigned>(std::strtoul(seed.c_str(), nullptr, 10));
    config.warnings = Catch::WarnAbout::NoAssertions;
    if (const int fault = session.applyCommandLine(argc, argv)) return fault;
    std::cerr << "order of the tests: --rng-seed " << session.config().rngSeed() << '\n';
    const int status = session.run();
    if (progress.began && progress.cases == 0) {
        std::cerr << argv[0] << ": no test case ran; name one that exists (--list-tests)\n";
        return 4;
    }
    return status;
}
