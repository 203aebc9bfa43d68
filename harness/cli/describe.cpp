// SPDX-License-Identifier: Apache-2.0
// mneme describe: benchmarks and data sets, and the choice between them.
#include <algorithm>

#include <fmt/format.h>
#include <base/text.hpp>
#include <benchmarks/dataset.hpp>
#include <benchmarks/layer_plan.hpp>
#include <benchmarks/tasks.hpp>
#include <plan/benchmark.hpp>

#include <base/error.hpp>
#include "cli/commands.hpp"
#include "cli/data.hpp"
#include "cli/described.hpp"
#include "cli/folders.hpp"
#include "cli/network_facts.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

using OrderedJson = nlohmann::ordered_json;

std::string list_of(const std::vector<std::int64_t>& values) {
    const bool run = values.size() > 3 &&
                     values.back() - values.front() + 1 == std::int64_t(values.size()) &&
                     std::is_sorted(values.begin(), values.end());
    return run ? fmt::format("{} to {}", values.front(), values.back())
               : fmt::format("{}", fmt::join(values, " "));
}

// The layers with what they give and cost, those inside a residual layer below it; their sum.
std::int64_t add_rows(const std::vector<bench::PlannedLayer>& layers,
                      const bench::NetworkPlan& plan, Table& table, OrderedJson& json) {
    std::int64_t sum = 0;
    for (const auto& layer : layers) {
        std::int64_t parameters = 0;
        for (const std::int64_t tensor : {layer.weight, layer.bias, layer.last_weight,
                                          layer.last_bias, layer.token, layer.positions}) {
            if (tensor < 0) continue;
            std::int64_t entries = 1;
            for (std::int64_t size : plan.tensors[std::size_t(tensor)].shape) entries *= size;
            parameters += entries;
        }
        table.rows.push_back({layer.number, layer.spec.kind, layer.name,
                              fmt::format("{}", fmt::join(layer.out, " x ")),
                              fmt::format("{}", parameters),
                              fmt::format("{}", layer.multiply_adds)});
        json.push_back({{"number", layer.number},
                        {"kind", layer.spec.kind},
                        {"name", layer.name},
                        {"output", layer.out},
                        {"parameters", parameters},
                        {"multiply_adds", layer.multiply_adds}});
        sum += layer.multiply_adds + add_rows(layer.layers, plan, table, json) +
               add_rows(layer.shortcut, plan, table, json);
    }
    return sum;
}

// Of the kinds that are a list of layers, where the size of an example is known.
void add_layers(Described& out, const bench::Spec& spec) {
    const auto shape = bench::input_shape(spec);
    if (shape.empty() || !bench::has_layer_list(spec.network)) return;
    Table table{
        {{"layer"}, {"kind"}, {"name"}, {"output"}, {"parameters", true}, {"multiply-adds", true}},
        {}};
    OrderedJson list = OrderedJson::array();
    std::int64_t sum = 0;
    try {
        const auto plan = bench::plan_network(spec.network, shape, bench::head_width(spec));
        sum = add_rows(plan.layers, plan, table, list);
    } catch (const bench::LayerFault&) { // add_network says what does not fit
        return;
    }
    out.json["network"]["list"] = list;
    out.json["network"]["multiply_adds"] = sum;
    out.text +=
        "\n" + render(table, Format::table) + fmt::format("\n{} multiply-adds an example\n", sum);
}

void add_network(Described& out, const bench::Spec& spec, const std::filesystem::path& torch) {
    const NetworkFacts facts = network_facts(torch, {spec})[0];
    if (!facts.fault.empty()) {
        out.text += fmt::format("\nlayers are not known: {}\n", facts.fault);
        return;
    }
    const bool given = !spec.network.weights.empty();
    Table table{{{"tensor"}, {"shape"}, {"parameters", true}}, {}};
    if (given) table.columns.push_back({"starts from"});
    std::int64_t frozen = 0;
    OrderedJson layers = OrderedJson::array();
    for (const auto& layer : facts.layers) {
        std::int64_t entries = 1;
        for (std::int64_t size : layer.shape) entries *= size;
        table.rows.push_back({layer.name, fmt::format("{}", fmt::join(layer.shape, " x ")),
                              fmt::format("{}", entries)});
        layers.push_back({{"name", layer.name}, {"shape", layer.shape}});
        if (layer.start == "frozen") frozen += entries;
        if (!given) continue;
        table.rows.back().push_back(layer.start == "frozen" ? "file, frozen" : layer.start);
        layers.back()["start"] = layer.start;
    }
    if (given) {
        const auto file = std::filesystem::path(spec.network.weights).filename().string();
        out.json["network"]["weights"] = file;
        out.json["network"]["frozen_parameters"] = frozen;
        out.text += fmt::format("\nweights: {}, SHA-256 {}\n", file, spec.network.weights_sha256);
    }
    out.json["network"]["parameters"] = facts.parameters;
    out.json["network"]["layers"] = layers;
    out.text += "\n" + render(table, Format::table) +
                fmt::format("\n{} parameters{}\n", facts.parameters,
                            given ? fmt::format(", {} of them frozen", frozen) : "");
}

bool data_are_here(const bench::Spec& spec, const DataOptions& options) {
    for (const auto& info : bench::datasets_of(spec))
        if (bench::locate(info, data_folders(options)).empty()) return false;
    return true;
}

} // namespace

Described describe_benchmark(const std::string& name, const DataOptions& options,
                             const std::filesystem::path& torch) {
    const bench::Spec spec = harness::load_benchmark(name, benchmark_folders(options), {},
                                                     "benchmark", data_folders(options));
    Described out;
    out.json = {{"kind", "benchmark"},
                {"name", spec.name},
                {"version", spec.version},
                {"keys", harness::effective_keys(spec)}};
    out.text = fmt::format("benchmark {}\n\n{}\n", spec.name, harness::to_toml(spec));
    Table table{{{"task"}, {"classes"}, {"train", true}, {"test", true}}, {}};
    OrderedJson tasks = OrderedJson::array();
    try {
        const auto data =
            bench::load_data(spec, data_folders(options)); // throws when a set is not here
        const std::string digest =
            harness::benchmark_digest(spec, data ? data->payload_digest : "");
        for (const bench::TaskInfo& task : bench::describe_tasks(spec, data.get(), {})) {
            table.rows.push_back({task.name, list_of(task.classes),
                                  fmt::format("{}", task.train_count),
                                  fmt::format("{}", task.test_count)});
            tasks.push_back({{"name", task.name},
                             {"classes", task.classes},
                             {"train", task.train_count},
                             {"test", task.test_count}});
        }
        out.json["digest"] = digest;
        out.text += render(table, Format::table) + fmt::format("\ndigest {}\n", digest);
    } catch (const std::runtime_error& missing) { // the names at least do not need the data
        for (const std::string& task : bench::task_names(spec)) {
            tasks.push_back({{"name", task}});
            out.text += task + "\n";
        }
        out.unreadable = data_are_here(spec, options);
        out.json["missing_data"] = missing.what();
        out.text += fmt::format("\nsizes and digest are not known: {}\n", missing.what());
    }
    out.json["tasks"] = tasks;
    add_layers(out, spec);
    add_network(out, spec, torch);
    return out;
}

Described describe_dataset(const bench::DatasetInfo& info, const DataOptions& options) {
    const std::string where = bench::locate(info, data_folders(options)).string();
    Described out;
    out.json = {{"kind", "dataset"},
                {"name", info.name},
                {"title", info.title},
                {"licence", info.licence},
                {"citation", info.citation},
                {"origin", info.origin},
                {"classes", info.classes},
                {"how_to_get", info.how_to_get},
                {"folder", where.empty() ? OrderedJson(nullptr) : OrderedJson(where)},
                {"files", OrderedJson::array()}};
    out.text = fmt::format("data set {}: {}\nclasses: {}\nlicence: {}\ncite: {}\n{}where: {}\n\n",
                           info.name, info.title, info.classes, info.licence, info.citation,
                           info.origin.empty() ? "" : fmt::format("origin: {}\n", info.origin),
                           where.empty() ? "not here; " + info.how_to_get : where);
    Table table{{{"file"}, {"bytes", true}, {"SHA-256 of the decompressed payload"}}, {}};
    for (const bench::DatasetFile& file : info.files) {
        table.rows.push_back({file.name, fmt::format("{}", file.bytes), file.sha256});
        out.json["files"].push_back(
            {{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    }
    out.text += render(table, Format::table);
    return out;
}

namespace {

struct DescribeOptions {
    std::string name;
    WorkerOptions worker;
    DataOptions data;
    bool json = false;
};

void declare(Arguments& arguments, DescribeOptions& to) {
    arguments.value("name", to.name,
                    {.type = "NAME",
                     .help = "a method, benchmark or data set",
                     .required = true,
                     .suggested_by = "mneme list methods; mneme list benchmarks; "
                                     "mneme list datasets"});
    declare_json(arguments, to.json);
    cli::declare(arguments, to.worker);
    cli::declare(arguments, to.data);
}

ExitCode describe(const DescribeOptions& options, const Console& console, const std::string&) {
    const std::string& name = options.name;
    const Methods methods = find_methods(options.worker.plugins);
    if (const RefusedFile* file = methods.in_the_way(name))
        throw base::ExitError(ExitCode::plugin_refused, "plugin refused: " + file->reason);
    std::vector<std::string> known;
    std::vector<Described> found;
    for (const Method& method : methods.found) {
        known.push_back(method.id);
        if (method.id == name) found.push_back(describe_method(method, options.worker.torch));
    }
    bool is_benchmark = name.find('/') != std::string::npos || name.ends_with(".toml");
    for (const auto& file :
         harness::find_benchmarks(benchmark_folders(options.data), data_folders(options.data))) {
        known.push_back(file.name);
        is_benchmark = is_benchmark || file.name == name;
    }
    if (is_benchmark) found.push_back(describe_benchmark(name, options.data, options.worker.torch));
    for (const auto& info : known_datasets(options.data)) {
        known.push_back(info.name);
        if (info.name == name) found.push_back(describe_dataset(info, options.data));
    }
    if (found.empty()) {
        const std::string near = base::nearest(name, known);
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("describe {}: no method, benchmark or data set of that name; {}", name,
                        near.empty()
                            ? "`mneme list methods`, `benchmarks` and `datasets` show the names"
                            : fmt::format("the nearest known one is \"{}\"", near)));
    }
    for (const std::string& warning : methods.warnings) console.warn(warning);
    std::string text;
    for (const Described& one : found)
        text += options.json ? json_text(one.json) : (text.empty() ? "" : "\n") + one.text;
    print_result(text);
    for (const Described& one : found)
        if (one.unreadable) return ExitCode::bad_input;
    return ExitCode::done;
}

} // namespace

Command describe_command() {
    return command("describe", "a method's options, or what a benchmark holds fixed", declare,
                   describe);
}

} // namespace mneme::cli
