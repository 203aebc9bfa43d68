// SPDX-License-Identifier: Apache-2.0
#include "transform.hpp"

#include <algorithm>
#include <cmath>

#include <benchmarks/random.hpp>
#include <benchmarks/tasks.hpp>

#include "labels.hpp"

namespace mneme::bench {

namespace {

uint32_t of_stream() {
    static const uint32_t hash = purpose("mneme/stream");
    return hash;
}

PhiloxPlace in_task(int64_t t, uint32_t call) { return {call, 0, uint32_t(t) * 256}; }

} // namespace

std::vector<std::vector<int64_t>> pixel_maps(const Spec& spec, int64_t rows, int64_t columns, const std::vector<int64_t>& seeds,
                                             int64_t t) {
    std::vector<std::vector<int64_t>> maps;
    if (spec.stream.kind == "rotated") {
        const double angle = rotation_angles(spec)[std::size_t(t)];
        if (angle != 0) maps.push_back(rotation_map(rows, columns, angle));
    }
    if (spec.stream.kind == "permuted" && (t > 0 || spec.stream.first_task == "permuted"))
        for (int64_t seed : seeds) maps.push_back(permutation(rows * columns, {uint32_t(seed), of_stream()}, in_task(t, 0)));
    return maps;
}

void gather_pixels(const uint8_t* in, int64_t width, const std::vector<int64_t>& rows, const std::vector<int64_t>& map, uint8_t* out) {
    const std::vector<int32_t> from(map.begin(), map.end()); // half the memory traffic
    std::vector<uint8_t> row(static_cast<std::size_t>(width) + 1, 0);
    for (int64_t r : rows) {
        if (from.empty()) {
            std::copy_n(in + r * width, width, out);
        } else {
            std::copy_n(in + r * width, width, row.data() + 1); // row[0] is what lies outside
            for (std::size_t i = 0; i < from.size(); ++i) out[i] = row[std::size_t(from[i] + 1)];
        }
        out += width;
    }
}

Images draw_clusters(const Spec& spec, int64_t t, bool test) {
    const StreamSpec& s = spec.stream;
    const PhiloxKey key{0, of_stream()};
    const auto axes = permutation(s.features, key, in_task(t, 0));
    Images images;
    images.count = test ? s.test_examples : s.train_examples;
    images.rows = 1;
    images.columns = s.features;
    images.labels = synthetic_labels(spec, images.count);
    std::vector<float> values(std::size_t(images.count * s.features));
    normal(int64_t(values.size()), key, in_task(t, test ? 2 : 1), values.data());
    const double centre = s.separation / std::sqrt(2.0);
    for (int64_t i = 0; i < images.count; ++i) values[std::size_t(i * s.features + axes[images.labels[std::size_t(i)]])] += float(centre);
    images.pixels.resize(values.size());
    std::transform(values.begin(), values.end(), images.pixels.begin(),
                   [](float v) { return uint8_t(std::clamp(std::floor(96.0 + 16.0 * double(v) + 0.5), 0.0, 255.0)); });
    return images;
}

PixelStatistics statistics(const Images& images) {
    uint64_t sum = 0, squares = 0;
    for (uint8_t p : images.pixels) {
        sum += p;
        squares += uint64_t{p} * p;
    }
    const double n = double(images.pixels.size()), mean = double(sum) / n;
    return {mean / 255, std::sqrt(double(squares) / n - mean * mean) / 255};
}

} // namespace mneme::bench
