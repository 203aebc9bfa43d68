// SPDX-License-Identifier: Apache-2.0
#include "worker/checkpoint.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

#include <ATen/ATen.h>

#include <base/atomic_file.hpp>
#include <base/error.hpp>
#include <base/regular_file.hpp>
#include <base/sha256.hpp>
#include <results/results.hpp>

#include "protocol/run_folder.hpp"
#include "protocol/run_record.hpp"
#include "worker/kept_weights.hpp"
#include "worker/logit_scores.hpp"
#include "worker/provenance.hpp"

namespace mneme::harness {
namespace {

// Counts of a run; the array is left out where there would be more: a hundred tasks of 1,623
// classes would be a gigabyte, in every checkpoint.
constexpr std::size_t most_confusion = std::size_t{1} << 24;

constexpr std::size_t most_calibration = std::size_t{1} << 14; // likewise, of confidence

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 36; // of a checkpoint
constexpr std::size_t digest_length = 64;                    // at its end

// Weights and predictions are many: as bytes, not as numbers one by one.
template <class T> constexpr bool as_bytes = sizeof(T) < 4 || std::is_same_v<T, float>;

template <class T> Json to_json(const results::Array<T>& a) {
    if constexpr (as_bytes<T>) {
        const auto* first = reinterpret_cast<const std::uint8_t*>(a.data.data());
        return {{"shape", a.shape},
                {"data", Json::binary({first, first + a.data.size() * sizeof(T)})}};
    } else {
        return {{"shape", a.shape}, {"data", a.data}};
    }
}
template <class T> void from_json(const Json& j, results::Array<T>& a) {
    a.shape = j.at("shape").get<std::vector<std::size_t>>();
    if constexpr (as_bytes<T>) {
        const auto& bytes = j.at("data").get_binary();
        a.data.resize(bytes.size() / sizeof(T));
        if (!bytes.empty()) std::memcpy(a.data.data(), bytes.data(), a.data.size() * sizeof(T));
    } else {
        a.data = j.at("data").get<std::vector<T>>();
    }
}

// Every array that grows during a run; names, tasks and provenance are made by start_block.
template <class B, class F> void each_array(B& b, F&& visit) {
    visit("n_correct", b.n_correct);
    visit("n_correct_task_aware", b.n_correct_task_aware);
    visit("n_evaluated", b.n_evaluated);
    visit("initial_correct", b.initial_correct);
    visit("loss", b.loss);
    visit("confusion", b.confusion);
    visit("outcome", b.outcome);
    visit("outcome_message", b.outcome_message);
    visit("train_seconds", b.train_seconds);
    visit("evaluate_seconds", b.evaluate_seconds);
    visit("end_task_seconds", b.end_task_seconds);
    visit("train_samples", b.train_samples);
    visit("optimizer_steps", b.optimizer_steps);
    visit("kept_bytes", b.kept_bytes);
    visit("peak_rss_bytes", b.peak_rss_bytes);
    visit("peak_device_bytes", b.peak_device_bytes);
    visit("train_loss", b.train_loss);
    visit("weights", b.weights);
    visit("restart_count", b.restart_count);
    visit("weight_statistics", b.weight_statistics);
    visit("continual_step", b.continual_step);
    visit("continual_correct", b.continual_correct);
    visit("calibration_count", b.calibration_count);
    visit("calibration_correct", b.calibration_correct);
    visit("calibration_confidence", b.calibration_confidence);
    visit("calibration_squared_error", b.calibration_squared_error);
    visit("predictions", b.predictions);
}

// A checkpoint serves the same runs by the same plugin and program, on the same kind of device.
Json identity(const Cell& cell) {
    Json out = {cell.plugin.sha256, MNEME_VERSION, cell.execution.device};
    for (const auto& run : cell.runs) out.push_back(run.digest);
    return out;
}

void require_as_planned(const Run& planned, const Run& run) {
    if (planned.effective_train.is_null()) return; // a cell of the examiner or of a test
    if (protocol::canonical(planned.effective_options) ==
            protocol::canonical(run.effective_options) &&
        protocol::canonical(planned.effective_train) == protocol::canonical(run.effective_train))
        return;
    throw base::ExitError(base::ExitCode::bad_input,
                          run.label + ", seed " + std::to_string(run.seed) +
                              ": its settings give " + protocol::canonical(run.effective_options) +
                              " and " + protocol::canonical(run.effective_train) +
                              ", its plan says " + protocol::canonical(planned.effective_options) +
                              " and " + protocol::canonical(planned.effective_train) +
                              "; make the plan again");
}

// For what this cell records beside the counts.
void make_room(results::Block& block, const protocol::Evaluation& asked,
               const bench::Stream& stream, const bench::Network& network) {
    const std::size_t tasks = block.tasks.size();
    constexpr auto bins = static_cast<std::size_t>(confidence_bins);
    if (tasks * tasks * bins <= most_calibration) {
        block.calibration_count = {{1, 1, tasks, tasks, bins}, -1};
        block.calibration_correct = block.calibration_count;
        block.calibration_confidence = {{1, 1, tasks, tasks, bins}, std::nan("")};
    }
    if (asked.brier_score) block.calibration_squared_error = {{1, 1, tasks, tasks}, std::nan("")};
    if (asked.within_tasks()) {
        block.continual_evaluated = block.n_evaluated;
        if (asked.examples > 0)
            for (auto& n : block.continual_evaluated.data)
                n = static_cast<int32_t>(std::min<int64_t>(n, asked.examples));
    }
    if (asked.predictions) {
        std::vector<at::Tensor> labels;
        for (std::size_t t = 0; t < tasks; ++t)
            labels.push_back(stream.test(static_cast<int64_t>(t)).y.to(at::kCPU));
        const auto all = at::cat(labels).contiguous();
        const auto examples = static_cast<std::size_t>(all.numel());
        block.labels = {{1, examples}, 0};
        for (std::size_t x = 0; x < examples; ++x)
            block.labels.data[x] = static_cast<std::uint16_t>(all.data_ptr<int64_t>()[x]);
        block.predictions = {{1, 1, tasks, examples}, 65535};
    }
    if (asked.weights == "none") return;
    const auto unknown = std::numeric_limits<float>::quiet_NaN();
    const auto numbers = static_cast<std::size_t>(entries(network.whole().layers()));
    const auto statistics = static_cast<std::size_t>(entries(network.whole().stats_layers()));
    block.network_layers = network_layers(network);
    block.weights = {{1, 1, tasks, numbers}, unknown};
    if (statistics > 0) block.weight_statistics = {{1, 1, tasks, statistics}, unknown};
}

} // namespace

results::Block start_block(const Cell& cell, std::size_t run, const bench::Stream& stream,
                           const bench::Network& network, const host::OptionBook& options,
                           const std::string& conv_impl) {
    Run effective = cell.runs.at(run);
    effective.effective_options = options.effective_options(run);
    effective.effective_train = options.train(run);
    require_as_planned(cell.runs[run], effective);
    const auto tasks = static_cast<std::size_t>(stream.tasks());
    const auto classes = static_cast<std::size_t>(stream.classes());
    const bool counted = tasks * classes * classes <= most_confusion;
    auto block = protocol::new_record(
        cell, effective, {counted ? classes : 0, static_cast<std::size_t>(curve_points)},
        provenance(cell, conv_impl));
    for (std::size_t t = 0; t < tasks; ++t)
        block.n_evaluated.at({t}) =
            static_cast<int32_t>(stream.task(static_cast<int64_t>(t)).test_count);
    block.restart_count.at({0, 0}) = 0;
    make_room(block, cell.evaluation, stream, network);
    block.shared_by_replicas.at({0, 0}) = static_cast<int32_t>(cell.runs.size());
    if (cell.spec().stream.class_order.seeded) { // else labels are those of the data set
        const auto labels = bench::class_map(cell.spec(), effective.seed);
        block.class_map = {{1, labels.size()}, 0};
        block.class_map.data.assign(labels.begin(), labels.end());
    }
    return block;
}

std::filesystem::path checkpoint_path(const Cell& cell) {
    return protocol::RunFolder(cell.output).checkpoint(cell.runs);
}

void save(const Cell& cell, const Checkpoint& c) {
    const auto path = checkpoint_path(cell);
    Json record = {{"for", identity(cell)},    {"at", {c.at.task, c.at.phase, c.at.step}},
                   {"loss_sum", c.loss_sum},   {"loss_weight", c.loss_weight},
                   {"conv_impl", c.conv_impl}, {"blocks", Json::array()}};
    for (const auto& block : c.blocks) {
        Json j = Json::object();
        each_array(block, [&](const char* name, const auto& array) { j[name] = to_json(array); });
        j["diagnostics"] = Json::object();
        for (const auto& [name, diagnostic] : block.diagnostics)
            j["diagnostics"][name] = {{"units", diagnostic.units},
                                      {"help", diagnostic.help},
                                      {"values", to_json(diagnostic.values)}};
        record["blocks"].push_back(std::move(j));
    }
    const auto learner = c.learner.bytes();
    record["learner"] = Json::binary({learner.begin(), learner.end()});
    auto bytes = Json::to_cbor(record);
    base::Sha256 sha;
    sha.add(bytes.data(), bytes.size());
    const std::string digest = sha.hex();
    bytes.insert(bytes.end(), digest.begin(), digest.end());
    std::filesystem::create_directories(path.parent_path());
    base::replace_file(path, std::as_bytes(std::span(bytes)));
}

std::optional<Checkpoint> load(const Cell& cell) {
    const auto path = checkpoint_path(cell);
    std::string bytes;
    try {
        bytes = base::read_file(path, most_bytes);
    } catch (const base::ExitError&) {
        return {}; // there is none, or somebody has put something else there
    }
    if (bytes.size() < digest_length) return {};
    const std::string digest = bytes.substr(bytes.size() - digest_length);
    bytes.resize(bytes.size() - digest_length);
    if (base::sha256_of(bytes) != digest) return {};
    try {
        const auto record = Json::from_cbor(bytes);
        Checkpoint c{};
        c.at = {record["at"][0], record["at"][1], record["at"][2]};
        c.loss_sum = record["loss_sum"].get<std::vector<double>>();
        c.loss_weight = record["loss_weight"].get<std::vector<double>>();
        c.conv_impl = record.at("conv_impl").get<std::string>();
        if (record.at("for") != identity(cell)) return {};
        for (const auto& j : record["blocks"]) {
            results::Block block;
            each_array(block, [&](const char* name, auto& array) { from_json(j.at(name), array); });
            for (const auto& [name, kept] : j.at("diagnostics").items()) {
                auto& diagnostic = block.diagnostics[name];
                diagnostic.units = kept.at("units").get<std::string>();
                diagnostic.help = kept.at("help").get<std::string>();
                from_json(kept.at("values"), diagnostic.values);
            }
            c.blocks.push_back(std::move(block));
        }
        const auto& blob = record["learner"].get_binary();
        c.learner = host::Snapshot::from_bytes({blob.begin(), blob.end()});
        return c;
    } catch (const std::exception&) {
        return {};
    }
}

void adopt(results::Block& fresh, const results::Block& kept) {
    fresh.diagnostics = kept.diagnostics;
    each_array(fresh, [&](const char* name, auto& array) {
        each_array(kept, [&](const char* other, const auto& value) {
            if constexpr (std::is_same_v<std::decay_t<decltype(array)>,
                                         std::decay_t<decltype(value)>>)
                if (std::string_view(name) == other) array = value;
        });
    });
    auto& restarts = fresh.restart_count.at({0, 0});
    restarts = std::max(restarts, 0) + 1;
}

void write_runs(const Cell& cell, const std::vector<results::Block>& blocks) {
    const protocol::RunFolder folder(cell.output);
    std::filesystem::create_directories(folder.runs());
    for (std::size_t r = 0; r < blocks.size(); ++r)
        results::write(folder.run(cell.runs[r].digest),
                       {protocol::record_title(cell, cell.runs[r]), "", {blocks[r]}});
}

} // namespace mneme::harness
