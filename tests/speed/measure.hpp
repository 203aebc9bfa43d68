// SPDX-License-Identifier: Apache-2.0
// Comparing costs on a machine that has other things to do: CPU time, short blocks of both sides by
// turns, the median of the ratios.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace mneme::speed {

double cpu_seconds(); // of this process

template <class F> double timed(F&& body) {
    const double start = cpu_seconds();
    body();
    return cpu_seconds() - start;
}

struct Spread {
    double median = 0, low = 0, high = 0; // low and high: the quartiles
};
Spread spread(std::vector<double>);

struct Row {
    std::string name, unit; // of `ours` and `bare`
    Spread ours, bare;
    Spread ratio;      // ours / bare, block against block
    double target = 0; // of the ratio; 0: none
    int64_t blocks = 0;
    double limit = 0; // of `ours`, in the unit; 0: none
};

// Runs both by turns, first one and then the other first. A side returns the CPU seconds of its
// block, in the row's unit after `scale`.
Row by_turns(const std::string& name, const std::string& unit, double scale, int64_t blocks,
             const std::function<double()>& ours, const std::function<double()>& bare);

// The parts of the comparison. `plugins` is the folder of the built plugins; `effort` multiplies
// the number of blocks.
std::vector<Row> steps(const std::string& plugins, double effort);
std::vector<Row> evaluation(const std::string& plugins, double effort);
std::vector<Row> methods(const std::string& plugins,
                         double effort); // observe of every method, over fine-tuning's
std::vector<Row> convolutions(const std::string& plugins, double effort);
std::vector<Row> layer_lists(const std::string& plugins, double effort);
std::vector<Row> borders(const std::string& plugins,
                         double effort); // what a task's end costs; no bare side
std::vector<Row> start_up(const std::string& programs, double effort);

std::string libtorch();

} // namespace mneme::speed
