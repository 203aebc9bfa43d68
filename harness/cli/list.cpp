// SPDX-License-Identifier: Apache-2.0
// mneme list.
#include <fmt/format.h>
#include <base/text.hpp>
#include <benchmarks/dataset.hpp>
#include <benchmarks/keys.hpp>
#include <benchmarks/layer_spec.hpp>
#include <benchmarks/network_kinds.hpp>
#include <benchmarks/tasks.hpp>
#include <plan/benchmark.hpp>
#include <plan/suite_keys.hpp>

#include <base/error.hpp>
#include "cli/commands.hpp"
#include "cli/data.hpp"
#include "cli/fitted_table.hpp"
#include "cli/folders.hpp"
#include "cli/methods.hpp"
#include "cli/network_facts.hpp"
#include "cli/options.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;
using leaderboard::Column;

using OrderedJson = nlohmann::ordered_json;

struct ListOptions {
    std::string what;
    WorkerOptions worker;
    DataOptions data;
    OutputOptions output;
    bool lengthy = false; // benchmarks: what a worker must count, too
};

void declare(Arguments& arguments, ListOptions& to) {
    arguments.value("what", to.what,
                    {.type = "WHAT",
                     .help = "methods, benchmarks, datasets, networks or layers",
                     .required = true,
                     .choices = {"methods", "benchmarks", "datasets", "networks", "layers",
                                 "benchmark-keys", "suite-keys"}});
    arguments.flag("--long", to.lengthy,
                   "benchmarks: also the network's parameters, which a worker counts, and [train]");
    cli::declare(arguments, to.output, "table, markdown, latex, csv or json");
    cli::declare(arguments, to.worker);
    cli::declare(arguments, to.data);
}

ExitCode methods(const ListOptions& options, Format format, const Console& console) {
    const Methods methods = find_methods(options.worker.plugins);
    for (const std::string& warning : methods.warnings) console.warn(warning);
    OrderedJson json{{"methods", OrderedJson::array()}, {"refused", OrderedJson::array()}};
    Table table{{{"method"}, {"version"}, {"SDK"}, {"origin"}, {"summary"}, {"flags"}, {"file"}},
                {}};
    for (const Method& m : methods.found) {
        table.rows.push_back({m.id, m.version, m.sdk, m.origin, m.summary,
                              fmt::format("{}", fmt::join(m.flags, " ")), m.path.string()});
        json["methods"].push_back({{"id", m.id},
                                   {"version", m.version},
                                   {"sdk", m.sdk},
                                   {"origin", m.origin},
                                   {"summary", m.summary},
                                   {"paper", m.paper},
                                   {"flags", m.flags},
                                   {"file", m.path.string()},
                                   {"sha256", m.sha256}});
    }
    std::string refused;
    for (const RefusedFile& file : methods.refused) {
        if (format == Format::table) refused += fmt::format("refused: {}\n", file.reason);
        else if (format != Format::json) console.warn("refused: " + file.reason);
        json["refused"].push_back({{"file", file.path.string()}, {"reason", file.reason}});
    }
    if (format == Format::json) print_result(json_text(json));
    else
        print_result(
            (table.rows.empty()
                 ? fmt::format("no methods (looked in: {})\n", fmt::join(methods.folders, ", "))
                 : render_fitted(table, format,
                                 {{"file", "flags", "origin", "SDK", "version"}, {"summary"}})) +
            refused);
    return ExitCode::done;
}

// Name, tasks, width of the head, ..., what a guess would score.
std::vector<std::string> row_of(const harness::BenchmarkFile& file) {
    const bench::Spec& spec = file.spec;
    std::vector<std::string> names;
    std::int64_t images = 0;
    for (const auto& info : bench::datasets_of(spec)) {
        names.push_back(info.name);
        images += bench::train_images(info);
    }
    const std::string hidden =
        spec.network.hidden.empty() ? "" : fmt::format(" {}", fmt::join(spec.network.hidden, "-"));
    return {file.name,
            fmt::format("{}", bench::task_names(spec).size()),
            fmt::format("{}", bench::head_width(spec)),
            spec.scenario.kind + (spec.scenario.head == "shared" ? ", shared head" : "") +
                (spec.scenario.from_the_start() ? ", all logits" : ""),
            names.empty() ? "drawn" : fmt::format("{}", fmt::join(names, ", ")),
            images > 0 ? fmt::format("{}", images) : "",
            spec.network.kind + hidden,
            fmt::format("{:.4g}", bench::chance(spec)),
            file.title};
}

// What [train] says, in short; empty: methods train by their own defaults.
std::string settings_of(const bench::TrainSpec& train) {
    std::vector<std::string> said;
    if (train.optimizer) said.push_back(*train.optimizer);
    if (train.lr) said.push_back(fmt::format("lr {}", *train.lr));
    if (train.lr_decay) said.push_back(fmt::format("decay {}", *train.lr_decay));
    if (train.momentum) said.push_back(fmt::format("momentum {}", *train.momentum));
    if (train.weight_decay) said.push_back(fmt::format("weight decay {}", *train.weight_decay));
    if (train.dropout) said.push_back(fmt::format("dropout {}", *train.dropout));
    if (train.batch_size) said.push_back(fmt::format("batch {}", *train.batch_size));
    if (train.epochs)
        said.push_back(fmt::format("{} epoch{}", *train.epochs, *train.epochs == 1 ? "" : "s"));
    return fmt::format("{}", fmt::join(said, ", "));
}

void lengthen(Table& table, OrderedJson& json, const std::vector<bench::Spec>& specs,
              const ListOptions& options) {
    table.columns.insert(table.columns.end() - 1, {Column{"parameters", true}, Column{"[train]"}});
    const auto facts = network_facts(options.worker.torch, specs);
    for (std::size_t k = 0; k < specs.size(); ++k) {
        const std::string parameters =
            facts[k].fault.empty() ? fmt::format("{}", facts[k].parameters) : "";
        table.rows[k].insert(table.rows[k].end() - 1, {parameters, settings_of(specs[k].train)});
        for (auto& one : json)
            if (one["name"] == specs[k].name && facts[k].fault.empty())
                one["parameters"] = facts[k].parameters;
    }
}

ExitCode benchmarks(const ListOptions& options, Format format) {
    OrderedJson json = OrderedJson::array();
    Table table{{{"benchmark"},
                 {"tasks", true},
                 {"classes", true},
                 {"scenario"},
                 {"data"},
                 {"images", true},
                 {"network"},
                 {"chance", true},
                 {"title"}},
                {}};
    std::string faults;
    std::vector<bench::Spec> specs;
    for (const auto& file :
         harness::find_benchmarks(benchmark_folders(options.data), data_folders(options.data))) {
        if (!file.fault.empty()) faults += fmt::format("cannot be used: {}\n", file.fault);
        else table.rows.push_back(row_of(file)), specs.push_back(file.spec);
        json.push_back({{"name", file.name},
                        {"title", file.title},
                        {"reference", file.reference},
                        {"file", file.path.string()},
                        {"fault", file.fault}});
    }
    if (options.lengthy) lengthen(table, json, specs, options);
    print_result(format == Format::json
                     ? json_text(OrderedJson{{"benchmarks", json}})
                     : render_fitted(table, format,
                                     {{"images", "chance", "[train]", "parameters", "network",
                                       "classes", "data"},
                                      {"title"}}) +
                           faults);
    return ExitCode::done;
}

ExitCode networks(Format format) {
    OrderedJson json = OrderedJson::array();
    Table table{{{"network"}, {"summary"}, {"keys of [network]"}}, {}};
    for (const bench::NetworkKind& network : bench::network_kinds()) {
        auto keys = bench::key_names("network", network.kind);
        std::erase(keys, "kind");
        table.rows.push_back({network.kind, network.summary, base::joined(keys)});
        json.push_back({{"kind", network.kind}, {"summary", network.summary}, {"keys", keys}});
    }
    print_result(format == Format::json
                     ? json_text(OrderedJson{{"networks", json}})
                     : render_fitted(table, format, {{}, {"summary", "keys of [network]"}}));
    return ExitCode::done;
}

ExitCode layers(Format format) {
    OrderedJson json = OrderedJson::array();
    Table table{{{"layer"}, {"key"}, {"values"}, {"default"}, {"meaning"}}, {}};
    for (const std::string& kind : bench::LayerName::all()) {
        table.rows.push_back({kind, "", "", "", bench::layer_summary(kind)});
        OrderedJson keys = OrderedJson::array();
        for (const bench::LayerKey* key : bench::keys_of_layer(kind)) {
            keys.push_back({{"key", key->name},
                            {"values", bench::allowed_values(*key)},
                            {"default", key->fallback},
                            {"meaning", key->help}});
            if (key->name == "kind" || key->name == "name") continue; // of every layer
            table.rows.push_back(
                {"", key->name, bench::allowed_values(*key), key->fallback, key->help});
        }
        json.push_back({{"kind", kind}, {"summary", bench::layer_summary(kind)}, {"keys", keys}});
    }
    print_result(format == Format::json
                     ? json_text(OrderedJson{{"layers", json}})
                     : render_fitted(table, format, {{"default"}, {"values", "meaning"}}));
    return ExitCode::done;
}

// A key of a file: the table it stands in, its values, what holds where it is not given.
struct KeyRow {
    std::string table, key, values, fallback, help;
};

ExitCode keys(const std::string& name, const std::vector<KeyRow>& rows, Format format) {
    OrderedJson json = OrderedJson::array();
    Table table{{{"table"}, {"key"}, {"values"}, {"default"}, {"meaning"}}, {}};
    for (const KeyRow& row : rows) {
        table.rows.push_back({row.table, row.key, row.values, row.fallback, row.help});
        json.push_back({{"table", row.table},
                        {"key", row.key},
                        {"values", row.values},
                        {"default", row.fallback},
                        {"meaning", row.help}});
    }
    print_result(format == Format::json
                     ? json_text(OrderedJson{{name, json}})
                     : render_fitted(table, format, {{"default"}, {"values", "meaning"}}));
    return ExitCode::done;
}

ExitCode benchmark_keys(Format format) {
    std::vector<KeyRow> rows;
    for (const bench::Key& key : bench::keys())
        rows.push_back({"[" + key.table + "]", key.name, bench::allowed_values(key),
                        bench::default_value(key),
                        key.help + (key.owners.empty() ? std::string()
                                                       : " (" + base::joined(key.owners) + ")")});
    return keys("benchmark_keys", rows, format);
}

ExitCode suite_keys(Format format) {
    std::vector<KeyRow> rows;
    for (const harness::SuiteKey& key : harness::suite_keys())
        rows.push_back({key.table == "method" ? "[[method]]" : "the suite", key.name, key.values,
                        key.fallback, key.help});
    return keys("suite_keys", rows, format);
}

ExitCode list(const ListOptions& options, const Console& console, const std::string&) {
    const Format format = options.output.wanted();
    if (options.what == "methods") return methods(options, format, console);
    if (options.what == "benchmarks") return benchmarks(options, format);
    if (options.what == "datasets") return list_datasets(options.data, format);
    if (options.what == "layers") return layers(format);
    if (options.what == "benchmark-keys") return benchmark_keys(format);
    if (options.what == "suite-keys") return suite_keys(format);
    return networks(format);
}

} // namespace

Command list_command() { return command("list", "what is there", declare, list); }

} // namespace mneme::cli
