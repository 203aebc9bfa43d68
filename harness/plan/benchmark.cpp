// SPDX-License-Identifier: Apache-2.0
#include "plan/benchmark.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include <base/error.hpp>
#include <benchmarks/dataset.hpp>
#include <benchmarks/tasks.hpp>

#include "plan/check.hpp"
#include "plan/datasets.hpp"
#include "plan/stream_keys.hpp"
#include "protocol/spec_fields.hpp"

namespace mneme::harness {

using protocol::visit_augment;
using protocol::visit_network;
using protocol::visit_scenario;
using protocol::visit_stream;

namespace fs = std::filesystem;

namespace {

// Words that a key may hold; empty: any, or said by others.
Names words(const std::string& table, const std::string& key) {
    if (table == "stream") {
        if (key == "kind") return stream_kinds();
        if (key == "normalise") return {"none", "dataset"};
        if (key == "boundaries") return {"announced", "hidden"};
        if (key == "interpolation") return {"nearest", "bilinear"};
        if (key == "first_task") return {"plain", "permuted"};
    }
    if (table == "scenario")
        return key == "kind" ? Names{"domain", "task", "class"} : Names{"full", "shared"};
    if (table == "network") {
        if (key == "kind") return network_names();
        if (key == "init") return {"default", "glorot"};
        if (key == "norm") return {"batch", "batch_stats", "batch_frozen", "group", "none"};
        if (key == "padding") return {"same", "pathint"};
    }
    return {};
}

std::string noun(const std::string& table, const std::string& key) {
    return key != "kind" ? key : table == "scenario" ? "scenario" : table + " kind";
}

using OwnSets =
    std::function<std::vector<bench::DatasetInfo>()>; // looked for only where a benchmark names a
                                                      // set that is not built in

// Reads what stands in the table into the fields of the same name.
template <class Spec, class Walk>
void fill(const Node& table, const std::string& name, Spec& spec, Walk walk) {
    walk(spec, [&](const char* key, auto& field) {
        const Member* member = find(table, key);
        if (!member) return;
        if constexpr (std::is_same_v<std::decay_t<decltype(field)>, std::string>) {
            const Names known = words(name, key);
            field =
                known.empty() ? want_text(*member) : want_choice(*member, known, noun(name, key));
        } else {
            take(*member, field);
        }
    });
}

// Keys that are known, but not to this kind.
void allow_only(const Node& table, const Names& fitting, const std::string& owner) {
    std::string list;
    for (const auto& known : fitting) list += (list.empty() ? "" : ", ") + known;
    for (const auto& key : table.members)
        if (std::find(fitting.begin(), fitting.end(), key.key) == fitting.end())
            fail(key.where, key.key + " is not a key of " + owner + "; its keys are " + list);
}

void read_network(const Node& table, bench::NetworkSpec& spec) {
    allow(table, all_network_keys(), "[network]");
    const Member* kind = find(table, "kind");
    const std::string chosen =
        kind ? want_choice(*kind, network_names(), "network kind") : spec.kind;
    allow_only(table, network_keys(chosen), "network " + chosen);
    fill(table, "network", spec, [](auto& n, auto visit) { visit_network(n, visit); });
}

// The names of the data sets, and the user's own among them.
void read_datasets(const Member& stream, bench::Spec& spec, const OwnSets& own_sets) {
    const char* key = spec.stream.kind == "sequence" ? "datasets" : "dataset";
    const Member* member = find(stream.value, key);
    Names built_in, names = spec.stream.datasets;
    for (const auto& info : bench::datasets()) built_in.push_back(info.name);
    if (!spec.stream.dataset.empty()) names.push_back(spec.stream.dataset);
    const auto has = [](const Names& list, const std::string& name) {
        return std::find(list.begin(), list.end(), name) != list.end();
    };
    if (member && std::all_of(names.begin(), names.end(),
                              [&](const auto& name) { return has(built_in, name); }))
        return;
    Names known = built_in;
    const auto own = own_sets();
    for (const auto& info : own) known.push_back(info.name);
    if (!member)
        fail(stream.where, std::string("[stream] has no ") + key + "; " + remedy("", known));
    for (const auto& name : names) {
        if (!has(known, name))
            fail(member->value.where,
                 "unknown data set " + in_quotes(name) + "; " + remedy(name, known));
        for (const auto& info : own)
            if (info.name == name) spec.own.push_back(info);
    }
}

void read_stream(const Member& member, bench::Spec& whole, const OwnSets& own_sets) {
    bench::StreamSpec& spec = whole.stream;
    const Member* kind = find(member.value, "kind");
    if (!kind)
        fail(member.where,
             "[stream] has no kind; expected one of rotated, permuted, split, sequence, synthetic");
    const Names& every = all_stream_keys();
    allow(member.value, every, "[stream]");
    const std::string chosen = want_choice(*kind, stream_kinds(), "stream kind");
    allow_only(member.value, stream_keys(chosen), "a " + chosen + " stream");
    fill(member.value, "stream", spec, [](auto& s, auto visit) { visit_stream(s, visit); });
    if (chosen != "synthetic") read_datasets(member, whole, own_sets);
}

Settings as_settings(const Node& table) {
    Settings settings;
    for (const auto& member : table.members) {
        if (member.value.kind == Node::Kind::table || member.value.kind == Node::Kind::array ||
            member.value.kind == Node::Kind::date)
            fail(member.value.where,
                 member.key + " is " + kind_of(member.value) + "; expected a single value");
        settings.emplace_back(member.key, Setting{member.value.scalar, member.value.where});
    }
    return settings;
}

void read_train(const Node& table, bench::TrainSpec& spec) {
    allow(table, train_keys(), "[train]");
    spec = train_from(as_settings(table));
}

// The place of "stream.tasks", or of the nearest thing around it that the file has.
std::string place_of(const Node& root, const std::string& path) {
    const auto dot = path.find('.');
    const Member* table = find(root, path.substr(0, dot));
    if (!table) return root.where;
    const Member* key =
        dot == std::string::npos ? nullptr : find(table->value, path.substr(dot + 1));
    return key ? key->value.where : table->where;
}

bench::Spec read(const Node& root, const fs::path& path, const OwnSets& own_sets) {
    bench::Spec spec;
    spec.name = path.stem().string();
    if (!is_label(spec.name))
        fail(path.string(),
             "the file's name cannot be a benchmark's name; expected 1 to 64 of A-Z, a-z, 0-9 and "
             "._+- "
             "before .toml");
    allow(root,
          {"version", "title", "reference", "stream", "augment", "scenario", "network", "train"},
          "a benchmark");
    for (const char* name : {"stream", "augment", "scenario", "network", "train"})
        if (const Member* table = find(root, name)) want_table(*table);
    if (const Member* version = find(root, "version"))
        spec.version = version->value.kind == Node::Kind::integer ? shown(version->value.scalar)
                                                                  : want_text(*version);
    if (const Member* title = find(root, "title")) want_text(*title);
    if (const Member* reference = find(root, "reference")) want_text(*reference);

    const Member* stream = find(root, "stream");
    if (!stream)
        fail(
            root.where,
            "the benchmark has no [stream]; expected a table with kind = \"rotated\" and its keys");
    read_stream(*stream, spec, own_sets);
    if (const Member* augment = find(root, "augment")) {
        allow(augment->value, {"crop_padding", "horizontal_flip"}, "[augment]");
        fill(augment->value, "augment", spec.augment,
             [](auto& a, auto visit) { visit_augment(a, visit); });
    }
    if (const Member* scenario = find(root, "scenario")) {
        allow(scenario->value, {"kind", "head"}, "[scenario]");
        fill(scenario->value, "scenario", spec.scenario,
             [](auto& s, auto visit) { visit_scenario(s, visit); });
    }
    if (const Member* network = find(root, "network")) read_network(network->value, spec.network);
    if (const Member* train = find(root, "train")) read_train(train->value, spec.train);
    if (spec.stream.once() && !spec.train.epochs) spec.train.epochs = 1;

    std::string key;
    const std::string sentence = bench::fault(spec, key);
    if (!sentence.empty()) fail(place_of(root, key), sentence);
    return spec;
}

std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code ignored; // a folder that is not there holds nothing
    for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end;
         at.increment(ignored))
        if (at->path().extension() == ".toml" && !is_dataset_file(at->path()))
            found.push_back(at->path());
    std::sort(found.begin(), found.end());
    return found;
}

OwnSets own_sets_near(const fs::path& benchmark, std::vector<fs::path> folders,
                      const std::vector<fs::path>& data_folders) {
    folders.insert(folders.begin(),
                   benchmark.parent_path().empty() ? fs::path(".") : benchmark.parent_path());
    return [=] { return own_datasets(folders, data_folders); };
}

std::string text_of(const Node& root, const char* key) {
    const Member* member = find(root, key);
    return member ? member->value.scalar.get<std::string>() : "";
}

} // namespace

bench::Spec load_benchmark(const std::string& name, const std::vector<fs::path>& folders,
                           const fs::path& beside, const std::string& where,
                           const std::vector<fs::path>& data_folders) {
    const auto read_from = [&](const fs::path& path) {
        return read(parse_toml_file(path, "benchmark"), path,
                    own_sets_near(path, folders, data_folders));
    };
    const bool is_path =
        name.find('/') != std::string::npos || fs::path(name).extension() == ".toml";
    std::error_code ignored;
    if (is_path) {
        const fs::path path = beside / name;
        if (!fs::is_regular_file(path, ignored))
            fail(where, "no benchmark file " + in_quotes(path.string()) +
                            "; expected a path relative to the suite, or a name from `mneme list "
                            "benchmarks`");
        return read_from(path);
    }
    Names known;
    std::string looked;
    for (const auto& folder : folders) {
        for (const auto& path : files_in(folder)) {
            if (path.stem() == name) return read_from(path);
            known.push_back(path.stem().string());
        }
        looked += (looked.empty() ? "" : ", ") + folder.string();
    }
    std::sort(known.begin(), known.end());
    fail(where, "unknown benchmark " + in_quotes(name) + "; " + remedy(name, known) +
                    " (looked in: " + (looked.empty() ? "no folder" : looked) + ")");
}

std::vector<BenchmarkFile> find_benchmarks(const std::vector<fs::path>& folders,
                                           const std::vector<fs::path>& data_folders) {
    std::vector<BenchmarkFile> found;
    std::set<std::string> names;
    for (const auto& folder : folders)
        for (const auto& path : files_in(folder)) {
            BenchmarkFile file{path.stem().string(), "", "", "", path, {}};
            if (!names.insert(file.name).second) continue;
            try {
                const Node root = parse_toml_file(path, "benchmark");
                file.spec = read(root, path, own_sets_near(path, folders, data_folders));
                file.title = text_of(root, "title");
                file.reference = text_of(root, "reference");
            } catch (const base::ExitError& fault) {
                file.fault = fault.what();
            }
            found.push_back(std::move(file));
        }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return found;
}

} // namespace mneme::harness
