// SPDX-License-Identifier: Apache-2.0
// The results folder that this process works in: made, locked, written to.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <base/descriptor.hpp>
#include <nlohmann/json.hpp>

#include "protocol/run_folder.hpp"

namespace mneme::scheduler {

class ResultsFolder final {
  public:
    enum class Use { alone, shared }; // `run` works alone; the cells of a cluster share

    // Makes the folder and locks it while this object lives. Throws ExitError: bad_input when it
    // cannot be written, temporary when the disk is full or another mneme works in it (and says
    // which).
    ResultsFolder(const std::filesystem::path&, Use);

    const protocol::RunFolder& paths() const { return paths_; }
    const std::filesystem::path& path() const { return paths_.path(); }
    std::filesystem::path plan() const { return paths_.plan(); }
    std::filesystem::path results() const { return paths_.results(); }
    std::filesystem::path run(const std::string& digest) const { return paths_.run(digest); }
    std::filesystem::path log(const std::string& name) const { return paths_.log(name); }
    std::filesystem::path cell(const std::string& name) const { return paths_.cell(name); }

    // Who works in a folder: "process 12 on host since ..."; "cells of a plan"; nothing where
    // nobody does, or it cannot be known.
    static std::optional<std::string> holder(const std::filesystem::path&);

    // Likewise, but only of one that lets nobody else in.
    static std::optional<std::string> works_alone(const std::filesystem::path&);

    // Appends one line to log.jsonl and waits until it is on the disk. "time" is added.
    void note(nlohmann::ordered_json event) const;

  private:
    void lock(Use);
    void remove_abandoned() const;

    const protocol::RunFolder paths_;
    base::Descriptor lock_, log_;
};

} // namespace mneme::scheduler
