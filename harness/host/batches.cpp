// SPDX-License-Identifier: Apache-2.0
#include "host/batches.hpp"

#include <algorithm>

#include <ATen/ATen.h>

#include <benchmarks/augment.hpp>
#include <mneme/error.hpp>

#include "host/ones.hpp"

namespace mneme::host {

Batches::Batches(const Placement& placement, Draws& draws, const at::Tensor& table,
                 std::vector<int64_t> shape)
    : placement_(placement), draws_(draws), shape_(std::move(shape)),
      table_(table.to(at::kFloat).contiguous().to(placement.device)) {}

at::Tensor Batches::moved(const at::Tensor& x, const bench::AugmentSpec& how, mneme_source& crop,
                          mneme_source& flip) {
    const int64_t rows = x.size(1), padding = how.crop_padding;
    bench::Moves moves;
    if (padding > 0) moves.crop = draws_.randint(crop, 2 * padding + 1, {rows, 2});
    if (how.horizontal_flip) moves.flip = draws_.randint(flip, 2, {rows});
    return bench::augmented(x, shape_, padding, moves, table_.narrow(0, 0, 1));
}

void Batches::augment(at::Tensor& x) {
    if (augment_.any())
        x = moved(x, augment_, draws_.own("augment_crop"), draws_.own("augment_flip"));
}

at::Tensor Batches::augmented(const at::Tensor& x, mneme_source& source,
                              const bench::AugmentSpec* how) {
    const auto& spec = how ? *how : augment_;
    if (!spec.any()) return x;
    if (shape_.size() != 3)
        throw Error("augmented: the inputs are not pictures; do without", MNEME_ARGUMENT);
    if (x.dim() != 3 || x.size(0) != placement_.replicas ||
        x.size(2) != c10::multiply_integers(shape_))
        throw Error(c10::str("augmented: x is ", x.sizes(), "; give [S, B, D] as a batch has it"),
                    MNEME_ARGUMENT);
    return moved(x, spec, source, source);
}

at::Tensor Batches::vectors(const at::Tensor& tokens) const {
    auto shape = tokens.sizes().vec();
    shape.back() *= table_.size(1);
    return table_.index_select(0, tokens.reshape({-1})).view(shape);
}

namespace {

// Rows of numbers x [N, D], or [S, N, D], at positions [S or 1, n].
at::Tensor numbers_at(const at::Tensor& x, const at::Tensor& positions, int64_t copies) {
    const int64_t rows = positions.size(1), width = x.size(-1);
    if (x.dim() == 2) return x.index_select(0, positions.reshape({-1})).view({copies, rows, width});
    const auto each = positions.expand({copies, rows}).unsqueeze(2).expand({copies, rows, width});
    return x.gather(1, each);
}

} // namespace

at::Tensor Batches::input(const at::Tensor& x) const {
    if (x.scalar_type() == at::kInt) return vectors(x);
    if (x.scalar_type() == at::kFloat) return x.clone(); // a plugin may write to it
    const bool shared = x.dim() == 2;
    const int64_t rows = x.size(-2), width = x.size(-1);
    auto positions = at::arange(rows, placement_.of(at::kLong));
    auto out = at::empty(
        shared ? std::vector<int64_t>{rows, width} : std::vector<int64_t>{x.size(0), rows, width},
        placement_.of(at::kFloat));
    const auto whole = x.contiguous();
    placement_.kernels().gather({out.data_ptr<float>(), whole.data_ptr<uint8_t>(),
                                 shared ? 0 : rows * width, positions.data_ptr<int64_t>(), 0,
                                 shared ? 1 : x.size(0), rows, width, table_.data_ptr<float>()},
                                placement_.stream());
    return out;
}

void Batches::gather(const mneme_examples& from, const at::Tensor& positions, Rows& out) const {
    auto &x = out.x, &y = out.y, &task = out.task, &weight = out.weight;
    const auto at_rows = positions.contiguous();
    const int64_t rows = at_rows.size(1), width = from.data.x.size(-1),
                  stride = at_rows.size(0) == 1 ? 0 : rows;
    const bool one_x = from.data.x.dim() == 2 && at_rows.size(0) == 1 &&
                       placement_.replicas > 1; // every replica sees the same examples
    const bool texts = from.data.x.scalar_type() == at::kInt,
               numbers = from.data.x.scalar_type() == at::kFloat, labels_only = texts || numbers;
    const int64_t copies = one_x ? 1 : placement_.replicas;
    y = at::empty({placement_.replicas, rows}, placement_.of(at::kLong));
    task = at::empty({placement_.replicas, rows}, placement_.of(at::kLong));
    if (texts) {
        x = vectors(from.data.x.index_select(0, at_rows.reshape({-1}))).view({copies, rows, -1});
    } else if (numbers) {
        x = numbers_at(from.data.x, at_rows, copies);
    } else {
        x = at::empty({copies, rows, width}, placement_.of(at::kFloat));
    }
    placement_.kernels().gather(
        {labels_only ? nullptr : x.data_ptr<float>(),
         labels_only ? nullptr : from.data.x.data_ptr<uint8_t>(),
         from.data.x.dim() == 2 ? 0 : from.data.x.stride(0),
         at_rows.data_ptr<int64_t>(),
         stride,
         copies,
         rows,
         labels_only ? 1 : width,
         table_.data_ptr<float>(),
         {from.data.y.data_ptr<int64_t>(), from.task.data_ptr<int64_t>(), y.data_ptr<int64_t>(),
          task.data_ptr<int64_t>(), placement_.replicas}},
        placement_.stream());
    if (one_x)
        x = x.expand({placement_.replicas, -1, -1}); // the same values, which nobody may write to
    if (weight.defined() && weight.size(1) == rows) return;
    weight = at::ones({placement_.replicas, rows}, placement_.of(at::kFloat));
    known_as_ones(weight);
}

at::Tensor Batches::draw(const mneme_examples& from, int32_t how, int64_t n) {
    const auto order = draws_.permutation(draws_.own("examples"), from.data.size()).to(at::kCPU);
    if (how == MNEME_DRAW_PER_CLASS) return draw_per_class(from, order, n).to(placement_.device);
    if (how != MNEME_DRAW_SAMPLE)
        throw Error(
            "draw: way " + std::to_string(how) + " is not known; 0 (sample) or 1 (per class)",
            MNEME_ARGUMENT);
    return order.narrow(1, 0, std::min(n, from.data.size())).contiguous().to(placement_.device);
}

// The first n of each class in the drawn order, class by class.
at::Tensor Batches::draw_per_class(const mneme_examples& from, const at::Tensor& order,
                                   int64_t n) const {
    const auto labels = from.data.y.to(at::kCPU);
    std::vector<int64_t> found;
    for (int64_t s = 0; s < placement_.replicas; ++s) {
        const int64_t* row = order.data_ptr<int64_t>() + s * order.size(1);
        for (int64_t c : from.classes) {
            int64_t left = n;
            for (int64_t k = 0; k < order.size(1) && left > 0; ++k)
                if (labels.data_ptr<int64_t>()[row[k]] == c) found.push_back(row[k]), --left;
        }
    }
    const auto each = static_cast<int64_t>(found.size()) / placement_.replicas;
    return at::from_blob(found.data(), {placement_.replicas, each}, at::kLong).clone();
}

} // namespace mneme::host
