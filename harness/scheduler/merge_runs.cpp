// SPDX-License-Identifier: Apache-2.0
#include "scheduler/merge_runs.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <base/atomic_file.hpp>
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

// Names, which are shorter than paths: there may be very many.
std::vector<std::string> runs_in(const fs::path& folder) {
    std::vector<std::string> files;
    std::error_code error;
    for (fs::directory_iterator at(folder / "runs", error), end; !error && at != end;
         at.increment(error))
        if (at->path().extension() == ".h5") files.push_back(at->path().filename().string());
    std::sort(files.begin(), files.end());
    return files;
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

// Reads file after file of folders and files, and merges them. A single one stays as it is.
class Gathering final {
  public:
    explicit Gathering(results::Merge& merge, std::vector<results::Block>* imported = nullptr)
        : merge_(merge), imported_(imported) {}

    void read(const Paths& paths) {
        for (const fs::path& path : paths) {
            require_exists(path);
            if (!fs::is_directory(path)) take(path, base::Links::follow, path);
            else
                for (const std::string& name : runs_in(path))
                    take(path / "runs" / name, base::Links::refuse, path);
        }
        if (!faults_.empty())
            throw base::ExitError(ExitCode::bad_input, fmt::format("{}", fmt::join(faults_, "\n")));
        if (disagreement_) std::rethrow_exception(disagreement_);
        if (files_ == 0 && !(imported_ && !imported_->empty())) nothing_in(paths);
    }
    const std::optional<results::File>& only() const { return only_; }
    std::size_t files() const { return files_; }

  private:
    [[noreturn]] static void nothing_in(const Paths& paths) {
        std::vector<std::string> names;
        for (const fs::path& path : paths) names.push_back(path.string());
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("{}: no results; give a folder that `mneme run` wrote to, or a results "
                        "file",
                        fmt::join(names, ", ")));
    }

    // All that cannot be read is named, not the first alone; and before what does not agree.
    void take(const fs::path& path, base::Links links, const fs::path& of) {
        results::File file;
        try { // a link that a user names is meant; one within a folder may be a stranger's
            base::open_regular(path, links);
            file = reader_.read(path);
        } catch (const std::runtime_error& error) {
            faults_.push_back(error.what());
        }
        if (!faults_.empty() || disagreement_) return;
        if (imported_) take_imported(file, *imported_);
        if (imported_ && file.blocks.empty()) return;
        try {
            add(std::move(file), of.string());
        } catch (const std::system_error&) { // a full disk
            throw;
        } catch (const std::runtime_error&) {
            disagreement_ = std::current_exception();
        }
    }

    // The source is the folder: a colleague's labels are set apart by that, not by a digest.
    void add(results::File file, const std::string& source) {
        ++files_;
        if (files_ == 2) merge_.add(*std::exchange(only_, std::nullopt), first_source_);
        if (files_ > 1) return merge_.add(file, source);
        only_ = std::move(file);
        first_source_ = source;
    }

    results::Merge& merge_;
    std::vector<results::Block>* const imported_;
    results::Reader reader_;
    std::size_t files_ = 0;
    std::optional<results::File> only_;
    std::string first_source_;
    std::vector<std::string> faults_;
    std::exception_ptr disagreement_;
};

results::File merge(const Paths& paths, std::vector<results::Block>* imported) {
    results::Merge merge;
    Gathering gathering(merge, imported);
    gathering.read(paths);
    if (gathering.files() == 0) return {};
    return gathering.only() ? *gathering.only() : merge.file();
}

std::size_t ended_runs(const results::File& file) {
    std::size_t runs = 0;
    for (const results::Block& block : file.blocks)
        for (const std::int32_t outcome : block.outcome.data)
            runs += outcome != std::int32_t(results::Outcome::missing);
    return runs;
}

} // namespace

results::File merge_plan(const harness::Plan& plan, const ResultsFolder& folder,
                         const std::set<std::string>& left_out) {
    results::Reader reader;
    results::Merge merge;
    // In the order of the suite, however runs were bundled.
    using Name = std::pair<std::string, std::string>;
    std::map<Name, std::vector<std::pair<const protocol::Cell*, const protocol::Run*>>> runs;
    for (const protocol::Cell& cell : plan.cells)
        for (const protocol::Run& run : cell.runs)
            runs[{cell.spec().name, run.label}].emplace_back(&cell, &run);
    for (const std::string& benchmark : plan.benchmarks)
        for (const std::string& label : plan.labels)
            for (const auto& [cell, run] : runs[{benchmark, label}])
                merge.add({plan.title, "", {block_of(*cell, *run, folder, left_out, reader)}},
                          folder.run(run->digest).string());
    results::File file = merge.file();
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

results::Merge::Written collect(const Paths& paths, const fs::path& to) {
    for (const fs::path& path : paths) require_exists(path); // before anything is made
    const fs::path folder = to.parent_path();
    base::remove_abandoned_files(folder.empty() ? "." : folder);
    results::Merge merge(to);
    Gathering gathering(merge);
    gathering.read(paths);
    if (!gathering.only()) return merge.write();
    const results::File& file = *gathering.only();
    results::write(to, file);
    return {ended_runs(file), file.blocks.size(), file.notes};
}

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
