// SPDX-License-Identifier: Apache-2.0
#include "loader/examine.hpp"

#include <algorithm>

#include <elf.h>

#include <base/sha256.hpp>

#include "loader/elf.hpp"
#include "loader/fault.hpp"
#include "loader/note.hpp"
#include "loader/trust.hpp"

namespace mneme::loader {
namespace {

struct Architecture {
    uint16_t machine;
    const char* name;
};
constexpr Architecture architectures[] = {{EM_X86_64, "x86_64"},
                                          {EM_AARCH64, "aarch64"},
                                          {EM_PPC64, "ppc64"},
                                          {EM_RISCV, "riscv64"},
                                          {EM_S390, "s390x"}};

#if defined(__x86_64__)
constexpr Architecture ours = {EM_X86_64, "x86_64"};
#elif defined(__aarch64__)
constexpr Architecture ours = {EM_AARCH64, "aarch64"};
#else
#error "name this architecture here"
#endif

std::string machine_name(uint16_t machine) {
    for (const auto& a : architectures)
        if (a.machine == machine) return a.name;
    return "machine " + std::to_string(machine);
}

[[noreturn]] void other_architecture(const std::filesystem::path& file, const std::string& theirs) {
    refuse(Fault::other_architecture, file,
           "built for " + theirs + ", this machine is " + ours.name + "; build it on this machine");
}

void refuse_damaged(const std::filesystem::path& file) {
    refuse(
        Fault::damaged, file,
        "a damaged shared object: it points at places outside of itself; build or copy it again");
}

Note read_note(const Elf& elf, const std::filesystem::path& file) {
    const auto notes = elf.notes(MNEME_NOTE_OWNER, MNEME_NOTE_TYPE);
    if (notes.empty())
        refuse(Fault::no_note, file,
               "not a Mneme plugin: it has no .note.mneme; build it with mneme_add_plugin");
    if (notes.size() > 1)
        refuse(Fault::bad_note, file,
               "its .note.mneme cannot be used: there are " + std::to_string(notes.size()) +
                   " of them; build it with mneme_add_plugin");
    auto note = parse_note(notes.front(), file);
    if (note.arch != ours.name) other_architecture(file, note.arch);
    return note;
}

// A plugin calls LibTorch through the host. One that brings a LibTorch of its own would put two of
// them into one process, which crashes.
void refuse_libtorch(const Elf& elf, const std::filesystem::path& file) {
    const auto needed = elf.needed();
    if (!needed) refuse_damaged(file);
    for (const auto& library : *needed) {
        const auto name = library.substr(library.rfind('/') + 1);
        if (name.rfind("libtorch", 0) == 0 || name.rfind("libc10", 0) == 0)
            refuse(Fault::needs_libtorch, file,
                   "a plugin of tier pure that needs " + std::string(name) +
                       "; a plugin calls LibTorch through the host: include <mneme/mneme.hpp> and "
                       "link without it");
    }
}

} // namespace

Plugin judge_bytes(const std::filesystem::path& file, const std::string& bytes,
                   const Options& options) {
    Plugin out{file, base::sha256_of(bytes), {}, {}, {}};
    if (options.allowed && !options.allowed->count(out.sha256))
        refuse(Fault::not_allowed, file,
               "not on the list of allowed plugins (its SHA-256 is " + out.sha256 +
                   "); add it there, or use the file that is");
    const Elf elf(bytes);
    if (elf.health() == Elf::Health::not_elf)
        refuse(Fault::not_elf, file,
               "not a shared object (64-bit ELF); build it with mneme_add_plugin");
    if (elf.machine() != ours.machine) other_architecture(file, machine_name(elf.machine()));
    if (elf.health() == Elf::Health::damaged) refuse_damaged(file);
    out.note = read_note(elf, file);
    out.methods = out.note.methods;
    if (out.note.tier == "pure") refuse_libtorch(elf, file);
    if (!elf.defines_function(MNEME_PLUGIN_ENTRY))
        refuse(Fault::no_entry, file,
               "has no function " MNEME_PLUGIN_ENTRY
               "; end its source with MNEME_METHOD, and build it with mneme_add_plugin");
    return out;
}

Examined examine(const std::filesystem::path& file, const std::filesystem::path& folder,
                 const Options& options) {
    auto read = read_trusted(file, folder, options.locked);
    auto plugin = judge_bytes(file, read.data, options);
    plugin.warnings = std::move(read.warnings);
    return {std::move(plugin), std::move(read.data), std::move(read.resolved)};
}

} // namespace mneme::loader
