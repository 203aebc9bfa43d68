// SPDX-License-Identifier: Apache-2.0
#include <benchmarks/augment.hpp>

#include <ATen/ATen.h>

namespace mneme::bench {

at::Tensor augmented(const at::Tensor& x, const std::vector<int64_t>& shape, int64_t padding,
                     const Moves& moves, const at::Tensor& outside) {
    const int64_t replicas = x.size(0), batch = x.size(1), channels = shape[0], rows = shape[1],
                  columns = shape[2];
    const auto whole = at::device(x.device()).dtype(at::kLong);
    auto row = at::arange(rows, whole).view({1, 1, rows, 1}),
         column = at::arange(columns, whole).view({1, 1, 1, columns});
    if (moves.flip.defined())
        column = column + moves.flip.view({replicas, batch, 1, 1}) * (columns - 1 - 2 * column);
    if (moves.crop.defined()) {
        row = row + (moves.crop.select(2, 0) - padding).view({replicas, batch, 1, 1});
        column = column + (moves.crop.select(2, 1) - padding).view({replicas, batch, 1, 1});
    }
    const auto from = (row.clamp(0, rows - 1) * columns + column.clamp(0, columns - 1))
                          .expand({replicas, batch, rows, columns});
    const auto planes = from.reshape({replicas, batch, 1, rows * columns})
                            .expand({replicas, batch, channels, rows * columns});
    auto out = x.view({replicas, batch, channels, rows * columns}).gather(3, planes);
    if (moves.crop.defined()) {
        const auto inside = row.ge(0) & row.lt(rows) & column.ge(0) & column.lt(columns);
        out = at::where(inside.reshape({replicas, batch, 1, rows * columns}), out, outside);
    }
    return out.view(x.sizes());
}

} // namespace mneme::bench
