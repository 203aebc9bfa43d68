// SPDX-License-Identifier: Apache-2.0
// What a method's step costs over fine-tuning's, and what its task's end costs. Phases are begun
// and ended as the runner does it.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "measure.hpp"
#include "sides.hpp"

namespace mneme::speed {
namespace {

using Json = nlohmann::json;

// Variants beside a plugin's defaults, and aims. A plugin that is not named here is measured with
// its defaults.
struct Case {
    std::string id;
    Json options = Json::object(), train = Json::object();
    std::vector<int64_t> hidden{width, width};
    double target = 0, limit_us = 0;
    bool equal_memory = false; // as many examples from memory as from the stream
};
const Json sgd = {{"optimizer", "sgd"}};
const std::vector<Case> known = {
    {"ewc", {{"fisher_samples", 100}}, {}, {width, width}, 1.35},
    {"ewc_online", {{"fisher_samples", 100}}, {}, {width, width}, 1.35},
    {"ewc_online", {{"consolidate", "running"}}},
    {"si", {}, {}, {width, width}, 1.35},
    {"mas", {{"samples", 100}}, {}, {width, width}, 1.35},
    {"importance", {{"measure", "si"}}, sgd},
    {"importance", {{"measure", "siu"}}, sgd},
    {"importance", {{"measure", "sos"}}, sgd},
    {"importance", {{"measure", "rf"}, {"samples", 100}}, sgd},
    {"rebasin", {}, {}, {width}, 0, 25000},
    {"er", {}, {}, {width, width}, 2.3, 0, true},
    {"er", {{"policy", "reservoir"}}, {}, {width, width}, 0, 0, true},
    {"agem", {}, {}, {width, width}, 2.3, 0, true},
};

std::vector<Case> cases(const std::string& plugins) {
    std::vector<std::string> found;
    for (const auto& file : std::filesystem::directory_iterator(plugins))
        if (file.path().extension() == ".so") found.push_back(file.path().stem().string());
    std::sort(found.begin(), found.end());
    std::vector<Case> list;
    for (const auto& id : found) {
        if (id == "finetune" || id == "joint") continue; // the other side, and the same step
        const auto before = list.size();
        std::copy_if(known.begin(), known.end(), std::back_inserter(list),
                     [&](const Case& c) { return c.id == id; });
        if (list.size() == before) list.push_back({id});
    }
    return list;
}

void learn(Harness& side, int64_t task, int64_t batch) { // a task from its beginning to its end
    side.begin_task(task);
    const auto phases = side.phases();
    for (std::size_t p = 0; p < phases.size(); ++p) {
        side.begin_phase(phases[p], static_cast<int64_t>(p), batch);
        side.train(20, phases[p].batch_size > 0 ? phases[p].batch_size : batch);
        side.end_phase();
    }
    side.end_task();
}

std::string name_of(const Case& c) {
    std::string out = c.id;
    for (const auto& [key, value] : c.options.items())
        if (value.is_string()) out.append(" ").append(value.get<std::string>());
    return out;
}

void measure(const std::string& plugins, Case c, const Images& images, int64_t batch, double effort,
             std::vector<Row>& rows) {
    if (c.equal_memory) c.options["memory_batch"] = batch;
    Harness ours(plugins, c.id, images, 2, c.options, c.train, mlp_layout(c.hidden)),
        naive(plugins, "finetune", images, 2, {}, {}, mlp_layout(c.hidden));
    learn(ours, 0, batch), learn(naive, 0, batch);
    ours.begin_task(1), naive.begin_task(1);
    naive.begin_phase(naive.phases().at(0), 0, batch);
    const auto phases = ours.phases();
    for (std::size_t p = 0; p < phases.size(); ++p) {
        const bool repeated = p > 1 && std::string(phases[p].name) == phases[p - 2].name;
        if (repeated) continue;
        const int64_t own = phases[p].batch_size > 0 ? phases[p].batch_size : batch,
                      count = batch == 10 ? 30 : 15;
        ours.begin_phase(phases[p], static_cast<int64_t>(p), batch);
        std::string name = name_of(c);
        if (phases.size() > 1) name.append(", ").append(phases[p].name);
        name.append(", batch ").append(std::to_string(batch)).append(" (finetune)");
        auto row = by_turns(
            name, "us", 1e6 / static_cast<double>(count), static_cast<int64_t>(15 * effort) + 1,
            [&] { return timed([&] { ours.train(count, own); }); },
            [&] { return timed([&] { naive.train(count, batch); }); });
        row.target = c.target, row.limit = c.limit_us;
        rows.push_back(row);
        ours.end_phase();
    }
}

} // namespace

std::vector<Row> methods(const std::string& plugins, double effort) {
    const auto images = draw_images(5000, 1);
    std::vector<Row> rows;
    for (const auto& c : cases(plugins))
        for (int64_t batch : {10, 64}) measure(plugins, c, images, batch, effort, rows);
    return rows;
}

std::vector<Row> borders(const std::string& plugins, double effort) {
    struct {
        const char *name, *id;
        Json options;
        double limit_ms;
    } const ends[] = {
        {"exact Fisher of 1,000 examples (ewc_online)", "ewc_online", Json::object(), 2000},
        {"MAS importance of 1,000 examples (mas)", "mas", Json::object(), 1000},
        {"absolute Fisher of 1,000 examples (importance af)", "importance", {{"measure", "af"}}, 0},
        {"path integral (si)", "si", Json::object(), 0}};
    const auto images = draw_images(5000, 1);
    std::vector<Row> rows;
    for (const auto& e : ends) {
        if (!std::filesystem::exists(plugins + "/" + e.id + ".so")) continue;
        Harness side(plugins, e.id, images, 2, e.options);
        learn(side, 0, 10);
        side.begin_task(1);
        std::vector<double> ms;
        const auto blocks = static_cast<int64_t>(4 * effort) + 1;
        for (int64_t k = 0; k < blocks; ++k) ms.push_back(1e3 * timed([&] { side.end_task(); }));
        rows.push_back({std::string("task's end: ").append(e.name),
                        "ms",
                        spread(ms),
                        {},
                        {},
                        0,
                        blocks,
                        e.limit_ms});
    }
    return rows;
}

} // namespace mneme::speed
