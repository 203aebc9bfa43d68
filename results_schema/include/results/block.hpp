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

// A number that a method reports about itself after each task.
struct Diagnostic {
    std::string units, help;
    Array<double> values; // [M,N,T]; NaN where the method does not report it
};

// One benchmark's group. M methods, N seeds, T tasks, C classes of the head, K curve points, O
// classes of the data set.
// Unevaluated counts are -1, unknown doubles NaN.
struct Block {
    std::string benchmark, version, digest, toml, scenario; // scenario: domain, task, class
    std::string evaluated_on = "test";                      // or "validation"
    std::string evaluate =
        "all"; // what after each task: all tasks, those seen, or only at the last
    double chance_accuracy = 0;
    std::int32_t limit_train = 0, limit_test = 0; // examples taken of each task; 0: all
    // Numbers of seeds at which a run until decided planned to compare its methods; empty: the
    // number of seeds was fixed.
    std::vector<std::int32_t> looks;

    std::vector<std::string> methods; // [M] labels, unique
    std::vector<std::int32_t> seeds;  // [N]
    std::vector<std::string> tasks;   // [T] names, unique

    Array<std::int32_t> n_correct; // [M,N,T,T]: row = trained task, column = evaluated task
    Array<std::int32_t> n_correct_task_aware; // same; scenario class only, else empty
    Array<std::int32_t> n_evaluated;          // [T]
    Array<std::int32_t> initial_correct;      // [M,N,T], before any training
    Array<double> reported_accuracy; // [M,N,T,T] as another program printed it, counts unknown
    Array<double> loss;              // [M,N,T,T] nat, mean cross-entropy
    Array<std::int32_t> confusion;   // [M,N,T,true C,predicted C] over all tasks evaluated in that
                                     // row; -1: row not recorded
    Array<std::int32_t> outcome;     // [M,N] an Outcome
    Array<std::string> outcome_message;                              // [M,N]
    Array<double> train_seconds, evaluate_seconds, end_task_seconds; // [M,N,T]
    Array<std::int32_t> shared_by_replicas;                          // [M,N]
    Array<double> train_samples, optimizer_steps, kept_bytes, peak_rss_bytes,
        peak_device_bytes;                  // [M,N,T]
    Array<std::int32_t> task_of_point;      // [K] number of the task, from 1
    Array<double> train_loss;               // [M,N,K]
    Array<std::string> data_digest;         // [N,T]
    Array<std::int32_t> class_map;          // [N,O] the label that the stream gives to a class
    Array<float> weights;                   // [M,N,T,P], on request
    Array<float> weight_statistics;         // [M,N,T,Q] of normalisation, beside the weights
    std::vector<std::string> added_metrics; // of run_metrics.hpp, on request (mneme metrics --add)
    std::string network_layers; // JSON: how tensors lie along P and Q; empty: no weights

    // While tasks are trained, on request. E evaluations of a task at most.
    Array<std::int32_t> continual_step;      // [M,N,T,E] steps of the task made by then
    Array<std::int32_t> continual_correct;   // [M,N,T,E,T]
    Array<std::int32_t> continual_evaluated; // [T]

    // Test examples by confidence, B bins of equal width, and the predictions themselves, X test
    // examples of all tasks; 65535: not evaluated.
    Array<std::int32_t> calibration_count, calibration_correct; // [M,N,T,T,B]
    Array<double> calibration_confidence;                       // [M,N,T,T,B] sums
    Array<double> calibration_squared_error; // [M,N,T,T] sums over examples and classes, on request
    Array<std::uint16_t> predictions;        // [M,N,T,X]
    Array<std::uint16_t> labels;             // [N,X]

    // On straight lines between minima (mneme geometry). G pairs of them, L points of a line with
    // both ends; after permutation matching too, where the network has hidden units.
    Array<std::int32_t> geometry_pair_from, geometry_pair_to;       // [G] task, from 1; 0: joint's
    Array<double> geometry_position;                                // [L] from 0 to 1
    Array<std::int32_t> geometry_evaluated;                         // [T]
    Array<double> geometry_loss, geometry_matched_loss;             // [M,N,G,L,T]
    Array<std::int32_t> geometry_correct, geometry_matched_correct; // [M,N,G,L,T]
    Array<double> geometry_distance, geometry_matched_distance;     // [M,N,G]
    Array<double> geometry_cosine;                                  // [M,N,T,T] of task vectors
    Array<double> geometry_cka;             // [M,N,G,T] of the features of a line's ends
    Array<std::int32_t> geometry_pair_seed; // [N,G] whose minimum a line ends at; empty: the run's
    // As the matched ones, by other ways to match; on request.
    Array<double> geometry_l2_loss, geometry_mid_loss;             // [M,N,G,L,T]
    Array<std::int32_t> geometry_l2_correct, geometry_mid_correct; // [M,N,G,L,T]
    Array<double> geometry_l2_distance, geometry_mid_distance;     // [M,N,G]
    // On planes through three of them, on request: V planes, W points of a side.
    Array<std::int32_t> geometry_plane_first, geometry_plane_second,
        geometry_plane_third;                   // [V] task, from 1; the third 0: joint's
    Array<double> geometry_plane_position;      // [W]
    Array<double> geometry_plane_loss;          // [M,N,V,W,W,T]
    Array<std::int32_t> geometry_plane_correct; // [M,N,V,W,W,T]

    // Of each run, [M,N]. request_digest: SHA-256 of what it was asked to do.
    Array<std::string> request_digest, run_host, run_device, job_id;
    Array<std::int32_t> restart_count;

    std::map<std::string, Diagnostic> diagnostics; // by name

    std::map<std::string, std::map<std::string, std::string>>
        provenance; // label -> attribute -> text

    // Room for everything but the optional arrays, filled with "nothing known yet": outcome
    // missing, counts -1, doubles NaN. `points` is K over all tasks; where it is a multiple of T,
    // task_of_point shares it out equally. No classes: no confusion.
    static Block blank(std::vector<std::string> methods, std::vector<std::int32_t> seeds,
                       std::vector<std::string> tasks, std::size_t classes, std::size_t points);
};

// [M,N,T,T]: n_correct / n_evaluated; where counts are unknown, what another program reported.
Array<double> accuracy(const Block&);

// Whether the numbers of a method were taken over from another program's files.
bool is_imported(const Block&, std::size_t method);

// Why the block of one run does not answer this request, or empty: it does, or, written before
// schema 1.1, it does not say. `digest`: SHA-256 of what the run is asked to do.
std::string request_mismatch(const Block&, const std::string& digest, std::int32_t seed);

struct File {
    std::string title;
    std::string created_utc; // filled by write() when empty
    std::vector<Block> blocks;
    std::vector<std::string> notes = {}; // what a reader should be told about the files; not stored
};

} // namespace mneme::results
