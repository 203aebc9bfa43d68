// SPDX-License-Identifier: Apache-2.0
// Rows of a batch that is kept: picked by position, put into slots, put behind others.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <mneme/random.hpp>
#include <mneme/state.hpp>

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

// Positions [S, min(n, slots)] of rows drawn without replacement, for each replica by itself, empty
// slots last.
inline Tensor drawn(const Random& source, const Batch& rows, int64_t n) {
    const auto keys = source.uniform({rows.rows()}).masked_fill(rows.weight <= 0, -1);
    return keys.topk(std::min(n, rows.rows()), 1)[1];
}

// Row b of `from` goes into slot[s, b] of `to`, in place: one kernel of the host for x, y, task and
// weight. A slot that `to` does not have, such as -1, takes nothing; of rows for one slot the last
// is kept. slot: [S, B] int64; `to` must have its replica axis.
inline void put_rows(Batch& to, const Tensor& slot, const Batch& from) {
    const auto into = border::lend(to), rows = border::lend(from);
    border::call(border::required(border::tables.rows, "put_rows", "mneme.rows/1").put, &into,
                 slot.handle(), &rows);
}

inline void append(Batch& to, const Batch& b) {
    to = to.x.defined() ? concat(to, b)
                        : Batch{b.x.clone(), b.y.clone(), b.task.clone(), b.weight.clone(), 0};
}

// Rows that are kept, and beside each of them values of a method's own: stored logits, losses.
struct StoredRows {
    Batch rows;              // [S, M]; an empty slot has weight 0
    std::vector<Tensor> own; // [S, M, length] float32 each

    int64_t slots() const { return rows.x.defined() ? rows.rows() : 0; }

    // Empty slots for rows like those of a batch.
    static StoredRows room(const Batch& like, int64_t slots, const std::vector<int64_t>& lengths) {
        const int64_t replicas = like.y.size(0);
        StoredRows out{{like.x.new_zeros({replicas, slots, like.x.size(2)}),
                        zeros({replicas, slots}, DType::int64),
                        zeros({replicas, slots}, DType::int64), zeros({replicas, slots}), 0},
                       {}};
        for (int64_t length : lengths) out.own.push_back(zeros({replicas, slots, length}));
        return out;
    }
    // Rows of a batch into slots, as put_rows has it, with their values [S, B, length].
    void put(const Tensor& slot, const Batch& batch, const std::vector<Tensor>& values) {
        put_rows(rows, slot, batch);
        for (std::size_t k = 0; k < own.size(); ++k) {
            Batch to = rows, from = batch;
            to.x = own[k], from.x = values.at(k);
            put_rows(to, slot, from);
        }
    }
    // The rows at positions [S, n], each replica's own.
    StoredRows at(const Tensor& positions) const {
        StoredRows out{pick(rows, positions), {}};
        for (const auto& values : own)
            out.own.push_back(values.gather(1, index_of_rows(positions, values)));
        return out;
    }
    void append(const StoredRows& more) {
        mneme::append(rows, more.rows);
        own.resize(more.own.size());
        for (std::size_t k = 0; k < own.size(); ++k)
            own[k] = own[k].defined() ? cat({own[k], more.own[k]}, 1) : more.own[k].clone();
    }
    void state(State& s) {
        s("x", rows.x), s("y", rows.y), s("task", rows.task), s("weight", rows.weight);
        for (std::size_t k = 0; k < own.size(); ++k) // as many as the owner has made room for
            s(("own" + std::to_string(k)).c_str(), own[k]);
    }
};

// Rows [from, from + n) of a batch, as a batch.
inline Batch slice(const Batch& b, int64_t from, int64_t n) {
    return {b.x.narrow(1, from, n), b.y.narrow(1, from, n), b.task.narrow(1, from, n),
            b.weight.narrow(1, from, n), std::clamp<int64_t>(b.current - from, 0, n)};
}

// Without the slots that no replica has filled. Reads values: not in a step.
inline StoredRows written(const StoredRows& from) {
    const auto any = from.rows.weight.amax(0).to_vector();
    std::vector<int64_t> at;
    for (std::size_t k = 0; k < any.size(); ++k)
        if (any[k] > 0) at.push_back(static_cast<int64_t>(k));
    const auto n = static_cast<int64_t>(at.size());
    return from.at(Tensor::of(at, {1, n}).expand({from.rows.y.size(0), n}));
}

// The first `most` rows of each class, in their order; where a replica has fewer than another it
// has empty slots behind. Reads values: not in a step.
inline StoredRows trimmed(const StoredRows& from, int64_t classes, int64_t most) {
    const auto full = from.rows.weight > 0;
    const auto one = (from.rows.y.unsqueeze(2) == range(classes)) && full.unsqueeze(2);
    const auto rank = (one.cumsum(1) * one).sum(2); // of its class, from 1; 0: an empty slot
    const auto kept = (rank > 0) && (rank <= most);
    const auto order = kept.to(DType::int64).sort(1, true)[1]; // stable: those that are kept first
    const auto n = static_cast<int64_t>(kept.sum(1).amax(0).item());
    const auto at = order.narrow(1, 0, n);
    auto out = from.at(at);
    out.rows.weight = out.rows.weight.masked_fill(!kept.gather(1, at), 0);
    return out;
}

} // namespace mneme
