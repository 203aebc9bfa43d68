// SPDX-License-Identifier: Apache-2.0
#include <benchmarks/example_stream.hpp>

#include <algorithm>
#include <numeric>

#include <benchmarks/random.hpp>

namespace mneme::bench {

ExampleStream example_stream(const std::vector<std::vector<int64_t>>& orders, double blur,
                             int64_t seed) {
    ExampleStream plain;
    for (std::size_t t = 0; t < orders.size(); ++t) {
        plain.task.insert(plain.task.end(), orders[t].size(), int32_t(t));
        plain.row.insert(plain.row.end(), orders[t].begin(), orders[t].end());
    }
    if (blur == 0) return plain;
    const std::size_t all = plain.row.size();
    std::vector<float> shares(all);
    uniform(int64_t(all), {uint32_t(seed), purpose("mneme/blur")}, {0, 0, 0}, shares.data());
    std::vector<double> place(all);
    for (std::size_t i = 0; i < all; ++i) {
        const double reach = blur * double(orders[std::size_t(plain.task[i])].size());
        place[i] = double(i) + reach * (double(shares[i]) - 0.5);
    }
    std::vector<std::size_t> sequence(all);
    std::iota(sequence.begin(), sequence.end(), std::size_t{0});
    std::stable_sort(sequence.begin(), sequence.end(),
                     [&](std::size_t a, std::size_t b) { return place[a] < place[b]; });
    ExampleStream blurred;
    for (std::size_t i : sequence) {
        blurred.task.push_back(plain.task[i]);
        blurred.row.push_back(plain.row[i]);
    }
    return blurred;
}

} // namespace mneme::bench
