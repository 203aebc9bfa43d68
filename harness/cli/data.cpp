// SPDX-License-Identifier: Apache-2.0
// mneme data: where data sets are, whether they are as published, and bringing them here.
#include "cli/data.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <base/text.hpp>
#include <nlohmann/json.hpp>
#include <plan/datasets.hpp>

#include <base/error.hpp>
#include "cli/commands.hpp"
#include "cli/fitted_table.hpp"
#include "cli/folders.hpp"
#include "fetcher/fetch.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

using OrderedJson = nlohmann::ordered_json;

struct DataCommandOptions {
    std::string what, name; // name: one set; check: or empty for all
    fetcher::FetchRequest fetch;
    DataOptions data;
    bool json = false;
};

void declare(Arguments& arguments, DataCommandOptions& to) {
    arguments.value("what", to.what,
                    {.type = "WHAT",
                     .help = "list, check or fetch",
                     .required = true,
                     .choices = {"list", "check", "fetch"}});
    arguments.value("name", to.name,
                    {.type = "NAME",
                     .help = "one data set (check: or all that are here)",
                     .suggested_by = "mneme list datasets"});
    arguments.value("--from", to.fetch.from,
                    {"DIR", "fetch: from a folder that has the published files"});
    arguments.values("--mirror", to.fetch.mirrors,
                     {"URL", "fetch: from URL/FILE instead of the official source (repeatable)"});
    arguments.value(
        "--patience", to.fetch.patience_s,
        {"SECONDS", "fetch: seconds without a byte before it tries again (default: 30)"});
    declare_json(arguments, to.json);
    cli::declare(arguments, to.data);
}

std::uint64_t bytes_of(const bench::DatasetInfo& info) {
    std::uint64_t bytes = 0;
    for (const auto& file : info.files) bytes += file.bytes;
    return bytes;
}

std::vector<bench::DatasetInfo> chosen(const DataCommandOptions& options) {
    std::vector<bench::DatasetInfo> sets = known_datasets(options.data);
    if (options.name.empty()) return sets;
    std::vector<std::string> names;
    for (const auto& info : sets) names.push_back(info.name);
    std::erase_if(sets, [&](const auto& info) { return info.name != options.name; });
    if (!sets.empty()) return sets;
    const std::string near = base::nearest(options.name, names);
    throw base::ExitError(
        ExitCode::bad_input,
        fmt::format("data set \"{}\": not known; expected {}", options.name,
                    near.empty() ? fmt::format("one of {}", fmt::join(names, ", "))
                                 : fmt::format("\"{}\"", near)));
}

// What lies in a set's folders and is not read: all of it is in the JSON.
std::string ignored_part(const std::vector<std::string>& files) {
    constexpr std::size_t shown = 5;
    if (files.empty()) return "";
    const std::vector<std::string> first(
        files.begin(), files.begin() + std::ptrdiff_t(std::min(shown, files.size())));
    return fmt::format(", {} not read: {}{}", files.size(), base::one_line(base::joined(first)),
                       files.size() > shown ? ", ..." : "");
}

ExitCode check(const DataCommandOptions& options) {
    const Paths folders = data_folders(options.data);
    OrderedJson json = OrderedJson::array();
    Table table{{{"state"}, {"data set"}, {"finding"}}, {}};
    bool sound = true;
    for (const auto& info : chosen(options)) {
        std::string state = "ok", finding;
        std::vector<std::string> ignored;
        try {
            const bool here = !bench::locate(info, folders).empty();
            if (!here && options.name.empty()) {
                state = "missing", finding = info.how_to_get;
            } else { // one that is named must be here
                const bench::Dataset data = bench::load(info, folders);
                finding = fmt::format("{}, {} training and {} test examples{}{}{}",
                                      bench::locate(info, folders).string(), data.train.count,
                                      data.test.count, data.copy.empty() ? "" : ", ", data.copy,
                                      ignored_part(data.ignored_files));
                ignored = data.ignored_files;
            }
        } catch (const std::runtime_error& fault) {
            state = "fault", finding = fault.what(), sound = false;
        }
        table.rows.push_back({state, info.name, finding});
        json.push_back(
            {{"state", state}, {"name", info.name}, {"finding", finding}, {"ignored", ignored}});
    }
    print_result(options.json ? json_text(OrderedJson{{"sound", sound}, {"datasets", json}})
                              : render(table, Format::table));
    return sound ? ExitCode::done : ExitCode::bad_input;
}

} // namespace

std::vector<bench::DatasetInfo> known_datasets(const DataOptions& options) {
    std::vector<bench::DatasetInfo> sets = harness::built_in_datasets();
    for (auto& own : harness::own_datasets(benchmark_folders(options), data_folders(options)))
        sets.push_back(std::move(own));
    return sets;
}

ExitCode list_datasets(const DataOptions& options, Format format) {
    OrderedJson json = OrderedJson::array();
    Table table{{{"data set"},
                 {"state"},
                 {"classes", true},
                 {"MB", true},
                 {"where, or how to get it"},
                 {"licence"}},
                {}};
    for (const auto& info : known_datasets(options)) {
        const std::string where = bench::locate(info, data_folders(options)).string();
        const bool here = !where.empty();
        const std::uint64_t bytes = bytes_of(info);
        table.rows.push_back({info.name, here ? "have" : "missing", fmt::format("{}", info.classes),
                              bytes == 0 ? "" : fmt::format("{:.1f}", double(bytes) / 1e6),
                              here ? where : info.how_to_get, info.licence});
        json.push_back({{"name", info.name},
                        {"title", info.title},
                        {"state", here ? "have" : "missing"},
                        {"classes", info.classes},
                        {"bytes", bytes},
                        {"licence", info.licence},
                        {"citation", info.citation},
                        {"folder", here ? OrderedJson(where) : OrderedJson(nullptr)},
                        {"how_to_get", info.how_to_get}});
    }
    print_result(format == Format::json
                     ? json_text(OrderedJson{{"datasets", json}})
                     : render_fitted(table, format,
                                     {{"licence", "MB", "classes"}, {"where, or how to get it"}}));
    return ExitCode::done;
}

namespace {

ExitCode data(const DataCommandOptions& options, const Console& console, const std::string&) {
    if (options.what == "list")
        return list_datasets(options.data, options.json ? Format::json : Format::table);
    if (options.what == "check") return check(options);
    if (options.name.empty())
        throw base::ExitError(
            ExitCode::usage,
            "data fetch: names no data set; give one of those that `mneme data list` shows");
    if (options.fetch.patience_s <= 0)
        throw base::ExitError(
            ExitCode::usage,
            fmt::format("--patience: is {} seconds; use at least 1", options.fetch.patience_s));
    const bench::DatasetInfo info = chosen(options).front();
    const fetcher::Fetched here =
        fetcher::fetch(info, data_folders(options.data), options.fetch, console);
    print_result(options.json ? json_text(OrderedJson{{"name", info.name},
                                                      {"folder", here.folder.string()},
                                                      {"payload_digest", here.payload_digest}})
                              : fmt::format("{}: {}\n", info.name, here.folder.string()));
    return ExitCode::done;
}

} // namespace

Command data_command() {
    return command(
        "data", "data sets: where they are, whether they are as published, and bringing them here",
        declare, data);
}

} // namespace mneme::cli
