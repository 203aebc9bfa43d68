// SPDX-License-Identifier: Apache-2.0
#include "worker/task_source.hpp"

#include <algorithm>

#include <ATen/ATen.h>

#include <base/error.hpp>
#include <benchmarks/random.hpp>

namespace mneme::harness {

std::unique_ptr<TaskSource> task_source(const StreamParts& parts) {
    return parts.cell.spec().stream.hidden() ? hidden_tasks(parts) : announced_tasks(parts);
}

std::vector<int64_t> first_order(const Cell& cell, const bench::Stream& stream, int64_t replica,
                                 int64_t task) {
    const auto seed = static_cast<uint32_t>(cell.runs[static_cast<std::size_t>(replica)].seed);
    return bench::permutation(stream.task(task).train_count, {seed, bench::purpose("mneme/order")},
                              {0, 0, static_cast<uint32_t>(task) * 256});
}

bench::Examples joined(const std::vector<bench::Examples>& tasks, int64_t replicas) {
    if (tasks.size() == 1) return {tasks[0].x.contiguous(), tasks[0].y};
    const bool any_own = std::any_of(tasks.begin(), tasks.end(),
                                     [](const auto& examples) { return examples.x.dim() == 3; });
    std::vector<at::Tensor> x, y;
    for (const auto& examples : tasks) {
        const bool repeated = any_own && examples.x.dim() == 2;
        x.push_back(repeated ? examples.x.unsqueeze(0).expand({replicas, -1, -1}) : examples.x);
        y.push_back(examples.y);
    }
    return {at::cat(x, -2), at::cat(y)};
}

void refuse_phase_without_steps(int64_t batch_size, const char* what, int64_t examples) {
    throw base::ExitError(
        base::ExitCode::bad_input,
        "batch_size is " + std::to_string(batch_size) + " and the " + what + " has " +
            std::to_string(examples) +
            " examples: no step would be made; use a smaller batch_size or drop_last = "
            "false");
}

} // namespace mneme::harness
