// SPDX-License-Identifier: Apache-2.0
// What users write, and the plan: benchmarks, suites, descriptions of data sets, plan.json. The
// first byte says which.
#include "fuzz.hpp"

#include "plan/benchmark.hpp"
#include "plan/datasets.hpp"
#include "plan/planner.hpp"
#include "plan/suite.hpp"

using namespace mneme;

namespace {

const char* const tiny =
    "[stream]\nkind = \"synthetic\"\ntasks = 3\nclasses_per_task = 2\nfeatures = 6\nseparation = "
    "3.0\n"
    "train_examples = 60\ntest_examples = 30\n[network]\nhidden = [8]\n";

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const fuzz::Folder folder;
    static const auto known = folder.write("known/tiny.toml", tiny).parent_path();
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    fuzz::refuse_or_read([&] {
        switch (data[0] % 4) {
            case 0: {
                const auto spec =
                    harness::load_benchmark(folder.write("x.toml", text).string(), {});
                const auto again = harness::load_benchmark(
                    folder.write("x.toml", harness::to_toml(spec)).string(), {});
                fuzz::want(harness::effective_keys(again) == harness::effective_keys(spec),
                           "a benchmark that is another when written");
                break;
            }
            case 1: {
                harness::Overrides over;
                over.benchmark_folders = {known};
                harness::load_suite(folder.write("s.toml", text), over);
                break;
            }
            case 2: harness::read_dataset(folder.write("d.dataset.toml", text)); break;
            default: harness::read_plan(folder.write("p.json", text));
        }
    });
    return 0;
}
