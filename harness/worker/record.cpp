// SPDX-License-Identifier: Apache-2.0
#include "worker/record.hpp"

#include <cstdio>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include <base/sha256.hpp>
#include <benchmarks/dataset.hpp>
#include <mneme/error.hpp>
#include <results/results.hpp>

#include "plan/record.hpp"

namespace mneme::harness {
namespace {

constexpr std::size_t most_confusion =
    std::size_t{1} << 24; // counts of a run; the array is left out where there would be more

template <class T> Json to_json(const results::Array<T>& a) {
    return {{"shape", a.shape}, {"data", a.data}};
}
template <class T> void from_json(const Json& j, results::Array<T>& a) {
    a.shape = j.at("shape").get<std::vector<std::size_t>>();
    a.data = j.at("data").get<std::vector<T>>();
}

// Every array that grows during a run; names, tasks and provenance are made anew by start_block.
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
}

// A checkpoint serves the same runs by the same plugin and program, on the same kind of device.
Json identity(const Cell& cell) {
    Json out = {cell.plugin_sha256, MNEME_VERSION, cell.device};
    for (const auto& run : cell.runs) out.push_back(run.digest);
    return out;
}

} // namespace

results::Block start_block(const Cell& cell, const Run& run, const bench::Stream& stream) {
    std::vector<std::string> tasks;
    for (int64_t t = 0; t < stream.tasks(); ++t) tasks.push_back(stream.task(t).name);
    const auto T = tasks.size();
    const auto K = T * static_cast<std::size_t>(curve_points);
    const auto classes = static_cast<std::size_t>(stream.classes());
    const bool counted =
        T * classes * classes <=
        most_confusion; // a hundred tasks of 1,623 classes would be a gigabyte, in every checkpoint
    auto b = results::Block::blank({run.label}, {static_cast<int32_t>(run.seed)}, tasks,
                                   counted ? classes : 0, K);
    b.benchmark = cell.benchmark.spec.name;
    b.version = cell.benchmark.spec.version;
    b.digest = cell.benchmark.digest;
    b.toml = cell.benchmark.toml;
    b.scenario = cell.benchmark.spec.scenario.kind;
    b.evaluated_on = cell.evaluate_on;
    if (b.scenario == "class") b.n_correct_task_aware = results::Array<int32_t>({1, 1, T, T}, -1);
    for (std::size_t t = 0; t < T; ++t)
        b.n_evaluated.at({t}) =
            static_cast<int32_t>(stream.task(static_cast<int64_t>(t)).test_count);
    for (std::size_t k = 0; k < K; ++k)
        b.task_of_point.at({k}) =
            static_cast<int32_t>(k / static_cast<std::size_t>(curve_points) + 1);
    b.shared_by_replicas.at({0, 0}) = static_cast<int32_t>(cell.runs.size());
    b.chance_accuracy = bench::chance(cell.benchmark.spec);
    return b;
}

std::filesystem::path checkpoint_path(const Cell& cell) {
    return std::filesystem::path(cell.output) / "checkpoints" / checkpoint_name(cell.runs);
}

void save(const Cell& cell, const Checkpoint& c) {
    const auto path = checkpoint_path(cell);
    Json record = {{"for", identity(cell)},    {"at", {c.at.task, c.at.phase, c.at.step}},
                   {"loss_sum", c.loss_sum},   {"loss_weight", c.loss_weight},
                   {"conv_impl", c.conv_impl}, {"blocks", Json::array()}};
    for (const auto& block : c.blocks) {
        Json j = Json::object();
        each_array(block, [&](const char* name, const auto& array) { j[name] = to_json(array); });
        record["blocks"].push_back(std::move(j));
    }
    const auto learner = c.learner.bytes();
    record["learner"] = Json::binary({learner.begin(), learner.end()});
    const auto bytes = Json::to_cbor(record);

    std::filesystem::create_directories(path.parent_path());
    const auto temporary = path.string() + ".tmp." + std::to_string(::getpid());
    base::Sha256 sha;
    sha.add(bytes.data(), bytes.size());
    {
        std::ofstream out(temporary, std::ios::binary);
        out.write(reinterpret_cast<const char*>(bytes.data()),
                  static_cast<std::streamsize>(bytes.size()));
        out << sha.hex();
        out.close();
        if (!out) {
            std::filesystem::remove(temporary);
            throw Error(path.string() + ": the checkpoint cannot be written (" +
                            std::system_category().message(errno) +
                            "); free some space and run again",
                        75);
        }
    }
    const int fd = ::open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) ::fsync(fd), ::close(fd);
    std::filesystem::rename(temporary, path);
}

std::optional<Checkpoint> load(const Cell& cell) {
    std::ifstream in(checkpoint_path(cell), std::ios::binary);
    if (!in) return {};
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    if (bytes.size() < 64) return {};
    base::Sha256 sha;
    sha.add(bytes.data(), bytes.size() - 64);
    if (sha.hex() != bytes.substr(bytes.size() - 64)) return {};
    bytes.resize(bytes.size() - 64);
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
    each_array(fresh, [&](const char* name, auto& array) {
        each_array(kept, [&](const char* other, const auto& value) {
            if constexpr (std::is_same_v<std::decay_t<decltype(array)>,
                                         std::decay_t<decltype(value)>>)
                if (std::string_view(name) == other) array = value;
        });
    });
}

void write_runs(const Cell& cell, const std::vector<results::Block>& blocks) {
    const auto folder = std::filesystem::path(cell.output) / "runs";
    std::filesystem::create_directories(folder);
    for (std::size_t r = 0; r < blocks.size(); ++r)
        results::write(folder / (cell.runs[r].digest + ".h5"),
                       {cell.benchmark.spec.name + ", " + cell.runs[r].label, "", {blocks[r]}});
}

} // namespace mneme::harness
