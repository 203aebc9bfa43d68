// SPDX-License-Identifier: Apache-2.0
// The formats of other programs' results. All readers throw base::ExitError (bad_input).
#pragma once

#include <string>
#include <vector>

#include "importer/evaluation.hpp"

namespace mneme::importer {

struct Format {
    const char *name, *summary;
    // `file` is for messages; `names` are what the user said, used where the format is silent.
    Evaluations (*read)(const std::string& text, const std::string& file, const RunName& names);
};

const std::vector<Format>& formats();

// By name. An empty name: by what the file's text begins with.
const Format& format_of(const std::string& name, const std::string& text, const std::string& file);

Evaluations read_tidy(const std::string& text, const std::string& file, const RunName&);
Evaluations read_avalanche(const std::string& text, const std::string& file, const RunName&);
Evaluations read_clarena(const std::string& text, const std::string& file, const RunName&);
Evaluations read_mammoth(const std::string& text, const std::string& file, const RunName&);
Evaluations read_facil(const std::string& text, const std::string& file, const RunName&);

} // namespace mneme::importer
