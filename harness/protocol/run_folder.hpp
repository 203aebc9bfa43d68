// SPDX-License-Identifier: Apache-2.0
// Every path of a results folder (`mneme run -o DIR`):
//     plan.json                  the plan
//     results.h5                 all runs of the plan, merged
//     report.html                a page on results.h5
//     log.jsonl                  what happened, a line an event
//     .lock                      held by the mneme that works here
//     runs/<run>.h5              a finished run
//     logs/<run>.log             what a cell's worker and its plugin wrote
//     cells/<run>.HOST.PID.json  the request of a cell, while that process runs it
//     cells/<run>.progress       where a mneme is that works here; named by the first of its runs
//     cells/<run>.starts         how often an unfinished cell was started
//     checkpoints/<checkpoint>   where a stopped cell goes on
// A cell is named by the digest of its first run. While base::replace_file writes a file, it stands
// beside its place under the name <file>.tmp.<process>.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "protocol/cell.hpp"

namespace mneme::protocol {

class RunFolder final {
  public:
    explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path plan() const { return path_ / "plan.json"; }
    std::filesystem::path results() const { return path_ / "results.h5"; }
    std::filesystem::path report() const { return path_ / "report.html"; }
    std::filesystem::path events() const { return path_ / "log.jsonl"; }
    std::filesystem::path lock() const { return path_ / ".lock"; }

    std::filesystem::path runs() const { return path_ / "runs"; }
    std::filesystem::path run(const std::string& digest) const { return runs() / (digest + ".h5"); }
    std::filesystem::path log(const std::string& name) const {
        return path_ / "logs" / (name + ".log");
    }
    std::filesystem::path cells() const { return path_ / "cells"; }
    std::filesystem::path cell(const std::string& name) const { return cells() / (name + ".json"); }
    std::filesystem::path progress(const std::string& name) const {
        return cells() / (name + ".progress");
    }
    static bool is_progress(const std::filesystem::path& file) {
        return file.extension() == ".progress";
    }
    std::filesystem::path starts(const std::string& name) const {
        return cells() / (name + ".starts");
    }
    std::filesystem::path checkpoint(const std::vector<Run>& runs_of_cell) const;

    // The folders that must be there before anything runs.
    std::vector<std::filesystem::path> folders() const {
        return {runs(), path_ / "logs", cells(), path_ / "checkpoints"};
    }

  private:
    std::filesystem::path path_;
};

// The file in checkpoints/ of a cell: its run's digest, or one over the digests of several.
std::string checkpoint_name(const std::vector<Run>&);

} // namespace mneme::protocol
