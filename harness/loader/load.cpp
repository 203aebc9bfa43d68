// SPDX-License-Identifier: Apache-2.0
// The half that runs a plugin's code; who only reads files does not link it.
#include <memory>

#include "loader/examine.hpp"
#include "loader/fault.hpp"
#include "loader/library.hpp"
#include "loader/store.hpp"
#include "loader/table.hpp"
#include "loader/trust.hpp"

namespace fs = std::filesystem;

namespace mneme::loader {
namespace {

// The file that was planned with. A copy of it may stand in the store when the file itself has been
// built anew since.
Examined planned(const fs::path& file, const fs::path& folder, const Store& store,
                 const Options& options) {
    if (options.sha256.empty()) return examine(file, folder, options);
    if (store.has(options.sha256)) {
        auto copy = store.place(options.sha256);
        auto bytes = read_trusted(copy, {}, false).data;
        auto plugin = judge_bytes(file, bytes, options);
        return {std::move(plugin), std::move(bytes), std::move(copy)};
    }
    auto out = examine(file, folder, options);
    if (out.plugin.sha256 != options.sha256)
        refuse(Fault::changed, file,
               "has changed since the plan was made (SHA-256 " + out.plugin.sha256.substr(0, 12) +
                   ", planned with " + options.sha256.substr(0, 12) + "); make the plan again");
    return out;
}

void check_native(const Note& note, const Host& host, const fs::path& file) {
    if (note.tier != "native") return;
    if (host.native.empty())
        refuse(Fault::native, file,
               "a plugin of tier native, which this harness does not take; write it over "
               "<mneme/mneme.hpp>");
    for (const auto& [key, value] : host.native) {
        const auto said = note.others.find(key);
        if (said == note.others.end() || said->second != value)
            refuse(Fault::native, file,
                   "a plugin of tier native with " + key + "=" +
                       (said == note.others.end() ? "(nothing)" : said->second) +
                       ", this harness has " + key + "=" + value + "; build it for this harness");
    }
}

const mneme_plugin& run_sequence(const fs::path& file, const Host& host, const Options& options,
                                 const fs::path& folder) {
    // The only global state: what has been loaded stays, and its table with it.
    static auto& loaded = *new std::map<std::string, std::unique_ptr<const Table>>;
    const Store store(options.store, file);
    const auto examined = planned(file, folder, store, options);
    check_native(examined.plugin.note, host, file);
    const auto& sha256 = examined.plugin.sha256;
    if (const auto before = loaded.find(sha256); before != loaded.end())
        return before->second->plugin;
    const auto copy = store.keep(examined.bytes, sha256);
    auto table = read_table(call_entry(copy, file), examined.plugin.note, host, file);
    return loaded.emplace(sha256, std::move(table)).first->second->plugin;
}

} // namespace

const mneme_plugin& load(const fs::path& file, const Host& host, const Options& options,
                         const fs::path& folder) {
    return outward(
        [&]() -> const mneme_plugin& { return run_sequence(file, host, options, folder); });
}

std::optional<Refusal> load_refusal(const fs::path& file, const Host& host, const Options& options,
                                    const fs::path& folder) {
    return refusal_of(file, [&] { run_sequence(file, host, options, folder); });
}

} // namespace mneme::loader
