// SPDX-License-Identifier: Apache-2.0
// DIR of `mneme run -o DIR`: runs/<digest>.h5, logs/<digest>.log, cells/<digest>.json while a cell
// runs, plan.json, log.jsonl, results.h5, and .lock.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "cli/descriptor.hpp"

namespace mneme::cli {

class ResultsFolder final {
  public:
    enum class Use { alone, shared }; // `run` works alone; the cells of a cluster share

    // Makes the folder and locks it while this object lives. Throws mneme::Error: 65 when it cannot
    // be written, 75 when the disk is full or another mneme works in it (and says which).
    ResultsFolder(const std::filesystem::path&, Use);

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path plan() const { return path_ / "plan.json"; }
    std::filesystem::path results() const { return path_ / "results.h5"; }
    std::filesystem::path run(const std::string& digest) const {
        return path_ / "runs" / (digest + ".h5");
    }
    std::filesystem::path log(const std::string& digest) const {
        return path_ / "logs" / (digest + ".log");
    }
    std::filesystem::path cell(const std::string& digest) const {
        return path_ / "cells" / (digest + ".json");
    }

    // Appends one line to log.jsonl and waits until it is on the disk. "time" is added.
    void note(nlohmann::ordered_json event) const;

    // A whole file or none.
    void write_file(const std::filesystem::path&, const std::string& text) const;

  private:
    void lock(Use);

    std::filesystem::path path_;
    Descriptor lock_, log_;
};

std::string utc_now(); // 2026-01-31T12:00:00Z

} // namespace mneme::cli
