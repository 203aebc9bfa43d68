// SPDX-License-Identifier: Apache-2.0
// The hidden units of a network and the columns of theta that belong to them: one after the other,
// group by group as Net::groups() has them. For methods that switch units on and off.
#pragma once

#include <vector>

#include <mneme/net.hpp>

namespace mneme {

class Units final {
  public:
    explicit Units(const Net& net) : groups_(net.groups()), layers_(net.layers()) {
        std::vector<int64_t> first; // of each group
        for (int64_t size : groups_) first.push_back(count_), count_ += size;
        std::vector<int64_t> in(static_cast<std::size_t>(net.columns()), count_), out = in;
        for (const auto& l : layers_) {
            const int64_t row = l.numel / l.shape[0];
            for (int64_t k = 0; k < l.numel; ++k) {
                const auto unit = [&](int32_t group, int64_t at, int64_t of) {
                    if (group < 0) return count_;
                    const auto g = static_cast<std::size_t>(group);
                    return first[g] + at / (of / groups_[g]);
                };
                const auto column = static_cast<std::size_t>(l.offset + k);
                in[column] = unit(l.in_group, k % row, row);
                out[column] = unit(l.out_group, k / row, l.shape[0]);
            }
        }
        in_ = Tensor::of(in, {net.columns()});
        out_ = Tensor::of(out, {net.columns()});
    }

    int64_t count() const { return count_; }

    // values [S, count] at each column of theta, [S, P]: of the unit that the column reads from; of
    // the one that it is an incoming weight or a bias of. Where there is none: `none`.
    Tensor read_from(const Tensor& values, double none) const { return at(values, in_, none); }
    Tensor enters(const Tensor& values, double none) const { return at(values, out_, none); }

    // Sums of v [S, P] over the columns that read from each unit, [S, count].
    Tensor sums(const Tensor& v) const {
        std::vector<Tensor> all;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            all.push_back(v.new_zeros({v.size(0), groups_[g]}));
            for (const auto& l : layers_) {
                if (l.in_group != static_cast<int32_t>(g)) continue;
                const int64_t rows = l.shape[0], each = l.numel / rows / groups_[g];
                all.back() += v.narrow(1, l.offset, l.numel)
                                  .reshape({v.size(0), rows, groups_[g], each})
                                  .sum(3)
                                  .sum(1);
            }
        }
        return cat(all, 1);
    }

  private:
    static Tensor at(const Tensor& values, const Tensor& unit, double none) {
        return cat({values, values.new_full({values.size(0), 1}, none)}, 1).index_select(1, unit);
    }

    const std::vector<int64_t> groups_;
    const std::vector<Layer> layers_;
    int64_t count_ = 0;
    Tensor in_, out_; // [P] int64: the unit, `count` where there is none
};

} // namespace mneme
