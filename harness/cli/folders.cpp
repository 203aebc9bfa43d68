// SPDX-License-Identifier: Apache-2.0
#include "cli/folders.hpp"

#include <cstdio>
#include <fstream>
#include <memory>
#include <regex>
#include <sstream>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/folders.hpp>
#include <base/system.hpp>

#include "cli/methods.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using base::ExitCode;

const char* const wanted_torch = "2.11";

fs::path from_environment(const char* name) { return base::environment(name); }

bool in_build_tree() {
    return fs::path(MNEME_BUILD_PLUGINS).parent_path() / "bin" == base::program_folder();
}

std::string first_match(const fs::path& file, const char* pattern) {
    std::ifstream in(file);
    std::smatch match;
    for (std::string line; std::getline(in, line);)
        if (std::regex_search(line, match, std::regex(pattern))) return match[1];
    return "";
}

// The folder with lib/ in it, for a folder that is it or holds torch/.
fs::path torch_root(const fs::path& folder) {
    std::error_code ignored;
    for (const fs::path& root : {folder, folder / "torch"})
        if (fs::exists(root / "lib" / "libtorch_cpu.so", ignored)) return root;
    return {};
}

fs::path python_torch() {
    const char* command =
        "python3 -c \"import importlib.util as u; s = u.find_spec('torch'); "
        "print(s.submodule_search_locations[0] if s "
        "else '')\" 2>/dev/null";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command, "r"), pclose);
    std::string out;
    for (int c; pipe && (c = std::fgetc(pipe.get())) != EOF && c != '\n';) out += char(c);
    return out;
}

// Takes it or throws: what a user names explicitly is not passed over.
fs::path named_torch(const fs::path& folder, const std::string& where) {
    const fs::path root = torch_root(folder);
    if (root.empty())
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("{}: no LibTorch in {} (no lib/libtorch_cpu.so); name a folder of "
                        "LibTorch {}",
                        where, folder.string(), wanted_torch));
    const std::string found = torch_version(root);
    if (found.rfind(std::string(wanted_torch) + ".", 0) != 0)
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("{}: LibTorch in {} is {}; expected {}", where, folder.string(),
                        found.empty() ? "of an unknown version" : found, wanted_torch));
    return root / "lib";
}

} // namespace

std::vector<PluginFolder> plugin_folders(const PluginOptions& options) {
    std::vector<PluginFolder> folders;
    for (const fs::path& folder : options.folders) folders.push_back({folder, "--plugins"});
    if (options.from_environment) {
        std::istringstream list(from_environment("MNEME_PLUGIN_PATH").string());
        for (std::string one; std::getline(list, one, ':');) {
            if (!fs::path(one).is_absolute()) // an empty or relative one would mean whatever folder
                                              // we stand in
                throw base::ExitError(
                    ExitCode::bad_input,
                    fmt::format("MNEME_PLUGIN_PATH: \"{}\" is not an absolute path; "
                                "write folders from / on, separated by :",
                                one));
            folders.push_back({one, "MNEME_PLUGIN_PATH"});
        }
    }
    folders.push_back({base::data_home() / "mneme" / "plugins", "yours"});
    folders.push_back({in_build_tree()
                           ? fs::path(MNEME_BUILD_PLUGINS)
                           : (base::program_folder() / "../lib/mneme/plugins").lexically_normal(),
                       shipped});
    return folders;
}

Paths data_folders(const DataOptions& options) {
    Paths folders = options.folders;
    if (const fs::path set = from_environment("MNEME_DATA"); !set.empty()) folders.push_back(set);
    folders.push_back(base::cache_home() / "mneme-data");
    for (fs::path& folder : folders)
        folder = fs::absolute(folder); // a worker on another machine reads them from the plan
    return folders;
}

Paths benchmark_folders(const DataOptions& options) {
    Paths folders = options.benchmarks;
    if (in_build_tree()) folders.push_back(MNEME_SOURCE_BENCHMARKS);
    else
        folders.push_back(
            (base::program_folder() / "../share/mneme/benchmarks/standard").lexically_normal());
    return folders;
}

fs::path template_folder() {
    return in_build_tree()
               ? fs::path(MNEME_SOURCE_TEMPLATE)
               : (base::program_folder() / "../share/mneme/template").lexically_normal();
}

fs::path package_folder() {
    return in_build_tree() ? base::program_folder().parent_path() / "package"
                           : (base::program_folder() / "../lib/cmake/Mneme").lexically_normal();
}

namespace {

// Empty in a build tree, where the worker knows where LibTorch is.
fs::path torch_library_folder(const fs::path& torch);

} // namespace

supervisor::WorkerProgram worker_program(const fs::path& torch) {
    const fs::path set = from_environment("MNEME_WORKER");
    return {set.empty() ? base::program_folder() / "mneme-worker" : fs::absolute(set),
            torch_library_folder(torch)};
}

fs::path suite_file(const fs::path& named) {
    std::error_code ignored;
    const bool is_own = named.extension() == ".toml" && fs::exists(named, ignored);
    if (is_own || named.has_parent_path()) return named; // no script or folder of a suite's name
    for (const fs::path& folder : benchmark_folders({})) {
        fs::path shipped = folder.parent_path() / "suites" / named;
        if (shipped.extension() != ".toml") shipped += ".toml";
        if (fs::is_regular_file(shipped, ignored)) return shipped;
    }
    return named;
}

std::string torch_version(const fs::path& root) {
    const char* pattern = R"re("([0-9]+\.[0-9]+\.[0-9]+))re";
    for (const char* file :
         {"include/torch/headeronly/version.h", "include/torch/csrc/api/include/torch/version.h"})
        if (std::string found = first_match(root / file, pattern); !found.empty()) return found;
    return first_match(root / "version.py", R"re(__version__ = '([0-9]+\.[0-9]+\.[0-9]+))re");
}

namespace {

fs::path torch_library_folder(const fs::path& torch) {
    if (!torch.empty()) return named_torch(torch, "--torch");
    if (const fs::path set = from_environment("MNEME_TORCH"); !set.empty())
        return named_torch(set, "MNEME_TORCH");
    if (in_build_tree() || !from_environment("MNEME_WORKER").empty()) return {};
    const fs::path record =
        (base::program_folder() / "../share/mneme/torch-path.txt").lexically_normal();
    std::string recorded;
    std::ifstream in(record);
    std::getline(in, recorded);
    for (const fs::path& candidate : {fs::path(recorded), python_torch()}) {
        const fs::path root = candidate.empty() ? fs::path() : torch_root(candidate);
        if (!root.empty() && torch_version(root).rfind(std::string(wanted_torch) + ".", 0) == 0)
            return root / "lib";
    }
    throw base::ExitError(
        ExitCode::bad_input,
        fmt::format("mneme: no LibTorch {} found (looked at --torch, MNEME_TORCH, {}, "
                    "Python's torch); name its folder with --torch DIR or MNEME_TORCH=DIR",
                    wanted_torch, record.string()));
}

} // namespace

} // namespace mneme::cli
