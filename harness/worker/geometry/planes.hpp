// SPDX-License-Identifier: Apache-2.0
// What `mneme geometry --plane` puts into one benchmark of a results file: losses on planes through
// three minima of one run, a + u (b - a) + v (c - a).
#pragma once

#include <cstdint>
#include <functional>

#include <results/block.hpp>

#include "worker/geometry/minima.hpp"
#include "worker/geometry/stored_networks.hpp"

namespace mneme::harness {

struct PlaneOptions {
    int64_t side = 0; // points along u, and along v, at equal steps from -1/4 to 5/4; 0: no planes
    std::function<void(int64_t rows, int64_t all)> progress = [](int64_t, int64_t) {};
};

class Planes final {
  public:
    // Makes room in the block, whatever it held of these before: for a plane through the minima of
    // each two consecutive tasks and of all tasks together, or, where no method has that, of each
    // three consecutive tasks.
    Planes(results::Block&, const PlaneOptions&);

    std::size_t count() const { return block_.geometry_plane_first.data.size(); }
    // Of one run: method m, seed number n of the block, whose lines have been evaluated.
    void evaluate(std::size_t m, std::size_t n, Minima&);

  private:
    struct Corners {
        at::Tensor a, b, c;
        int64_t row; // the last task that c has learned
    };
    void evaluate(std::size_t run, std::size_t plane, const Corners&, Minima&);

    results::Block& block_;
    const StoredNetworks stored_;
    const PlaneOptions options_;
};

} // namespace mneme::harness
