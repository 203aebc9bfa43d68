// SPDX-License-Identifier: Apache-2.0
// The cells of a plan as a scheduler takes them: files beside the plan, which a user reads, edits
// and runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mneme::submit {

enum class Target { slurm, parallel, kubernetes };

struct Submission {
    Target target = Target::slurm;
    std::filesystem::path mneme;  // the program
    std::filesystem::path folder; // of the plan
    std::string suite;            // its name
    std::int64_t cells = 0;
    std::int64_t pack = 1;                 // cells of one task
    std::int64_t jobs = 1;                 // of these at once
    std::int64_t throttle = 0;             // tasks at once; 0: no bound
    std::vector<std::string> options = {}; // of `mneme cell`

    std::string time = {}, partition = {}, gres = {}, account = {}; // Slurm
    std::filesystem::path hosts = {};                               // GNU parallel
    std::string image = {}, claim = {};                             // Kubernetes

    std::int64_t tasks() const { return (cells + pack - 1) / pack; }
};

struct File {
    std::string name; // in the folder
    std::string text;
};

// submit.sh, and for Kubernetes the manifests that it applies. Throws ExitError (usage) where a
// value cannot be one (checks.hpp).
std::vector<File> files_of(const Submission&);

// The name of the suite as Kubernetes can take it: small letters, digits and -.
std::string job_name(const std::string& suite);

} // namespace mneme::submit
