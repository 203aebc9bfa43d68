// SPDX-License-Identifier: Apache-2.0
#include "transform.hpp"

#include <algorithm>
#include <cmath>

#include <benchmarks/random.hpp>
#include <benchmarks/tasks.hpp>

#include "task_examples.hpp"

namespace mneme::bench {

namespace {

uint32_t of_stream() {
    static const uint32_t hash = purpose("mneme/stream");
    return hash;
}

PhiloxPlace in_task(int64_t t, uint32_t call) { return {call, 0, uint32_t(t) * 256}; }

} // namespace

bool one_map_a_seed(const Spec& spec) {
    return spec.stream.kind == StreamKind::permuted ||
           (spec.stream.kind == StreamKind::rotated && spec.stream.jitter > 0);
}

PixelMap bilinear_map(int64_t rows, int64_t columns, double degrees) {
    const double radians = degrees * (3.14159265358979323846 / 180.0), c = std::cos(radians),
                 s = std::sin(radians);
    const double middle_row = double(rows - 1) / 2, middle_column = double(columns - 1) / 2;
    const int64_t pixels = rows * columns;
    PixelMap map{std::vector<int64_t>(std::size_t(4 * pixels), -1),
                 std::vector<int32_t>(std::size_t(4 * pixels), 0)};
    for (int64_t i = 0; i < pixels; ++i) {
        const double x = double(i % columns) - middle_column, y = double(i / columns) - middle_row;
        const auto in_256ths = [](double v) { return int64_t(std::floor(256 * v + 0.5 + 1e-9)); };
        const int64_t u = in_256ths(middle_column + x * c - y * s),
                      v = in_256ths(middle_row + x * s + y * c);
        for (int64_t tap = 0; tap < 4; ++tap) { // >> rounds down for negative positions, too
            const int64_t column = (u >> 8) + tap % 2, row = (v >> 8) + tap / 2, right = u & 255,
                          down = v & 255;
            if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
            const auto at = std::size_t(tap * pixels + i);
            map.from[at] = row * columns + column;
            map.weight[at] =
                int32_t((tap % 2 ? right : 256 - right) * (tap / 2 ? down : 256 - down));
        }
    }
    return map;
}

namespace {

// The same in every channel.
PixelMap in_planes(const PixelMap& one, const PictureShape& shape) {
    const int64_t plane = shape.rows * shape.columns, taps = int64_t(one.from.size()) / plane;
    PixelMap all;
    for (int64_t tap = 0; tap < taps; ++tap)
        for (int64_t channel = 0; channel < shape.channels; ++channel)
            for (int64_t i = tap * plane; i < (tap + 1) * plane; ++i) {
                const int64_t from = one.from[std::size_t(i)];
                all.from.push_back(from < 0 ? -1 : channel * plane + from);
                if (!one.weight.empty()) all.weight.push_back(one.weight[std::size_t(i)]);
            }
    return all;
}

PixelMap turned(const Spec& spec, const PictureShape& shape, double angle) {
    if (spec.stream.interpolation == Interpolation::bilinear)
        return in_planes(bilinear_map(shape.rows, shape.columns, angle), shape);
    return in_planes({rotation_map(shape.rows, shape.columns, angle), {}}, shape);
}

void blend(const uint8_t* row, const PixelMap& map, std::size_t pixels, uint8_t* out) {
    for (std::size_t i = 0; i < pixels; ++i) {
        int32_t sum = 32768;
        for (std::size_t at = i; at < map.from.size(); at += pixels)
            sum += map.weight[at] * row[map.from[at] + 1];
        out[i] = uint8_t(sum >> 16);
    }
}

} // namespace

std::vector<PixelMap> pixel_maps(const Spec& spec, const PictureShape& shape,
                                 const std::vector<int64_t>& seeds, int64_t t) {
    std::vector<PixelMap> maps;
    if (spec.stream.kind == StreamKind::rotated) {
        const double angle = rotation_angles(spec)[std::size_t(t)];
        if (spec.stream.jitter == 0 && angle != 0) maps.push_back(turned(spec, shape, angle));
        for (std::size_t s = 0; spec.stream.jitter > 0 && s < seeds.size(); ++s) {
            float share = 0;
            uniform(1, {uint32_t(seeds[s]), of_stream()}, in_task(t, 0), &share);
            maps.push_back(turned(spec, shape, angle - spec.stream.jitter * double(share)));
        }
    }
    if (spec.stream.kind == StreamKind::permuted &&
        (t > 0 || spec.stream.first_task == FirstTask::permuted))
        for (int64_t seed : seeds)
            maps.push_back(
                {permutation(shape.size(), {uint32_t(seed), of_stream()}, in_task(t, 0)), {}});
    return maps;
}

void gather_pixels(const uint8_t* in, int64_t width, const std::vector<int64_t>& rows,
                   const PixelMap* map, uint8_t* out) {
    std::vector<int32_t> from; // half the memory traffic
    if (map) from.assign(map->from.begin(), map->from.end());
    std::vector<uint8_t> row(static_cast<std::size_t>(width) + 1, 0);
    for (int64_t r : rows) {
        if (!map) {
            std::copy_n(in + r * width, width, out);
        } else {
            std::copy_n(in + r * width, width, row.data() + 1); // row[0] is what lies outside
            if (!map->weight.empty()) blend(row.data(), *map, std::size_t(width), out);
            else
                for (std::size_t i = 0; i < from.size(); ++i)
                    out[i] = row[std::size_t(from[i] + 1)];
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
    for (int64_t i = 0; i < images.count; ++i)
        values[std::size_t(i * s.features + axes[images.labels[std::size_t(i)]])] += float(centre);
    images.pixels.resize(values.size());
    std::transform(values.begin(), values.end(), images.pixels.begin(), [](float v) {
        return uint8_t(std::clamp(std::floor(96.0 + 16.0 * double(v) + 0.5), 0.0, 255.0));
    });
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
