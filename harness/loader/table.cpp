// SPDX-License-Identifier: Apache-2.0
#include "loader/table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "loader/fault.hpp"

namespace mneme::loader {
namespace {

// What these structs had in SDK 1.0. No release may have less; later ones append.
constexpr uint32_t first_plugin = offsetof(mneme_plugin, methods) + sizeof(void*),
                   first_method = offsetof(mneme_method, weights) + sizeof(void*);
constexpr std::size_t most_methods = 1024, most_operator_bytes = std::size_t{1} << 20;

// No byte is read past the size that its writer states; what a shorter one lacks is zero.
template <class T>
T at_our_size(const T* theirs, uint32_t first, Fault fault, const std::string& what,
              const std::filesystem::path& file) {
    uint32_t size = 0;
    std::memcpy(&size, theirs, sizeof size);
    if (size < first)
        refuse(fault, file,
               what + " says that it has " + std::to_string(size) + " bytes, SDK 1.0 has " +
                   std::to_string(first) + "; set its size to sizeof, with the SDK's abi.h");
    T ours{};
    std::memcpy(&ours, theirs, std::min<std::size_t>(size, sizeof ours));
    ours.size = std::min<uint32_t>(size, sizeof ours);
    return ours;
}

class Reader final {
  public:
    Reader(const Note& note, const Host& host, const std::filesystem::path& file)
        : note_(note), host_(host), file_(file) {}

    std::unique_ptr<Table> read(const mneme_plugin* given) {
        if (!given)
            refuse(Fault::entry_failed, file_,
                   MNEME_PLUGIN_ENTRY
                   " gave no table; it must return the address of a mneme_plugin");
        auto out = std::make_unique<Table>();
        out->plugin = at_our_size(given, first_plugin, Fault::short_table, "its table", file_);
        check_versions(out->plugin);
        check_interfaces(out->plugin);
        check_operators(out->plugin);
        if (!out->plugin.methods || !*out->plugin.methods)
            refuse(Fault::no_methods, file_, "its table has no method; list at least one");
        for (auto m = out->plugin.methods; *m; ++m) {
            if (out->methods.size() == most_methods)
                refuse(Fault::table_shape, file_,
                       "its list of methods does not end; end it with NULL");
            out->methods.push_back(read_method(*m, out->methods.size() + 1));
        }
        compare(out->methods);
        for (const auto& m : out->methods) out->list.push_back(&m);
        out->list.push_back(nullptr);
        out->plugin.methods = out->list.data();
        return out;
    }

  private:
    void check_versions(const mneme_plugin& p) const {
        const auto ours = "SDK " + std::to_string(int{MNEME_ABI_MAJOR}) + "." +
                          std::to_string(int{MNEME_SDK_MINOR});
        if (p.abi_major != MNEME_ABI_MAJOR)
            refuse(Fault::table_major, file_,
                   "its table is of ABI " + std::to_string(p.abi_major) + ", this harness has " +
                       ours + "; build it with SDK " + std::to_string(int{MNEME_ABI_MAJOR}));
        if (p.target_minor > MNEME_SDK_MINOR)
            refuse(Fault::table_target, file_,
                   "its table is made for SDK 1." + std::to_string(p.target_minor) +
                       " or newer, this harness has " + ours +
                       "; use a newer harness, or build it with MNEME_TARGET_MINOR=" +
                       std::to_string(int{MNEME_SDK_MINOR}));
    }

    void check_interfaces(const mneme_plugin& p) const {
        for (auto id = p.interfaces; id && *id; ++id)
            if (!host_.has_interface(*id))
                refuse(Fault::missing_interface, file_,
                       "needs the interface " + std::string(*id) +
                           ", which this harness does not have; use a harness that has it");
    }

    void check_operators(const mneme_plugin& p) const {
        if (p.operators_bytes == 0) return;
        if (!p.operators || p.operators_bytes > most_operator_bytes ||
            p.operators[p.operators_bytes - 1] != '\0')
            refuse(Fault::table_shape, file_,
                   "its list of operators is not one of names that each end with 0; build it with "
                   "the SDK's headers");
        std::string_view rest(p.operators, p.operators_bytes);
        while (!rest.empty()) {
            const std::string name(rest.substr(0, rest.find('\0')));
            rest.remove_prefix(name.size() + 1);
            if (!name.empty() &&
                !host_.has_operator(name)) // empty: what a linker puts between two names
                refuse(Fault::missing_operator, file_,
                       "needs the operator " + name + ", which LibTorch " + host_.libtorch +
                           " does not have; use a plugin built for it");
        }
    }

    mneme_method read_method(const mneme_method* given, std::size_t number) const {
        auto m = at_our_size(given, first_method, Fault::short_method,
                             "its method " + std::to_string(number), file_);
        const std::string name =
            m.id ? "its method " + std::string(m.id) : "its method " + std::to_string(number);
        const auto wants = [&](bool there, const char* slot) {
            if (!there)
                refuse(Fault::empty_slot, file_,
                       name + " has no " + slot + " (NULL); every slot of SDK 1.0 must be filled");
        };
        wants(m.id, "id"), wants(m.version, "version"), wants(m.summary, "summary"),
            wants(m.paper, "paper");
        wants(m.create, "create"), wants(m.destroy, "destroy"), wants(m.begin_task, "begin_task"),
            wants(m.phases, "phases");
        wants(m.begin_phase, "begin_phase"), wants(m.observe, "observe"),
            wants(m.end_phase, "end_phase"), wants(m.end_task, "end_task");
        wants(m.predict, "predict"), wants(m.state, "state"), wants(m.weights, "weights");
        return m;
    }

    // Plans are made from the note alone: what runs must be what it said.
    void compare(const std::vector<mneme_method>& methods) const {
        const auto differs = [&](const std::string& what) {
            refuse(Fault::note_differs, file_,
                   what + "; note and table must say the same, as MNEME_METHOD makes them do");
        };
        for (const auto& m : methods) {
            const auto noted = std::find_if(note_.methods.begin(), note_.methods.end(),
                                            [&](const Method& n) { return n.id == m.id; });
            if (noted == note_.methods.end())
                differs("its table has the method " + std::string(m.id) + ", its note does not");
            if (noted->version != m.version)
                differs("its method " + noted->id + " is of version " + m.version +
                        ", its note says " + noted->version);
            if (noted->flags != m.flags)
                differs("its method " + noted->id + " has flags that its note does not tell");
        }
        for (const auto& n : note_.methods)
            if (std::none_of(methods.begin(), methods.end(),
                             [&](const mneme_method& m) { return n.id == m.id; }))
                differs("its note names the method " + n.id + ", its table does not have it");
    }

    const Note& note_;
    const Host& host_;
    const std::filesystem::path& file_;
};

} // namespace

std::unique_ptr<Table> read_table(const mneme_plugin* given, const Note& note, const Host& host,
                                  const std::filesystem::path& file) {
    return Reader(note, host, file).read(given);
}

} // namespace mneme::loader
