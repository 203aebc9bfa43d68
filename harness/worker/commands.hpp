// SPDX-License-Identifier: Apache-2.0
// The worker's commands (harness/plan/messages.md). Each returns an exit code.
#pragma once

#include <csignal>
#include <string>

#include <mneme/abi.h>

#include "plan/plan.hpp"
#include "worker/reporter.hpp"

namespace mneme::harness {

// Set by a signal handler: the cell writes a checkpoint and ends with 75.
extern volatile std::sig_atomic_t asked_to_stop;

int run_cell(const std::string& path, double checkpoint_every_s, Reporter&);
int construct(const std::string& path, Reporter&);
int describe(const std::string& plugin, const std::string& sha256,
             Reporter&);                          // sha256: as in open_plugin
int networks(const std::string& path, Reporter&); // of benchmarks: their layers
int doctor(Reporter&);
int check(const std::string& path, Reporter&); // the method examiner

// A learner made and destroyed on a network without a stream; what it declared. Error (65, or the
// plugin's).
Json construct_once(const mneme_method&, const bench::Spec&, const Settings& options,
                    const Settings& train);

// Loads a plugin by the whole sequence; never unloaded. With a digest: that file, also when it has
// been rebuilt since. Error (69).
const mneme_plugin& open_plugin(const std::string& path, const std::string& sha256 = {});
const mneme_method& method_of(const mneme_plugin&, const std::string& id, const std::string& path);

Json read_json(const std::string& path); // Error (65)

} // namespace mneme::harness
