// SPDX-License-Identifier: Apache-2.0
// A folder of a test's own, gone at the end.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <stdlib.h>

namespace mneme::test {

class Folder final {
  public:
    Folder() { // only this user may write in it
        std::string name = (std::filesystem::temp_directory_path() / "mneme-test-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder " + name);
        path_ = std::filesystem::canonical(name);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    operator const std::filesystem::path&() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    std::filesystem::path write(const std::string& name,
                                const std::string& bytes) const { // with the folders above it
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return path_ / name;
    }
    std::vector<std::string> names() const { // of what is in it, sorted
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(path_))
            names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }
    // A message with `as` for this folder, or with the paths below it as seen from it.
    std::string shorten(std::string text, const std::string& as = "") const {
        const std::string own = path_.string() + (as.empty() ? "/" : "");
        for (auto at = text.find(own); at != std::string::npos; at = text.find(own))
            text.replace(at, own.size(), as);
        return text;
    }

  private:
    std::filesystem::path path_;
};

} // namespace mneme::test
