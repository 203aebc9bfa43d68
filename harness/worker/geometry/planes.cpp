// SPDX-License-Identifier: Apache-2.0
#include "worker/geometry/planes.hpp"

#include <cmath>
#include <vector>

#include <ATen/ATen.h>

namespace mneme::harness {

Planes::Planes(results::Block& block, const PlaneOptions& options)
    : block_(block), stored_(block), options_(options) {
    const std::size_t M = block.methods.size(), N = block.seeds.size(), T = block.tasks.size();
    const auto side = static_cast<std::size_t>(options.side);
    block.geometry_plane_first = block.geometry_plane_second = block.geometry_plane_third = {};
    block.geometry_plane_position = {}, block.geometry_plane_loss = {};
    block.geometry_plane_correct = {};
    const std::size_t corners = stored_.has_joint() ? 2 : 3; // of consecutive tasks
    if (side == 0 || T < corners) return;
    const std::size_t planes = T + 1 - corners;
    const auto tasks_from = [&](std::size_t first) {
        results::Array<std::int32_t> tasks({planes}, 0);
        for (std::size_t v = 0; v < planes; ++v)
            tasks.data[v] = static_cast<std::int32_t>(v + first);
        return tasks;
    };
    block.geometry_plane_first = tasks_from(1), block.geometry_plane_second = tasks_from(2);
    block.geometry_plane_third =
        corners == 3 ? tasks_from(3) : results::Array<std::int32_t>({planes}, 0);
    block.geometry_plane_position = {{side}, 0};
    for (std::size_t k = 0; k < side; ++k)
        block.geometry_plane_position.data[k] =
            -0.25 + 1.5 * static_cast<double>(k) / static_cast<double>(side - 1);
    block.geometry_plane_loss = {{M, N, planes, side, side, T}, std::nan("")};
    block.geometry_plane_correct = {{M, N, planes, side, side, T}, -1};
}

void Planes::evaluate(std::size_t m, std::size_t n, Minima& minima) {
    const auto tasks = stored_.of_run(m, n, minima.network(), minima.device());
    const auto of_all = stored_.of_all_tasks(n, minima.network(), minima.device());
    for (std::size_t v = 0; v < count(); ++v) {
        const auto corner = [&](const results::Array<std::int32_t>& of_planes) {
            const auto t = static_cast<std::size_t>(of_planes.data[v]);
            return t == 0 ? of_all.theta : tasks[t - 1].theta;
        };
        const auto third = block_.geometry_plane_third.data[v];
        const Corners corners{corner(block_.geometry_plane_first),
                              corner(block_.geometry_plane_second),
                              corner(block_.geometry_plane_third),
                              (third == 0 ? static_cast<int64_t>(block_.tasks.size()) : third) - 1};
        if (corners.a.defined() && corners.b.defined() && corners.c.defined())
            evaluate(m * block_.seeds.size() + n, v, corners, minima);
    }
}

// A row of points at a time: as many networks as a side has points.
void Planes::evaluate(std::size_t run, std::size_t plane, const Corners& corners, Minima& minima) {
    const auto& position = block_.geometry_plane_position.data;
    const std::size_t side = position.size(), T = block_.tasks.size();
    for (std::size_t v = 0; v < side; ++v) {
        std::vector<at::Tensor> points;
        for (const double u : position)
            points.push_back(corners.a * (1 - u - position[v]) + corners.b * u +
                             corners.c * position[v]);
        const auto weights = minima.with_statistics(at::cat(points), corners.row);
        for (std::size_t k = 0; k < T; ++k) {
            const auto scores = minima.score(weights, corners.row, static_cast<int64_t>(k));
            for (std::size_t u = 0; u < side; ++u) {
                const std::size_t at = (((run * count() + plane) * side + v) * side + u) * T + k;
                block_.geometry_plane_loss.data[at] = scores.loss[u];
                block_.geometry_plane_correct.data[at] =
                    static_cast<std::int32_t>(scores.correct[u]);
            }
        }
        options_.progress(static_cast<int64_t>(plane * side + v) + 1,
                          static_cast<int64_t>(count() * side));
    }
}

} // namespace mneme::harness
