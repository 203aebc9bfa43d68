// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <system_error>

#include "loader/examine.hpp"
#include "loader/fault.hpp"

namespace fs = std::filesystem;

namespace mneme::loader {
namespace {

class Scan final {
  public:
    explicit Scan(const Options& options) : options_(options) {}

    void folder(const fs::path& folder) {
        std::error_code ec;
        std::vector<fs::path> files;
        for (fs::directory_iterator at(folder, ec), end; !ec && at != end; at.increment(ec))
            if (at->path().extension() == ".so") files.push_back(at->path());
        if (ec && ec != std::errc::no_such_file_or_directory)
            warn(folder.string() + ": cannot be searched for plugins (" + ec.message() +
                 "); give a folder that can");
        std::sort(files.begin(), files.end());
        for (const auto& f : files) file(f, folder);
    }

    Found found;

  private:
    void file(const fs::path& file, const fs::path& folder) {
        try {
            auto examined = examine(file, folder, options_);
            if (!seen_.insert(examined.resolved).second)
                return; // a folder given twice, or a link to a neighbour
            for (const auto& w : examined.plugin.warnings) warn(w);
            keep_own_methods(examined.plugin);
            if (!examined.plugin.methods.empty())
                found.plugins.push_back(std::move(examined.plugin));
        } catch (const Verdict& verdict) {
            found.refused.push_back({file, verdict.fault(), verdict.what()});
        }
    }

    void keep_own_methods(Plugin& plugin) {
        std::vector<Method> own;
        for (auto& m : plugin.methods) {
            const auto [earlier, is_new] = by_id_.emplace(m.id, plugin.path);
            if (is_new) own.push_back(std::move(m));
            else
                warn(plugin.path.string() + ": its method " + m.id + " is hidden by " +
                     earlier->second.string() + ", which is found earlier; remove one of them");
        }
        plugin.methods = std::move(own);
    }

    void warn(const std::string& text) {
        if (std::find(found.warnings.begin(), found.warnings.end(), text) == found.warnings.end())
            found.warnings.push_back(text);
    }

    const Options& options_;
    std::map<std::string, fs::path> by_id_;
    std::set<fs::path> seen_;
};

} // namespace

Found scan(const std::vector<fs::path>& folders, const Options& options) {
    Scan scan(options);
    for (const auto& folder : folders) scan.folder(folder);
    return std::move(scan.found);
}

} // namespace mneme::loader
