// SPDX-License-Identifier: Apache-2.0
#include "scheduler/merge_runs.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include <fmt/format.h>
#include <base/regular_file.hpp>
#include <results/reader.hpp>
#include <results/results.hpp>

#include <base/error.hpp>
#include "protocol/run_record.hpp"
#include "scheduler/run_state.hpp"

namespace fs = std::filesystem;

namespace mneme::scheduler {
namespace {

using base::ExitCode;

// The label and the benchmark's name are not part of a run's identity: the plan says what they are
// called today.
void rename(results::Block& block, const protocol::Cell& cell, const protocol::Run& run) {
    block.benchmark = cell.spec().name;
    if (!cell.looks.empty()) block.looks.assign(cell.looks.begin(), cell.looks.end());
    auto provenance = block.provenance[block.methods[0]];
    provenance["options_toml"] = protocol::toml_text(
        run.effective_options); // one text for one method, whoever wrote the record
    provenance["train_toml"] = protocol::toml_text(run.effective_train);
    block.provenance = {{run.label, provenance}};
    block.methods = {run.label};
}

results::Block block_of(const protocol::Cell& cell, const protocol::Run& run,
                        const ResultsFolder& folder, const std::set<std::string>& left_out,
                        results::Reader& reader) {
    std::error_code ignored;
    const fs::path file = folder.run(run.digest);
    if (!left_out.count(run.digest) && fs::exists(file, ignored)) {
        try {
            results::Block block = read_run(file, reader);
            if (const auto why = answers_another(block, cell, run); !why.empty())
                return protocol::empty_record(cell, run, results::Outcome::missing,
                                              file.string() + ": " + why);
            rename(block, cell, run);
            return block;
        } catch (const std::runtime_error& error) {
            return protocol::empty_record(cell, run, results::Outcome::missing, error.what());
        }
    }
    return protocol::empty_record(cell, run, results::Outcome::missing, "not run yet");
}

Paths runs_in(const fs::path& folder) {
    Paths files;
    std::error_code error;
    for (fs::directory_iterator at(folder / "runs", error), end; !error && at != end;
         at.increment(error))
        if (at->path().extension() == ".h5") files.push_back(at->path());
    std::sort(files.begin(), files.end());
    return files;
}

results::File merged(const std::vector<results::File>& files,
                     const std::vector<std::string>& sources, const Paths& asked) {
    if (files.empty()) {
        std::vector<std::string> names;
        for (const fs::path& path : asked) names.push_back(path.string());
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("{}: no results; give a folder that `mneme run` wrote to, or a results "
                        "file",
                        fmt::join(names, ", ")));
    }
    return files.size() == 1 ? files[0] : results::merge(files, sources);
}

void require_exists(const fs::path& path) {
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("{}: does not exist; give a results folder or file", path.string()));
}

// Blocks of other programs' numbers alone.
void take_imported(results::File& file, std::vector<results::Block>& imported) {
    std::erase_if(file.blocks, [&](const results::Block& block) {
        for (std::size_t m = 0; m < block.methods.size(); ++m)
            if (!results::is_imported(block, m)) return false;
        imported.push_back(block);
        return true;
    });
}

results::File merge(const Paths& paths, std::vector<results::Block>* imported) {
    results::Reader reader;
    std::vector<results::File> files;
    std::vector<std::string> sources, faults; // all that is wrong, not the first alone
    for (const fs::path& path : paths) {
        require_exists(path);
        const bool folder = fs::is_directory(path);
        for (const fs::path& file : folder ? runs_in(path) : Paths{path}) {
            try { // a link that a user names is meant; one within a folder may be a stranger's
                base::open_regular(file, folder ? base::Links::refuse : base::Links::follow);
                files.push_back(reader.read(file));
                if (imported) take_imported(files.back(), *imported);
                if (files.back().blocks.empty() && imported) {
                    files.pop_back();
                    continue;
                }
            } catch (const std::runtime_error& error) {
                faults.push_back(error.what());
                continue;
            }
            sources.push_back(path.string()); // a colleague's labels are set apart by the folder,
                                              // not by a digest
        }
    }
    if (!faults.empty())
        throw base::ExitError(ExitCode::bad_input, fmt::format("{}", fmt::join(faults, "\n")));
    if (files.empty() && imported && !imported->empty()) return {};
    return merged(files, sources, paths);
}

} // namespace

results::File merge_plan(const harness::Plan& plan, const ResultsFolder& folder,
                         const std::set<std::string>& left_out) {
    results::Reader reader;
    std::vector<results::File> files;
    std::vector<std::string> sources;
    // In the order of the suite, however runs were bundled.
    using Name = std::pair<std::string, std::string>;
    std::map<Name, std::vector<std::pair<const protocol::Cell*, const protocol::Run*>>> runs;
    for (const protocol::Cell& cell : plan.cells)
        for (const protocol::Run& run : cell.runs)
            runs[{cell.spec().name, run.label}].emplace_back(&cell, &run);
    for (const std::string& benchmark : plan.benchmarks)
        for (const std::string& label : plan.labels)
            for (const auto& [cell, run] : runs[{benchmark, label}]) {
                files.push_back(
                    {plan.title, "", {block_of(*cell, *run, folder, left_out, reader)}});
                sources.push_back(folder.run(run->digest).string());
            }
    results::File file = results::merge(files, sources);
    file.title = plan.title.empty() ? fs::path(plan.suite).stem().string() : plan.title;
    return file;
}

results::File write_results(const harness::Plan& plan, const ResultsFolder& folder,
                            const std::set<std::string>& left_out) {
    results::File file = merge_plan(plan, folder, left_out);
    results::write(folder.results(), file);
    return file;
}

results::File merge_paths(const Paths& paths) { return merge(paths, nullptr); }

results::File read_results(const Paths& paths, std::vector<results::Block>* imported) {
    Paths files;
    for (const fs::path& path : paths) {
        require_exists(path);
        const fs::path whole = path / "results.h5";
        std::error_code error;
        const bool there = fs::is_directory(path) &&
                           fs::symlink_status(whole, error).type() != fs::file_type::not_found;
        if (there) base::open_regular(whole);
        files.push_back(there ? whole : path);
    }
    return merge(files, imported);
}

} // namespace mneme::scheduler
