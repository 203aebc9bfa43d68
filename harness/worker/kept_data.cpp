// SPDX-License-Identifier: Apache-2.0
#include "worker/kept_data.hpp"

#include <exception>
#include <filesystem>
#include <utility>
#include <vector>

#include <base/error.hpp>
#include <benchmarks/tasks.hpp>

#include "protocol/requests.hpp"
#include "protocol/same_data.hpp"

namespace mneme::harness {
namespace {

struct Kept {
    protocol::Data of;
    std::shared_ptr<const bench::Dataset> data;
};

Kept& kept() {
    static Kept one;
    return one;
}

} // namespace

std::shared_ptr<const bench::Dataset> data_of(const protocol::Data& wanted) {
    if (kept().data && protocol::same_data(kept().of, wanted)) return kept().data;
    const auto& spec = wanted.benchmark.spec;
    auto data = bench::load_data(
        spec, std::vector<std::filesystem::path>(wanted.folders.begin(), wanted.folders.end()));
    const std::string& planned = wanted.benchmark.payload;
    // The run is named after the data that the plan saw; folders of another machine may hold
    // others.
    if (data && !planned.empty() && data->payload_digest != planned)
        throw base::ExitError(base::ExitCode::bad_input,
                              "benchmark " + spec.name + ": its data here have the digest " +
                                  data->payload_digest + ", those that it was planned with " +
                                  planned +
                                  "; name a folder with the same files by --data DIR, or make the "
                                  "plan again");
    return data;
}

void keep_data(const std::string& request) {
    try {
        auto of = protocol::read_request<protocol::Data>(request);
        auto data = data_of(of);
        kept() = {std::move(of), std::move(data)};
    } catch (const std::exception&) {
    }
}

} // namespace mneme::harness
