// SPDX-License-Identifier: Apache-2.0
// What a worker can be asked. The requests of three commands are JSON files; the answers are
// messages (messages.hpp), the last of which is `done` or `error`:
//     run CELL.json            trains the cell, writes runs/<digest>.h5 for each run of it
//     construct REQUEST.json   gpu; constructing, then constructed or refused, for each entry
//     networks REQUEST.json    network, for each spec
//     check REQUEST.json       checking and checked, for each check
//     geometry REQUEST.json    evaluates lines between a results file's weights, writes another;
//                              progress, and log for each run that is left out
//     describe PLUGIN [SHA256] constructed, for each method, with the defaults of its options
//     doctor                   doctor
// `serve` makes it fork workers for other requests (worker_child.hpp).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <benchmarks/spec.hpp>

#include "protocol/cell.hpp"
#include "protocol/settings.hpp"

namespace mneme::protocol {

struct ConstructEntry {
    std::string plugin, sha256; // the file that was judged
    std::string id;             // of the method
    bench::Spec spec;
    Settings options, train;

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("plugin", self.plugin);
        visit("sha256", self.sha256);
        visit("id", self.id);
        visit("spec", self.spec);
        visit("options", self.options);
        visit("train", self.train);
    }
};

struct ConstructRequest {
    bool gpu = false; // whether one can be used is asked too: a worker takes long to start
    std::vector<ConstructEntry> entries = {};

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("gpu", self.gpu);
        visit("entries", self.entries);
    }
};

struct NetworksRequest {
    std::vector<bench::Spec> specs = {};

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("specs", self.specs);
    }
};

struct CheckWanted {
    std::string method, check; // a name of checks.hpp

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("method", self.method);
        visit("check", self.check);
    }
};

struct CheckRequest {
    std::string plugin, sha256;
    std::string folder; // for checkpoints
    std::vector<CheckWanted> checks = {};
    bool stack = false; // a crash prints its call stack

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("plugin", self.plugin);
        visit("sha256", self.sha256);
        visit("folder", self.folder);
        visit("checks", self.checks);
        visit("stack", self.stack);
    }
};

struct GeometryRequest {
    std::string file, output;                     // results files; they may be one
    std::int64_t points = 25;                     // of a line, with both ends
    std::int64_t examples = 0;                    // of each task's test data; 0: all
    bool between_seeds = false;                   // lines to the same task of the next seed, too
    std::int64_t plane = 0;                       // points of a plane's side; 0: no planes
    std::vector<std::string> match = {"weights"}; // ways to match permutations: weights, l2, mid
    std::int64_t match_steps = 200;               // of l2 and mid
    Execution execution = {};
    std::vector<Data> benchmarks = {}; // by the names of their groups in the file

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("file", self.file);
        visit("output", self.output);
        visit("points", self.points);
        visit("examples", self.examples);
        visit("between_seeds", self.between_seeds);
        visit("plane", self.plane);
        visit("match", self.match);
        visit("match_steps", self.match_steps);
        visit("execution", self.execution);
        visit("benchmarks", self.benchmarks);
    }
};

// Whole or not at all; throws as base::replace_file.
template <class Request> void write_request(const std::filesystem::path&, const Request&);

// Throws ExitError (bad_input) where the file is not such a request.
template <class Request> Request read_request(const std::filesystem::path&);

} // namespace mneme::protocol
