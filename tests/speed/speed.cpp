// SPDX-License-Identifier: Apache-2.0
// mneme_speed --plugins DIR --programs DIR [--effort X] [--json FILE] [--lines]: what the harness
// costs over a bare LibTorch loop.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>

#include <nlohmann/json.hpp>

#include "measure.hpp"

namespace {

using namespace mneme::speed;
using Json = nlohmann::json;

std::string processor() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);)
        if (line.compare(0, 10, "model name") == 0) return line.substr(line.find(':') + 2);
    return "unknown";
}

Json as_json(const Spread& s) {
    return {{"median", s.median}, {"lower_quartile", s.low}, {"upper_quartile", s.high}};
}

void print(const Row& r) {
    const auto verdict = [&](double aim, double found) {
        char text[64] = "";
        if (aim > 0)
            std::snprintf(text, sizeof text, "   at most %.4g: %s", aim,
                          found <= aim ? "held" : "MISSED");
        return std::string(text);
    };
    std::printf("%-50s %9.1f %-3s ", r.name.c_str(), r.ours.median, r.unit.c_str());
    if (r.ratio.median > 0)
        std::printf("%9.1f %-3s %8.3f  %.3f to %.3f", r.bare.median, r.unit.c_str(), r.ratio.median,
                    r.ratio.low, r.ratio.high);
    std::printf("%s%s\n", verdict(r.target, r.ratio.median).c_str(),
                verdict(r.limit, r.ours.median).c_str());
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    std::map<std::string, std::string> given = {{"--effort", "1"}, {"--part", "all"}};
    bool lines = false;
    for (int k = 1; k < argc; ++k) {
        const std::string word = argv[k];
        if (word == "--lines") lines = true;
        else if (k + 1 < argc && word.compare(0, 2, "--") == 0) given[word] = argv[++k];
    }
    if (!given.count("--plugins") || !given.count("--programs")) {
        std::cerr << "usage: mneme_speed --plugins DIR --programs DIR [--effort X] [--part PART] "
                     "[--json FILE] [--lines]\n";
        return 64;
    }
    try {
        const double effort = std::atof(given["--effort"].c_str());
        std::printf(
            "%s, LibTorch %s, one thread; medians, quartiles of the ratios of neighbouring "
            "blocks\n\n",
            processor().c_str(), libtorch().c_str());
        std::printf("%-50s %9s     %9s     %8s  %s\n", "CPU time", "mneme", "bare", "ratio",
                    "quartiles");
        std::vector<Row> rows;
        const auto part = [&](const char* name, auto&& measure) {
            if (given["--part"] != "all" && given["--part"] != name) return;
            for (const auto& row : measure()) rows.push_back(row), print(row);
        };
        part("steps", [&] { return steps(given["--plugins"], effort); });
        part("evaluation", [&] { return evaluation(given["--plugins"], effort); });
        part("methods", [&] { return methods(given["--plugins"], effort); });
        part("convolutions", [&] { return convolutions(given["--plugins"], effort); });
        part("layer_lists", [&] { return layer_lists(given["--plugins"], effort); });
        part("borders", [&] { return borders(given["--plugins"], effort); });
        part("start_up", [&] { return start_up(given["--programs"], effort); });
        Json out = {{"processor", processor()},
                    {"libtorch", libtorch()},
                    {"threads", 1},
                    {"rows", Json::array()}};
        for (const auto& r : rows)
            out["rows"].push_back({{"name", r.name},
                                   {"unit", r.unit},
                                   {"mneme", as_json(r.ours)},
                                   {"bare", as_json(r.bare)},
                                   {"ratio", as_json(r.ratio)},
                                   {"target", r.target > 0 ? Json(r.target) : Json()},
                                   {"limit", r.limit > 0 ? Json(r.limit) : Json()},
                                   {"blocks", r.blocks}});
        if (given.count("--json")) {
            std::ofstream file(given["--json"]);
            file << out.dump(2) << "\n";
            if (!file.flush())
                throw std::runtime_error(given["--json"] +
                                         ": cannot be written; give a file in a folder that can");
        }
        for (const auto& r : rows) { // for tests/count_cases.py; the clock decides nothing
            if (!lines) break;
            if (r.ratio.median > 0)
                std::printf("ok %s: %.3f of the bare one\n", r.name.c_str(), r.ratio.median);
            else std::printf("ok %s: %.1f %s\n", r.name.c_str(), r.ours.median, r.unit.c_str());
        }
        return 0;
    } catch (const std::exception& e) {
        std::cerr << e.what() << "\n";
        return 1;
    }
}
