// SPDX-License-Identifier: Apache-2.0
// One file of the runs of many. Each is read, added and forgotten: its runs wait in a file beside
// the one to be written, or in memory, and memory keeps some hundred bytes of each.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <results/block.hpp>

namespace mneme::results {

class Merge final {
  public:
    Merge();                                         // for file()
    explicit Merge(const std::filesystem::path& to); // for write() to there
    ~Merge();
    Merge(const Merge&) = delete;
    Merge& operator=(const Merge&) = delete;

    // Blocks of one benchmark must agree in digest, evaluated_on and data digests. The source names
    // the file in messages, and sets labels apart that clash (label@source).
    void add(const File&, const std::string& source);

    // Of all that was added; what a (method, seed) lacks is `missing`. One of the two, once. Throws
    // as results::write, and where two files have different results of one run.
    File file();
    struct Written {
        std::size_t runs, benchmarks; // runs that are not missing
        std::vector<std::string> notes;
    };
    Written write(const std::string& title = "");

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace mneme::results
