// SPDX-License-Identifier: Apache-2.0
// What a worker is asked to train. A run is one (benchmark, method, grid point, seed) and is named
// by the digest of what it was asked to do; a cell is the runs that one worker trains together.
//
// A new limit is a member of Limits and a line of its list, a key of a suite, and its use.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <benchmarks/spec.hpp>

#include "protocol/json.hpp"
#include "protocol/settings.hpp"

namespace mneme::protocol {

struct Benchmark {
    bench::Spec spec;
    std::string digest;  // SHA-256 over the canonical JSON of the effective keys and the payload
    std::string toml;    // the effective keys, as TOML
    std::string payload; // digests of its data sets with spaces between; empty: it has none

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("spec", self.spec);
        visit("digest", self.digest);
        visit("toml", self.toml);
        visit("payload", self.payload);
    }
};

// The file that holds the method, and what it says of it.
struct Plugin {
    std::string id; // of the method
    std::string path, sha256, version, paper, note;

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("id", self.id);
        visit("path", self.path);
        visit("sha256", self.sha256);
        visit("version", self.version);
        visit("paper", self.paper);
        visit("note", self.note);
    }
};

// One run as asked for. `options` and `train` are what the suite gives; `effective_*` what the
// plugin made of them (defaults included).
struct Run {
    std::string digest, label;
    int64_t seed = 1;
    Settings options, train;
    Json effective_options, effective_train;

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("digest", self.digest);
        visit("label", self.label);
        visit("seed", self.seed);
        visit("options", self.options);
        visit("train", self.train);
        visit("effective_options", self.effective_options);
        visit("effective_train", self.effective_train);
    }
};

struct Execution {
    std::string device = "cpu"; // cpu, cuda
    int threads = 1;
    std::string precision = "fp32"; // fp32, tf32

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("device", self.device);
        visit("threads", self.threads);
        visit("precision", self.precision);
    }
};

// Beyond which the parent ends the worker; 0: none.
struct Limits {
    double wall_s = 0;
    double stall_s = 600; // without a message that says something new
    int64_t memory_mib = 0;

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("wall_s", self.wall_s);
        visit("stall_s", self.stall_s);
        visit("memory_mib", self.memory_mib);
    }
};

// What is looked at beside the training, and what of it is kept. Nothing of it moves a number of
// another run's, or of a task's end.
struct Evaluation {
    std::string tasks = "all"; // after each task: all, seen (it and those before), last (all, but
                               // after the last task alone)
    int64_t every = 0;         // steps between two evaluations within a task; 0: none
    int64_t points = 0;        // of these in each task, in place of `every`; 0: none
    int64_t examples = 0;      // of each task's test examples, in these; 0: all
    bool predictions = false;  // whether the predicted class of every test example is kept
    bool brier_score = false;  // whether what the Brier score is made of is kept
    std::string weights = "none"; // of which tasks' ends: none, last, task_ends

    bool within_tasks() const { return every > 0 || points > 0; }

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("tasks", self.tasks);
        visit("every", self.every);
        visit("points", self.points);
        visit("examples", self.examples);
        visit("predictions", self.predictions);
        visit("brier_score", self.brier_score);
        visit("weights", self.weights);
    }
};

struct Data {
    Benchmark benchmark;
    int64_t most_train = 0, most_test = 0; // examples of a task; 0: all
    std::string evaluate_on = "test";      // test, validation
    std::vector<std::string> folders;      // where data sets are looked for, in order

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("benchmark", self.benchmark);
        visit("most_train", self.most_train);
        visit("most_test", self.most_test);
        visit("evaluate_on", self.evaluate_on);
        visit("folders", self.folders);
    }
};

struct Cell {
    Plugin plugin;
    std::vector<Run> runs;
    Execution execution;
    Limits limits;
    Data data;
    Evaluation evaluation;
    std::string output;         // the results folder (run_folder.hpp)
    std::string command_line;   // of mneme, for the record
    std::vector<int64_t> looks; // seeds at each planned look of a run until decided, for the record

    const bench::Spec& spec() const { return data.benchmark.spec; }

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("plugin", self.plugin);
        visit("runs", self.runs);
        visit("execution", self.execution);
        visit("limits", self.limits);
        visit("data", self.data);
        visit("evaluation", self.evaluation);
        visit("output", self.output);
        visit("command_line", self.command_line);
        visit("looks", self.looks);
    }
};

// A cell without room for all its runs goes on as two, with these runs.
std::pair<std::vector<Run>, std::vector<Run>> halves(const std::vector<Run>&);

// Exact round trip; the worker reads what the planner wrote. Reading throws ExitError (bad_input).
Json to_json(const Cell&);
Cell cell_from_json(const Json&);

// The run's name: SHA-256 of everything that its numbers depend on, as asked for.
std::string run_digest(const Cell&, const Run&);

// Throws ExitError (bad_input) when a run does not have the name that its request gives: somebody
// has changed the file since it was written. `file` is named in the message.
void require_own_digests(const Cell&, const std::string& file);

} // namespace mneme::protocol
