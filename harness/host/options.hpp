// SPDX-License-Identifier: Apache-2.0
// A method's options for the runs of one cell: what the suite gives, what the plugin declares, what
// comes of both. No LibTorch here.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/settings.hpp"

namespace mneme::host {

using protocol::Json;
using protocol::Settings;

struct Declared {
    std::string name, kind, help; // kind: number, real, count, choice, flag, text
    Json standard;                // the default
    std::vector<Json> values;     // effective, one a run; all equal unless kind is number
    std::optional<double> min, max;
    bool min_excluded = false, max_excluded = false;
    std::vector<std::string> choices;
};

// `options` and `train`: one list a run, in the cell's order. `benchmark`: [train] of the
// benchmark, keys that are set.
class OptionBook final {
  public:
    OptionBook(std::string method, std::vector<Settings> options, std::vector<Settings> train,
               Json benchmark_train);

    // Declares and answers. Throws mneme::Error (MNEME_OPTION) with the place in the suite: wrong
    // type, out of bounds, declared twice, values that differ by run where they may not.
    const Declared& declare(Declared, bool train);

    // After construction: throws ExitError (bad_input) for options that nobody read, which names
    // the nearest known one.
    void refuse_leftovers() const;

    const std::vector<Declared>& options() const { return options_; }
    // Effective [train] of a run: what the plugin declared and, for keys it did not, what benchmark
    // and suite say, else the default of train_settings.hpp.
    Json train(std::size_t run) const;
    Json effective_options(std::size_t run) const;

  private:
    Json value_of(const Declared&, const Settings&, const Json* below) const;

    const std::string method_;
    const std::vector<Settings> given_, given_train_;
    const Json benchmark_train_;
    std::vector<Declared> options_, train_;
};

} // namespace mneme::host
