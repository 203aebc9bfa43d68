// SPDX-License-Identifier: Apache-2.0
// What a run leaves behind: counts and costs, per benchmark. Everything else in a results file is a
// formula over this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mneme::results {

// A dense row-major array. An empty shape with no data means "not recorded": the writer leaves the
// object out.
template <class T> struct Array {
    std::vector<std::size_t> shape;
    std::vector<T> data;

    Array() = default;
    Array(std::vector<std::size_t> sizes, T fill);
    T& at(std::initializer_list<std::size_t> index);
    const T& at(std::initializer_list<std::size_t> index) const;
    bool empty() const { return data.empty(); }

  private:
    std::size_t offset(std::initializer_list<std::size_t> index) const;
};

std::string shape_text(const std::vector<std::size_t>&); // "[2,3]"

enum class Outcome : std::int32_t {
    complete = 0,
    diverged = 1,
    failed = 2,
    timeout = 3,
    refused = 4,
    missing = 5
};
const char* name(Outcome);

// One benchmark's group. M methods, N seeds, T tasks, C classes of the head, K curve points.
// Unevaluated counts are -1, unknown doubles NaN.
struct Block {
    std::string benchmark, version, digest, toml, scenario; // scenario: domain, task, class
    std::string evaluated_on = "test";                      // or "validation"
    double chance_accuracy = 0;

    std::vector<std::string> methods; // [M] labels, unique
    std::vector<std::int32_t> seeds;  // [N]
    std::vector<std::string> tasks;   // [T] names, unique

    Array<std::int32_t> n_correct; // [M,N,T,T]: row = trained task, column = evaluated task
    Array<std::int32_t> n_correct_task_aware; // same; scenario class only, else empty
    Array<std::int32_t> n_evaluated;          // [T]
    Array<std::int32_t> initial_correct;      // [M,N,T], before any training
    Array<double> loss;                       // [M,N,T,T] nat, mean cross-entropy
    Array<std::int32_t> confusion; // [M,N,T,true C,predicted C] over all tasks evaluated in that
                                   // row; -1: row not recorded
    Array<std::int32_t> outcome;   // [M,N] an Outcome
    Array<std::string> outcome_message;                              // [M,N]
    Array<double> train_seconds, evaluate_seconds, end_task_seconds; // [M,N,T]
    Array<std::int32_t> shared_by_replicas;                          // [M,N]
    Array<double> train_samples, optimizer_steps, kept_bytes, peak_rss_bytes,
        peak_device_bytes;             // [M,N,T]
    Array<std::int32_t> task_of_point; // [K] number of the task, from 1
    Array<double> train_loss;          // [M,N,K]
    Array<std::string> data_digest;    // [N,T]
    Array<float> weights;              // [M,N,T,P], on request

    std::map<std::string, std::map<std::string, std::string>>
        provenance; // label -> attribute -> text

    // Room for everything but the optional arrays, filled with "nothing known yet": outcome
    // missing, counts -1, doubles NaN. `points` is K over all tasks; where it is a multiple of T,
    // task_of_point shares it out equally. No classes: no confusion.
    static Block blank(std::vector<std::string> methods, std::vector<std::int32_t> seeds,
                       std::vector<std::string> tasks, std::size_t classes, std::size_t points);
};

struct File {
    std::string title;
    std::string created_utc; // filled by write() when empty
    std::vector<Block> blocks;
    std::vector<std::string> notes = {}; // what a reader should be told about the files; not stored
};

} // namespace mneme::results
