// SPDX-License-Identifier: Apache-2.0
// Rows of a batch that is kept: picked by position, put into slots, put behind others.
#pragma once

#include <mneme/net.hpp>

namespace mneme {

// Positions at [S, n] as an index of x [S, m, ...] along axis 1.
inline Tensor index_of_rows(const Tensor& at, const Tensor& x) {
    auto shape = x.shape();
    auto index = at;
    for (std::size_t d = 2; d < shape.size(); ++d) index = index.unsqueeze(-1);
    shape[1] = at.size(1);
    return index.expand(shape);
}

// The rows at positions [S, n]: each replica its own. x must have its replica axis.
inline Batch pick(const Batch& from, const Tensor& at) {
    return {from.x.gather(1, index_of_rows(at, from.x)), from.y.gather(1, at),
            from.task.gather(1, at), from.weight.gather(1, at), 0};
}

// Row b of `from` goes into slot[s, b] of `to`, in place: one kernel of the host for x, y, task and
// weight. A slot that `to` does not have, such as -1, takes nothing; of rows for one slot the last
// is kept. slot: [S, B] int64; `to` must have its replica axis.
inline void put_rows(Batch& to, const Tensor& slot, const Batch& from) {
    if (!border::tables.rows)
        throw Error("put_rows: this host puts no rows (mneme.rows/1); use scatter_", MNEME_STATE);
    const auto into = border::lend(to), rows = border::lend(from);
    border::call(border::tables.rows->put, &into, slot.handle(), &rows);
}

inline void append(Batch& to, const Batch& b) {
    to = to.x.defined() ? concat(to, b)
                        : Batch{b.x.clone(), b.y.clone(), b.task.clone(), b.weight.clone(), 0};
}

} // namespace mneme
