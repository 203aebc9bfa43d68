// SPDX-License-Identifier: Apache-2.0
#include "loader/library.hpp"

#include <exception>
#include <memory>
#include <vector>

#include <dlfcn.h>
#include <sys/statvfs.h>
#include <boost/dll/shared_library.hpp>

#include "loader/fault.hpp"

namespace mneme::loader {

namespace {

bool is_noexec(const std::filesystem::path& folder) {
    struct statvfs mount {};
    return statvfs(folder.c_str(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0;
}

} // namespace

std::string in_our_words(std::string linker, const std::filesystem::path& copy) {
    const auto own = copy.string() + ": ";
    if (linker.rfind(own, 0) == 0) linker.erase(0, own.size());
    const std::string absent = ": cannot open shared object file",
                      symbol = "undefined symbol: ", version = " (required by ";
    if (const auto at = linker.find(absent); at != linker.npos)
        return "needs " + linker.substr(0, at) +
               ", which is not found; install it, or build the plugin without it";
    if (linker.rfind(symbol, 0) == 0)
        return "uses " + linker.substr(symbol.size()) +
               ", which nobody defines; link it with mneme_add_plugin, which finds that out";
    if (const auto at = linker.find(version); at != linker.npos)
        return "was built for a newer system (" + linker.substr(0, at) + "); build it on this one";
    if (linker.find("failed to map segment") != linker.npos && is_noexec(copy.parent_path()))
        return "cannot be loaded from " + copy.parent_path().string() +
               ", a disk from which nothing may be executed (noexec); set XDG_CACHE_HOME to a "
               "folder on another disk";
    return "cannot be loaded (" + linker + "); build it on this system with mneme_add_plugin";
}

const mneme_plugin* call_entry(const std::filesystem::path& copy,
                               const std::filesystem::path& file) {
    using boost::dll::load_mode::rtld_local, boost::dll::load_mode::rtld_now;
    // Kept for ever on purpose: a library that is closed while LibTorch still knows of it crashes
    // at exit.
    static auto& kept = *new std::vector<std::unique_ptr<boost::dll::shared_library>>;
    auto& library = *kept.emplace_back(std::make_unique<boost::dll::shared_library>());
    boost::dll::fs::error_code ec;
    library.load(copy.string(), rtld_now | rtld_local, ec);
    if (ec) {
        const char* why = dlerror(); // Boost's own text hides it
        refuse(Fault::not_loadable, file, in_our_words(why ? why : ec.message(), copy));
    }
    try {
        return library.get<const mneme_plugin*()>(MNEME_PLUGIN_ENTRY)();
    } catch (const std::exception& e) {
        refuse(Fault::entry_failed, file,
               std::string(MNEME_PLUGIN_ENTRY) + " threw (" + e.what() +
                   "); it must do nothing but return the table");
    } catch (...) {
        refuse(Fault::entry_failed, file,
               std::string(MNEME_PLUGIN_ENTRY) + " threw; it must do nothing but return the table");
    }
}

} // namespace mneme::loader
