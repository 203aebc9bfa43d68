// SPDX-License-Identifier: Apache-2.0
#include <results/merge.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <system_error>

#include <base/atomic_file.hpp>
#include <base/concat.hpp>
#include <results/results.hpp>

#include "benchmark_merge.hpp"
#include "block_writer.hpp"
#include "content_digest.hpp"
#include "file_writer.hpp"
#include "groups.hpp"
#include "inside.hpp"

namespace mneme::results {

using base::concat;

namespace {

constexpr std::size_t most_bytes = std::size_t{16} << 20; // of runs that are written at once

// As many runs as that, and one at least.
std::size_t runs_at_once(const Block& head) {
    std::size_t bytes = 1;
    const auto add = [&]<class T>(const Array<T>& array) { // head has room for one run
        bytes += array.data.size() * sizeof(T);
    };
    for (const Fact& fact : facts())
        if (fact.axes.front() == Axis::method)
            std::visit([&](auto member) { add(head.*member); }, fact.member);
    for (const auto& [name, diagnostic] : head.diagnostics) add(diagnostic.values);
    return std::max<std::size_t>(1, most_bytes / bytes);
}

// Methods with all their seeds, or of one method some.
void write_runs(const BenchmarkMerge& merge, BlockWriter& writer) {
    const Block& head = merge.head();
    const std::size_t M = head.methods.size(), N = head.seeds.size(), at_once = runs_at_once(head);
    const std::size_t methods = std::max<std::size_t>(1, at_once / N), seeds = std::min(N, at_once);
    const std::vector<std::size_t> beside = methods_beside(head);
    for (std::size_t m = 0; m < M; m += methods)
        for (std::size_t n = 0; n < N; n += seeds) {
            std::vector<std::size_t> chosen = beside;
            chosen.resize(beside.size() + std::min(methods, M - m));
            std::iota(chosen.begin() + static_cast<std::ptrdiff_t>(beside.size()), chosen.end(), m);
            const Block runs = merge.part(chosen, n, std::min(seeds, N - n));
            writer.fill({runs, beside.size(), m, n});
        }
}

} // namespace

struct Merge::State {
    State() = default;
    explicit State(const std::filesystem::path& path) : to(path), store(path) {}

    const std::filesystem::path to;
    RunStore store;
    std::set<std::string> sources;
    std::map<Group, BenchmarkMerge> merges;
    std::vector<decltype(merges)::value_type*> order; // as they were found
    std::string title;
    std::vector<std::string> notes;

    void decide() {
        std::map<std::string, std::size_t> of_name;
        for (const auto& [group, merge] : merges) ++of_name[group.name];
        for (auto* entry : order) {
            auto& [group, merge] = *entry;
            const std::string source = merge.first_source();
            merge.decide({sources.begin(), sources.end()});
            merge.head().benchmark = group.name;
            if (of_name[group.name] == 1) continue;
            merge.head().benchmark += group.suffix;
            notes.push_back(
                concat(source, ": benchmark '", group.name, "' with ",
                       group.suffix.empty() ? "all examples" : group.suffix.substr(1),
                       " is kept apart as '", merge.head().benchmark,
                       "'; runs over different numbers of examples cannot be compared"));
        }
    }
};

Merge::Merge() : state_(std::make_unique<State>()) {}

Merge::Merge(const std::filesystem::path& to) : state_(std::make_unique<State>(to)) {}

Merge::~Merge() = default;

void Merge::add(const File& file, const std::string& source) {
    if (state_->title.empty()) state_->title = file.title;
    state_->notes.insert(state_->notes.end(), file.notes.begin(), file.notes.end());
    const std::string& kept = *state_->sources.insert(source).first;
    for (const Block& block : file.blocks) {
        require_consistent(source, block);
        const auto [entry, is_new] = state_->merges.try_emplace(group_of(block), state_->store);
        if (is_new) state_->order.push_back(&*entry);
        entry->second.add(block, kept);
    }
}

File Merge::file() {
    state_->decide();
    File file{state_->title, "", {}, state_->notes};
    for (const auto* entry : state_->order) {
        const BenchmarkMerge& merge = entry->second;
        std::vector<std::size_t> methods(merge.head().methods.size());
        std::iota(methods.begin(), methods.end(), std::size_t{0});
        file.blocks.push_back(merge.part(methods, 0, merge.head().seeds.size()));
    }
    return file;
}

Merge::Written Merge::write(const std::string& title) {
    const std::string path = state_->to.string();
    if (state_->order.empty())
        throw std::runtime_error(
            concat(path, ": not written: it holds no benchmark; give at least one"));
    state_->decide();
    Written written{0, state_->order.size(), state_->notes};
    base::NewFile file(state_->to);
    Output out(path, file.number());
    try {
        FileWriter writer(out, title.empty() ? state_->title : title, "");
        for (const auto* entry : state_->order) {
            const BenchmarkMerge& merge = entry->second;
            require_names(path, merge.head());
            BlockWriter block(out, merge.head());
            block.begin();
            write_runs(merge, block);
            written.runs += merge.runs();
        }
        writer.close();
        if (out.error() != 0) file.fail(out.error()); // HDF5 passes over some
        put_content_digest(file.number(), writer.placeholder());
    } catch (const std::system_error& error) {
        file.fail(error.code().value());
    } catch (const std::runtime_error&) {
        if (out.error() != 0) file.fail(out.error());
        throw;
    }
    file.publish();
    return written;
}

File merge(const std::vector<File>& files, const std::vector<std::string>& sources) {
    if (files.empty() || files.size() != sources.size())
        throw std::runtime_error(concat("merge: ", files.size(), " files with ", sources.size(),
                                        " names; expected at least one, each with its name"));
    Merge merge;
    for (std::size_t i = 0; i < files.size(); ++i) merge.add(files[i], sources[i]);
    return merge.file();
}

} // namespace mneme::results
