// SPDX-License-Identifier: Apache-2.0
// What the tests of the benchmarks room share: files in a folder of their own, small data sets, the
// folders of real ones.
#pragma once

#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <zlib.h>

#include <base/sha256.hpp>
#include <benchmarks/dataset.hpp>
#include <benchmarks/spec.hpp>
#include <benchmarks/tasks.hpp>
#include <plan/datasets.hpp>

#include "../data_folders.hpp"
#include "../folder.hpp"

namespace bench_test {

namespace fs = std::filesystem;
using namespace mneme::bench;

using mneme::test::Folder;

inline std::string shorten(const Folder& folder, std::string text) {
    return folder.shorten(std::move(text), "D");
}

inline fs::path write_gz(const Folder& folder, const std::string& name, const std::string& bytes) {
    const gzFile file = gzopen((folder / name).c_str(), "wb");
    gzwrite(file, bytes.data(), unsigned(bytes.size()));
    gzclose(file);
    return folder / name;
}

// A cache folder of the test's own.
class OwnCache final {
  public:
    OwnCache() : before_(std::getenv("XDG_CACHE_HOME") ? std::getenv("XDG_CACHE_HOME") : "") {
        setenv("XDG_CACHE_HOME", folder_.path().c_str(), 1);
    }
    ~OwnCache() {
        before_.empty() ? unsetenv("XDG_CACHE_HOME") : setenv("XDG_CACHE_HOME", before_.c_str(), 1);
    }
    OwnCache(const OwnCache&) = delete;
    OwnCache& operator=(const OwnCache&) = delete;
    std::vector<fs::path> files() const {
        std::vector<fs::path> found;
        for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
            if (entry.is_regular_file()) found.push_back(entry.path());
        return found;
    }

  private:
    Folder folder_;
    std::string before_;
};

template <class F> std::string fault_of(F action) {
    try {
        action();
    } catch (const std::runtime_error& fault) {
        return fault.what();
    }
    return "";
}

// "stream.tasks: tasks is 0; expected 1 to 1000" of a spec that cannot be built.
inline std::string fault_in(const Spec& spec) {
    const auto fault = check_spec(spec);
    return fault ? fault->key + ": " + fault->sentence : "";
}

inline std::string word(uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += char(value >> shift & 0xFF);
    return bytes;
}
inline std::string image_file(uint32_t count, uint32_t rows, uint32_t columns,
                              const std::string& pixels) {
    return word(0x803) + word(count) + word(rows) + word(columns) + pixels;
}
inline std::string label_file(uint32_t count, const std::string& labels) {
    return word(0x801) + word(count) + labels;
}

inline std::string sha256(const std::string& bytes) {
    mneme::base::Sha256 hash;
    hash.add(bytes);
    return hash.hex();
}

using mneme::harness::built_in_dataset;
using mneme::harness::built_in_datasets;
using mneme::test::data_folders;

inline Spec fashion(const std::string& kind, int64_t tasks) {
    Spec spec;
    spec.name = "test";
    spec.stream.kind = kind;
    spec.stream.dataset = "fashion-mnist";
    spec.datasets = built_in_datasets(); // some tests name others
    spec.stream.tasks = tasks;
    spec.network.hidden = {16};
    if (kind == "rotated") spec.stream.degrees_per_task = 9;
    if (kind == "split") spec.stream.classes_per_task = 2;
    return spec;
}

inline Spec clusters(const std::string& scenario = "domain") {
    Spec spec;
    spec.name = "clusters";
    spec.stream.kind = "synthetic";
    spec.stream.tasks = 3;
    spec.stream.train_examples = 60;
    spec.stream.test_examples = 40;
    spec.stream.classes_per_task = 2;
    spec.stream.features = 6;
    spec.stream.separation = 4;
    spec.scenario.kind = scenario;
    spec.network.hidden = {8};
    return spec;
}

} // namespace bench_test
