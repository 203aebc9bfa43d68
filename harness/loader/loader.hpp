// SPDX-License-Identifier: Apache-2.0
// From a file in a plugin folder to a table of methods that can be called. `scan` and `inspect`
// only read; `load` runs the plugin's code. Each step that can refuse a file has a Fault and a
// message of its own (docs/decisions/0001).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <mneme/abi.h>
#include <base/error.hpp>

namespace mneme::loader {

// Why a file is refused, in the order of the steps. Numbers are for ever; new ones are added at the
// end of their group.
enum class Fault {
    // where it lies and who may write there
    unreadable = 1,
    not_a_file = 2,
    too_large = 3,
    leaves_folder = 4,
    writable_by_everyone = 5,
    foreign_owner = 6,
    writable_by_group = 7,
    // is it the file that was meant
    not_allowed = 10,
    changed = 11,
    // what the bytes say
    not_elf = 20,
    damaged = 21,
    other_architecture = 22,
    no_note = 23,
    bad_note = 24,
    other_major = 25,
    newer_target = 26,
    unknown_flag = 27,
    needs_libtorch = 28,
    no_entry = 29,
    native = 30,
    // loading
    store = 40,
    store_full = 41,
    not_loadable = 42,
    entry_failed = 43,
    // what the table says
    short_table = 50,
    table_major = 51,
    table_target = 52,
    table_shape = 53,
    missing_interface = 54,
    missing_operator = 55,
    no_methods = 56,
    short_method = 57,
    empty_slot = 58,
    note_differs = 59,
};

// plugin_refused; for the store bad_input (it cannot be written) or temporary (no space).
base::ExitCode exit_code(Fault);

// A method as the note tells of it.
struct Method {
    std::string id, version, summary, paper;
    uint32_t flags = 0; // MNEME_NEEDS_TASK_ID, ...
};
std::vector<std::string> flag_names(uint32_t flags); // "needs_task_id", ...

// The text of the ELF note `.note.mneme`.
struct Note {
    std::string text; // as it stands in the file; goes into results
    int32_t sdk_major = 0, sdk_minor = 0, target_major = 0, target_minor = 0;
    std::string tier, arch, compiler;
    std::map<std::string, std::string> others; // keys before the first method that this harness
                                               // does not know, or that only one tier has
    std::vector<Method> methods;
};

struct Plugin {
    std::filesystem::path path; // as found
    std::string sha256;         // of the file's bytes, 64 hex digits
    Note note;
    std::vector<Method>
        methods; // `scan`: those of the note that no earlier file has; `inspect`: all
    std::vector<std::string> warnings;
};

struct Refusal {
    std::filesystem::path path;
    Fault fault;
    std::string message; // names the file
};

struct Options {
    bool locked = false; // what is writable by a group is refused instead of warned about
    std::optional<std::set<std::string>>
        allowed;        // SHA-256 of the only files that are taken; none: all
    std::string sha256; // `load`: of the file that was planned with; its stored copy is used when
                        // the file has changed since. Empty: any
    std::filesystem::path
        store; // `load`: where copies are kept; empty: ${XDG_CACHE_HOME:-~/.cache}/mneme/plugins
};

struct Found {
    std::vector<Plugin>
        plugins; // by folder, then by file name; each with at least one method of its own
    std::vector<Refusal> refused;
    std::vector<std::string> warnings; // each once
};

// Every *.so in the folders, not below them. Folders need not exist. Of two methods with one id the
// earlier file's counts.
Found scan(const std::vector<std::filesystem::path>& folders, const Options& = {});

// One file; a link may not lead out of `folder` (empty: the one that the file is in). Throws
// base::ExitError with the exit code of the Fault.
Plugin inspect(const std::filesystem::path& file, const std::filesystem::path& folder = {},
               const Options& = {});

// How a plugin is tied to others: the symbols that it defines for them, the libraries that it
// needs. Refuses as `inspect` does.
struct Links {
    std::vector<std::string> exported, needed;
};
Links links(const std::filesystem::path& file, const std::filesystem::path& folder = {},
            const Options& = {});

// What the process that loads a plugin has to offer.
struct Host {
    std::function<bool(const std::string& id)> has_interface;    // "mneme.tensor/1"
    std::function<bool(const std::string& schema)> has_operator; // "aten::mul.Tensor"
    std::string libtorch;                                        // "2.11.0"
    // What the note of a plugin of the native tier must say, key by key; empty: such plugins are
    // refused.
    std::map<std::string, std::string> native = {};
};

// The whole sequence. The table has this host's size, whatever SDK the plugin was built with, and
// is for ever: nothing is unloaded. Throws base::ExitError with the exit code of the Fault. From
// one thread.
const mneme_plugin& load(const std::filesystem::path& file, const Host&, const Options& = {},
                         const std::filesystem::path& folder = {});

// The same, with the Fault instead of an exception; for those who list or test refusals. Null on
// success.
std::optional<Refusal> refusal(const std::filesystem::path& file,
                               const std::filesystem::path& folder = {}, const Options& = {});
std::optional<Refusal> load_refusal(const std::filesystem::path& file, const Host&,
                                    const Options& = {}, const std::filesystem::path& folder = {});

} // namespace mneme::loader
