// SPDX-License-Identifier: Apache-2.0
#include "plan/benchmark.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <set>
#include <sstream>

#include <base/error.hpp>
#include <base/text.hpp>
#include <benchmarks/dataset.hpp>
#include <benchmarks/keys.hpp>
#include <benchmarks/tasks.hpp>

#include "plan/check.hpp"
#include "plan/dataset_file.hpp"
#include "plan/datasets.hpp"
#include "plan/weights_file.hpp"

namespace mneme::harness {

namespace fs = std::filesystem;

namespace {

std::string noun(const bench::Key& key) {
    return key.name != "kind"        ? key.name
           : key.table == "scenario" ? "scenario"
                                     : key.table + " kind";
}

using OwnSets =
    std::function<std::vector<bench::DatasetInfo>()>; // looked for only where a benchmark names a
                                                      // set that is not built in

template <class Value> void read_value(const Member& member, const bench::Key& key, Value& value) {
    if constexpr (std::is_same_v<Value, std::string>)
        value = key.words.empty() ? want_text(member) : want_choice(member, key.words, noun(key));
    else take(member, value);
}
template <class Value>
void read_value(const Member& member, const bench::Key& key, std::optional<Value>& value) {
    read_value(member, key, value.emplace());
}

// Reads what stands in the table into the fields of the same name.
void read_keys(const Node& table, const std::string& name, bench::Spec& spec) {
    for (const bench::Key& key : bench::keys()) {
        const Member* member = key.table == name ? find(table, key.name) : nullptr;
        if (member)
            std::visit([&](auto* value) { read_value(*member, key, *value); }, key.field(spec));
    }
}

// Keys that are known, but not to this kind.
void allow_only(const Node& table, const Names& fitting, const std::string& owner) {
    for (const auto& member : table.members)
        if (std::find(fitting.begin(), fitting.end(), member.key) == fitting.end())
            fail(member.where, member.key + " is not a key of " + owner + "; its keys are " +
                                   base::joined(fitting));
}

void read_table(const Node& root, const std::string& name, bench::Spec& spec) {
    const Member* table = find(root, name);
    if (!table) return;
    allow(table->value, bench::key_names(name), "[" + name + "]");
    read_keys(table->value, name, spec);
}

void read_network(const Node& root, const fs::path& benchmark, WeightsFile weights,
                  bench::Spec& spec) {
    const Member* network = find(root, "network");
    if (!network) return;
    const Node& table = network->value;
    const bench::Key& key = bench::key("network", "kind");
    allow(table, bench::key_names("network"), "[network]");
    const Member* kind = find(table, key.name);
    const std::string chosen = kind ? want_choice(*kind, key.words, noun(key)) : spec.network.kind;
    allow_only(table, bench::key_names("network", chosen), "network " + chosen);
    read_keys(table, "network", spec);
    find_weights(table, benchmark, weights, spec.network);
}

// The data sets that the stream names, with their descriptions.
void read_datasets(const Member& stream, bench::Spec& spec, const OwnSets& own_sets) {
    const char* key = spec.stream.kind == bench::StreamKind::sequence ? "datasets" : "dataset";
    const Member* member = find(stream.value, key);
    Names names = spec.stream.datasets;
    if (!spec.stream.dataset.empty()) names.push_back(spec.stream.dataset);
    std::vector<bench::DatasetInfo> known = built_in_datasets();
    const auto named = [&](const std::string& name) {
        return std::find_if(known.begin(), known.end(),
                            [&](const auto& info) { return info.name == name; });
    };
    if (!member || !std::all_of(names.begin(), names.end(),
                                [&](const auto& name) { return named(name) != known.end(); }))
        for (auto& info : own_sets()) known.push_back(std::move(info));
    Names known_names;
    for (const auto& info : known) known_names.push_back(info.name);
    if (!member)
        fail(stream.where, std::string("[stream] has no ") + key + "; " + remedy("", known_names));
    for (const auto& name : names) {
        const auto info = named(name);
        if (info == known.end())
            fail(member->value.where,
                 "unknown data set " + in_quotes(name) + "; " + remedy(name, known_names));
        spec.datasets.push_back(*info);
    }
}

void read_stream(const Member& member, bench::Spec& whole, const OwnSets& own_sets) {
    const Member* kind = find(member.value, "kind");
    if (!kind)
        fail(member.where,
             "[stream] has no kind; expected one of " + base::joined(bench::StreamKind::all()));
    const bench::Key& key = bench::key("stream", "kind");
    allow(member.value, bench::key_names("stream"), "[stream]");
    const std::string chosen = want_choice(*kind, key.words, noun(key));
    allow_only(member.value, bench::key_names("stream", chosen), "a " + chosen + " stream");
    read_keys(member.value, "stream", whole);
    if (chosen != bench::StreamKind::synthetic) read_datasets(member, whole, own_sets);
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

// The place of "stream.tasks", of "network.layer.2.kernel" (its third layer), or of the nearest
// thing around it that the file has.
std::string place_of(const Node& root, const std::string& path) {
    const Node* at = &root;
    std::string where = root.where;
    std::istringstream parts(path);
    for (std::string part; std::getline(parts, part, '.');) {
        if (at->kind == Node::Kind::array) {
            const auto index = std::size_t(std::atoll(part.c_str()));
            if (index >= at->items.size()) break;
            at = &at->items[index], where = at->where;
            continue;
        }
        const Member* member = find(*at, part);
        if (!member) break;
        at = &member->value;
        where = at->kind == Node::Kind::table ? member->where : at->where;
    }
    return where;
}

bench::Spec read(const Node& root, const fs::path& path, const OwnSets& own_sets,
                 WeightsFile weights = WeightsFile::required) {
    bench::Spec spec;
    spec.name = path.stem().string();
    if (!is_label(spec.name))
        fail(path.string(),
             "the file's name cannot be a benchmark's name; expected 1 to 64 of A-Z, a-z, 0-9 and "
             "._+- "
             "before .toml");
    Names known{"version", "title", "reference"};
    known.insert(known.end(), bench::key_tables().begin(), bench::key_tables().end());
    allow(root, known, "a benchmark");
    for (const auto& name : bench::key_tables())
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
    read_table(root, "augment", spec);
    read_table(root, "scenario", spec);
    read_network(root, path, weights, spec);
    if (const Member* train = find(root, "train")) read_train(train->value, spec.train);
    if (spec.stream.once() && !spec.train.epochs) spec.train.epochs = 1;

    if (const auto fault = bench::check_spec(spec))
        fail(place_of(root, fault->key), fault->sentence);
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
                           const std::vector<fs::path>& data_folders, WeightsFile weights) {
    const auto read_from = [&](const fs::path& path) {
        return read(parse_toml_file(path, "benchmark"), path,
                    own_sets_near(path, folders, data_folders), weights);
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
