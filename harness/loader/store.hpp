// SPDX-License-Identifier: Apache-2.0
// Copies of plugins, named by their content: a plugin that is built anew in the middle of a grid
// changes neither results nor a mapped file.
#pragma once

#include <filesystem>
#include <string>

namespace mneme::loader {

class Store final {
  public:
    // Empty: ${XDG_CACHE_HOME:-~/.cache}/mneme/plugins. `file` is whom messages name.
    Store(std::filesystem::path folder, std::filesystem::path file);

    std::filesystem::path place(const std::string& sha256) const {
        return folder_ / (sha256 + ".so");
    }
    bool has(const std::string& sha256) const; // and its bytes are right

    // Complete or absent; many may keep the same bytes at once. Refuses with Fault::store or
    // store_full.
    std::filesystem::path keep(const std::string& bytes, const std::string& sha256) const;

  private:
    void remove_oldest() const;
    void make_folder() const;
    void write(const std::string& bytes, const std::string& sha256) const;
    [[noreturn]] void fail(int error) const;

    std::filesystem::path folder_;
    const std::filesystem::path file_;
};

} // namespace mneme::loader
