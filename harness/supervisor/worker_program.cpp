// SPDX-License-Identifier: Apache-2.0
#include "supervisor/worker_program.hpp"

#include <base/system.hpp>

namespace mneme::supervisor {

Launch worker_launch(const WorkerProgram& worker, std::vector<std::string> arguments, int threads) {
    Launch launch{worker.program, std::move(arguments), {}, 0};
    for (const char* name : {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"})
        launch.environment.push_back({name, std::to_string(threads)});
    if (!worker.torch.empty()) {
        const std::string before = base::environment("LD_LIBRARY_PATH");
        launch.environment.push_back(
            {"LD_LIBRARY_PATH", worker.torch.string() + (before.empty() ? "" : ":" + before)});
    }
    return launch;
}

} // namespace mneme::supervisor
