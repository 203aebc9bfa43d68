// SPDX-License-Identifier: Apache-2.0
// What a results file holds besides its benchmarks: they are written between the two.
#pragma once

#include <string>

#include "hdf5_output.hpp"

namespace mneme::results {

class FileWriter final {
  public:
    // created_utc empty: now.
    FileWriter(Output&, const std::string& title, const std::string& created_utc);
    void close(); // says that the file is complete, and closes it

    // Where it stands the content digest must be put afterwards.
    const std::string& placeholder() const { return placeholder_; }

  private:
    Output& out_;
    const std::string placeholder_;
};

} // namespace mneme::results
