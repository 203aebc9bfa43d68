// SPDX-License-Identifier: Apache-2.0
#include "plan/weights_file.hpp"

#include <base/regular_file.hpp>
#include <base/sha256.hpp>

#include "plan/check.hpp"

namespace mneme::harness {

namespace fs = std::filesystem;

void find_weights(const Node& table, const fs::path& benchmark, WeightsFile wanted_file,
                  bench::NetworkSpec& network) {
    const Member* weights = find(table, "weights");
    const bool required = wanted_file == WeightsFile::required || network.weights_sha256.empty();
    for (const char* key : {"weights_sha256", "names", "unused", "frozen"})
        if (const Member* member = find(table, key); member && !weights && required)
            fail(member->where,
                 std::string(key) +
                     " is given without weights; expected weights = \"FILE.safetensors"
                     "\", or no " +
                     key);
    if (!weights) return;
    const fs::path path = fs::absolute(benchmark).parent_path() / network.weights;
    std::string found;
    try {
        base::open_regular(path, base::Links::follow);
        found = base::file_sha256(path);
    } catch (const std::runtime_error& fault) {
        fail(weights->value.where, fault.what() + std::string("; expected a safetensors file, "
                                                              "relative to the benchmark's"));
    }
    const Member* wanted = find(table, "weights_sha256");
    if (wanted && network.weights_sha256 != found)
        fail(wanted->value.where,
             "weights_sha256 is " + in_quotes(network.weights_sha256) + ", and the file's is " +
                 found + "; expected the file that it was taken from, or no weights_sha256");
    network.weights = path.lexically_normal().string();
    network.weights_sha256 = found;
}

} // namespace mneme::harness
