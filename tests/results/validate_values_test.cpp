// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "alter.hpp"

using namespace mneme::results;
using namespace mneme::results::test;

namespace {

const std::string r = "/rotated-mini", s = "/split-mini-class";

} // namespace

TEST_CASE("a derived value that the counts do not give is found, though it be by one bit") {
    for (const char* path :
         {"/accuracy", "/initial_accuracy", "/forgetting", "/metrics/average_accuracy",
          "/metrics/forgetting", "/metrics/backward_transfer", "/metrics/forward_transfer",
          "/metrics/learning_accuracy", "/metrics/average_incremental_accuracy",
          "/metrics/worst_task_accuracy"}) {
        Folder folder;
        const std::string full = r + path;
        const hsize_t last = std::string(path) == "/initial_accuracy"      ? 11
                             : std::string(path).rfind("/metrics", 0) == 0 ? 3
                                                                           : 34;
        const auto faults = faults_after(folder, [&](hid_t file) {
            double value = get_double(file, full.c_str(), last);
            std::uint64_t bits;
            std::memcpy(&bits, &value, 8);
            bits ^= 1;
            std::memcpy(&value, &bits, 8);
            set_double(file, full.c_str(), last, value);
        });
        REQUIRE(faults.size() == 1);
        CHECK(faults[0].rfind(full + ": 1 value differs from the counts, first entry " +
                                  std::to_string(last) + ": it is ",
                              0) == 0);
        CHECK(faults[0].find("; expected ") != std::string::npos);
    }
}

TEST_CASE("a count that was altered shows in everything that hangs on it") {
    Folder folder;
    const auto faults = faults_after(folder, [](hid_t file) {
        set_int(file, (r + "/n_correct").c_str(), 8, 1);
    }); // method 0, seed 0, (3, 3)
    const auto has = [&](const std::string& start) {
        INFO(start);
        CHECK(std::any_of(faults.begin(), faults.end(),
                          [&](const std::string& f) { return f.rfind(start, 0) == 0; }));
    };
    has(r + "/accuracy: 1 value differs");
    has(r + "/metrics/average_accuracy: 1 value differs");
    has(r + "/metrics/learning_accuracy: 1 value differs");
    has(r + "/confusion[0,0,2]: counts ");
}

TEST_CASE("values that should be NaN and are not, and the reverse, are found") {
    finds(
        [](hid_t file) { set_double(file, (r + "/forgetting").c_str(), 0, 0.5); },
        r + "/forgetting: 1 value differs from the counts, first entry 0: it is 0.5; expected nan");
    Folder folder;
    const auto faults = faults_after(
        folder, [](hid_t file) { set_double(file, (s + "/accuracy_task_aware").c_str(), 0, NAN); });
    CHECK(faults == std::vector<std::string>{s + "/accuracy_task_aware: 1 value differs from the "
                                                 "counts, first entry 0: it is nan; expected 1"});
}

TEST_CASE("numbers out of range are found") {
    finds([](hid_t f) { set_int(f, (r + "/n_correct").c_str(), 1, 992); },
          r + "/n_correct[0,0,0,1]: is 992; expected 0 to 991, or -1 for not evaluated");
    finds([](hid_t f) { set_int(f, (r + "/initial_correct").c_str(), 4, -2); },
          r + "/initial_correct[0,1,1]: is -2; expected 0 to 991, or -1 for not evaluated");
    finds(
        [](hid_t f) { set_int(f, (s + "/n_correct_task_aware").c_str(), 0, 1000); },
        s + "/n_correct_task_aware[0,0,0,0]: is 1000; expected 0 to 211, or -1 for not evaluated");
    finds([](hid_t f) { set_int(f, (r + "/n_evaluated").c_str(), 2, 0); },
          r + "/n_evaluated[2]: is 0; expected a count from 1, or -1 for not evaluated");
    finds([](hid_t f) { set_double(f, (r + "/loss").c_str(), 35, -0.5); },
          r + "/loss[1,1,2,2]: is -0.5; expected a number from 0, or NaN");
    finds([](hid_t f) { set_double(f, (r + "/timing/train_seconds").c_str(), 0, INFINITY); },
          r + "/timing/train_seconds[0,0,0]: is inf; expected a number from 0, or NaN");
    finds([](hid_t f) { set_double(f, (r + "/cost/kept_bytes").c_str(), 5, -1); },
          r + "/cost/kept_bytes[0,1,2]: is -1; expected a number from 0, or NaN");
    finds([](hid_t f) { set_int(f, (r + "/timing/shared_by_replicas").c_str(), 3, 0); },
          r + "/timing/shared_by_replicas[1,1]: is 0; expected a count from 1, or -1");
    finds([](hid_t f) { set_int(f, (r + "/curves/task_of_point").c_str(), 4, 4); },
          r + "/curves/task_of_point[4]: is 4; tasks count from 1 to 3 and never fall");
    finds([](hid_t f) { set_int(f, (r + "/curves/task_of_point").c_str(), 4, 1); },
          r + "/curves/task_of_point[4]: is 1; tasks count from 1 to 3 and never fall");
    finds([](hid_t f) { set_int(f, (r + "/outcome_code").c_str(), 2, 6); },
          "benchmark 'rotated-mini': outcome_code 6 is unknown; expected 0 to 5");
    finds([](hid_t f) { set_int(f, (r + "/outcome_code").c_str(), 2, 5); },
          r + "/outcome_code[1,0]: is 5 (missing), but n_correct has counts; expected another "
              "outcome or -1");
    finds([](hid_t f) { set_int(f, (s + "/outcome_code").c_str(), 2, 0); },
          s + "/outcome_code[1,0]: is 0 (complete), but the last row of n_correct is not; expected "
              "another outcome");
    finds([](hid_t f) { set_text(f, (s + "/outcome").c_str(), 2, "refused"); },
          s + "/outcome: entry 2 is 'refused'; outcome_code 1 means 'diverged'");
    finds([](hid_t f) { set_int(f, (s + "/confusion").c_str(), 0, -1); },
          s + "/confusion[0,0,0]: mixes counts with negative numbers; expected counts, or -1 "
              "everywhere");
    finds([](hid_t f) { set_text(f, (r + "/data_digest").c_str(), 5, "abc"); },
          r + "/data_digest[1,2]: is 'abc'; expected 64 hexadecimal digits");
    finds([](hid_t f) { set_attribute(f, r.c_str(), "chance_accuracy", 1.5); },
          r + ": chance_accuracy is 1.5; expected 0 to 1");
    finds([](hid_t f) { set_attribute(f, r.c_str(), "scenario", "domains"); },
          r + ": scenario is 'domains'; expected domain, task or class");
    finds([](hid_t f) { set_attribute(f, r.c_str(), "evaluated_on", "train"); },
          r + ": evaluated_on is 'train'; expected test or validation");
    finds([](hid_t f) { set_attribute(f, r.c_str(), "benchmark_digest", "1"); },
          r + ": benchmark_digest is '1'; expected 64 hexadecimal digits");
    finds([](hid_t f) { set_attribute(f, s.c_str(), "scenario", "task"); },
          s + "/n_correct_task_aware: is there, but the scenario is task; only scenario class has "
              "it");
    finds([](hid_t f) { set_attribute(f, r.c_str(), "scenario", "class"); },
          r + "/n_correct_task_aware: is not there; scenario class needs it");
}
