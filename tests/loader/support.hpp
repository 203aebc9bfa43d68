// SPDX-License-Identifier: Apache-2.0
// What the loader's tests share: a private folder, fixtures copied into it, and a host that says
// what it has.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "../folder.hpp"
#include "loader/loader.hpp"

namespace loader_test {

namespace fs = std::filesystem;
using namespace mneme::loader;

using mneme::test::Folder;

inline fs::path fixture(const std::string& name) {
    return fs::path(FIXTURE_FOLDER) / (name + ".so");
}

inline std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void write(const fs::path& path, const std::string& bytes) {
    fs::remove(path);
    std::ofstream(path, std::ios::binary) << bytes;
    fs::permissions(path, fs::perms(0644));
}

// A fixture's bytes in another folder, writable by its owner alone.
inline fs::path plant(const std::string& name, const fs::path& folder, std::string as = {}) {
    const auto to = folder / ((as.empty() ? name : as) + ".so");
    write(to, read(fixture(name)));
    return to;
}

// A fixture that this process has not loaded yet: bytes behind the last section change nothing but
// the digest.
inline fs::path plant_new(const std::string& name, const fs::path& folder) {
    static int count = 0;
    const auto to = folder / (name + ".so");
    write(to, read(fixture(name)) + "copy " + std::to_string(++count));
    return to;
}

inline Host host() {
    return {[](const std::string& id) { return id != "mneme.telepathy/1"; },
            [](const std::string& schema) { return schema != "aten::nope"; }, "2.11.0"};
}

// "FAULT: message" with the file's path cut out, or "taken".
inline std::string said(const std::optional<Refusal>& r) {
    if (!r) return "taken";
    auto text = r->message;
    const auto path = r->path.string();
    for (auto at = text.find(path); at != text.npos; at = text.find(path))
        text.replace(at, path.size(), "FILE");
    return std::to_string(static_cast<int>(r->fault)) + " " + text;
}

} // namespace loader_test
