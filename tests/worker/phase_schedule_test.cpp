// SPDX-License-Identifier: Apache-2.0
// Which rows the steps of a phase take, and which of its steps complete a point of the curve.
#include "catch.hpp"

#include <vector>

#include "worker/phase_schedule.hpp"

using mneme::harness::CurveProgress;
using mneme::harness::PhaseSchedule;

TEST_CASE("the last batch of an epoch keeps its own size") {
    const PhaseSchedule s{93, 10, 2, 10, 10, false};
    CHECK(s.steps() == 20);
    for (int64_t step : {9, 19}) {
        CHECK(s.first_row(step) == 90);
        CHECK(s.rows_of(step) == 3);
        CHECK(s.samples_of(step) == 3);
    }
    CHECK(s.epoch_of(9) == 0);
    CHECK(s.epoch_of(10) == 1);
    CHECK(s.first_row(10) == 0);
    int64_t samples = 0;
    for (int64_t k = 0; k < s.steps(); ++k) samples += s.samples_of(k);
    CHECK(samples == 2 * 93);
}

TEST_CASE("steps behind the examples of an epoch are padding, which counts no sample") {
    const PhaseSchedule s{12, 10, 2, 2, 6, false};
    for (int64_t step = 0; step < s.steps(); ++step) {
        CHECK(s.is_padding(step) == (step % 6 >= 2));
        CHECK(s.samples_of(step) == (step % 6 == 0 ? 10 : step % 6 == 1 ? 2 : 0));
        if (s.is_padding(step)) CHECK(s.rows_of(step) == 10); // the rows of the first batch
    }
}

TEST_CASE("a second batch doubles the samples of a step") {
    const PhaseSchedule s{93, 10, 1, 9, 9, true};
    CHECK(s.samples_of(0) == 20);
}

TEST_CASE("passes over the examples count what the steps take") {
    CHECK(PhaseSchedule{93, 10, 3, 10, 10, false}.passes(93) == 3);
    CHECK(PhaseSchedule{50, 10, 1, 5, 5, false}.passes(100) == 0.5);
    CHECK(PhaseSchedule{100, 10, 1, 10, 4, false}.passes(100) == 0.4);
    CHECK(PhaseSchedule{12, 10, 1, 2, 6, false}.passes(12) == 1); // padding passes nothing
}

TEST_CASE("points of the curve are shared out over all steps of a task, in order") {
    for (int64_t steps : {7, 50, 120, 1001}) {
        CurveProgress curve(50, steps);
        std::vector<int64_t> points;
        for (int64_t k = 0; k < steps; ++k)
            if (const auto point = curve.advance(); point >= 0) points.push_back(point);
        CHECK(points.back() == 49);
        CHECK(static_cast<int64_t>(points.size()) == std::min<int64_t>(steps, 50));
        for (std::size_t k = 1; k < points.size(); ++k) CHECK(points[k] > points[k - 1]);
    }
}

TEST_CASE("a curve goes on behind the steps that a checkpoint has made") {
    CurveProgress whole(50, 120), resumed(50, 120);
    resumed.skip(61);
    for (int64_t k = 0; k < 61; ++k) whole.advance();
    for (int64_t k = 61; k < 120; ++k) CHECK(whole.advance() == resumed.advance());
}
