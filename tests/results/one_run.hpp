// SPDX-License-Identifier: Apache-2.0
// One run of a block as a file of its own.
#pragma once

#include "sample.hpp"

namespace mneme::results::test {

// One run of a larger block, as a worker leaves it.
inline Block one_run(const Block& whole, std::size_t m, std::size_t n) {
    Block run = Block::blank({whole.methods[m]}, {whole.seeds[n]}, whole.tasks, 4, 6);
    run.benchmark = whole.benchmark, run.version = whole.version, run.digest = whole.digest,
    run.toml = whole.toml;
    run.scenario = whole.scenario, run.chance_accuracy = whole.chance_accuracy,
    run.evaluated_on = whole.evaluated_on;
    run.n_evaluated = whole.n_evaluated;
    const std::size_t N = whole.seeds.size(), r = m * N + n;
    const auto cut = [&](auto member) {
        auto &to = (run.*member).data, &from = const_cast<Block&>(whole).*member;
        const std::size_t size = to.size();
        std::copy_n(from.data.begin() + static_cast<std::ptrdiff_t>(r * size), size, to.begin());
    };
    for (auto member : {&Block::n_correct, &Block::initial_correct, &Block::confusion,
                        &Block::outcome, &Block::shared_by_replicas, &Block::restart_count})
        cut(member);
    for (auto member :
         {&Block::request_digest, &Block::run_host, &Block::run_device, &Block::job_id})
        cut(member);
    for (auto member :
         {&Block::loss, &Block::train_seconds, &Block::evaluate_seconds, &Block::end_task_seconds,
          &Block::train_samples, &Block::optimizer_steps, &Block::kept_bytes,
          &Block::peak_rss_bytes, &Block::peak_device_bytes, &Block::train_loss})
        cut(member);
    for (std::size_t t = 0; t < 3; ++t) run.data_digest.data[t] = whole.data_digest.data[n * 3 + t];
    run.provenance[run.methods[0]] = whole.provenance.at(whole.methods[m]);
    return run;
}

} // namespace mneme::results::test
