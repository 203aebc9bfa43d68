// SPDX-License-Identifier: Apache-2.0
#include <benchmarks/stream.hpp>

#include <cstring>
#include <optional>
#include <stdexcept>

#include <ATen/ATen.h>

#include "digest_queue.hpp"
#include "task_examples.hpp"
#include "transform.hpp"

namespace mneme::bench {

namespace {

// Test sets that are kept: more would crowd out the learner.
constexpr int64_t kept_on_cpu = int64_t{256} << 20, kept_on_device = int64_t{4} << 30;

Labels labels_at(const Labels& labels, const std::vector<int64_t>& rows) {
    Labels out;
    out.reserve(rows.size());
    for (int64_t r : rows) out.push_back(labels[std::size_t(r)]);
    return out;
}

at::Tensor as_tensor(const std::vector<int64_t>& values, at::Device device) {
    auto tensor = at::empty({int64_t(values.size())}, at::kLong);
    std::memcpy(tensor.data_ptr<int64_t>(), values.data(), values.size() * sizeof(int64_t));
    return tensor.to(device);
}

} // namespace

struct Stream::Impl {
    Spec spec;
    std::shared_ptr<const Dataset> data;
    std::vector<int64_t> seeds;
    Limits limits;
    at::Device device;
    std::vector<TaskInfo> tasks;
    int64_t classes = 0, width = 0;
    std::vector<int64_t> shape;
    PixelStatistics pixels{0, 1};
    at::Tensor device_train, device_test; // the files' values [N, D], of bytes on a device only
    mutable std::vector<std::optional<Examples>> tests;
    mutable int64_t kept = 0;

    Impl(const Spec& s, std::shared_ptr<const Dataset> d, std::vector<int64_t> list, Limits l,
         at::Device where)
        : spec(s), data(std::move(d)), seeds(std::move(list)), limits(l), device(where),
          tasks(describe_tasks(s, data.get(), l, first_seed())), classes(head_width(s)),
          tests(tasks.size()) {
        if (!data && !synthetic())
            throw std::runtime_error("stream " + spec.name + ": no data set given; expected " +
                                     spec.stream.dataset);
        width = synthetic() ? spec.stream.features
                            : data->train.rows * data->train.columns * data->train.channels;
        shape = bench::input_shape(spec);
        if (data && !texts() && shape.size() != 1)
            shape = {data->train.channels, data->train.rows, data->train.columns};
        if (spec.stream.normalise == Normalise::dataset && !numbers())
            pixels = statistics(data->train);
        if (data && (!device.is_cpu() || numbers())) {
            device_train = view(data->train).to(device);
            device_test = view(data->test).to(device);
        }
    }

    // Of all seeds, where their examples differ.
    int64_t first_seed() const {
        if (seeds.empty())
            throw std::runtime_error("stream " + spec.name +
                                     ": no seeds; expected one for each replica");
        for (int64_t seed : seeds)
            if (seeds_differ(spec) && seed != seeds[0])
                throw std::runtime_error("stream " + spec.name + ": seeds " +
                                         std::to_string(seeds[0]) + " and " + std::to_string(seed) +
                                         " have other examples (class_order, label_noise, "
                                         "imbalance); expected a stream for each");
        return seeds[0];
    }

    bool synthetic() const { return spec.stream.kind == StreamKind::synthetic; }
    bool texts() const { return data && !data->table.empty(); }
    bool numbers() const { return data && data->values == ValueType::float32; }

    at::Tensor view(const Images& images) const {
        const auto all =
            at::from_blob(const_cast<uint8_t*>(images.pixels.data()),
                          {images.count, int64_t(images.pixels.size()) / images.count}, at::kByte);
        return numbers() ? all.view(at::kFloat) : all;
    }

    struct Part {
        std::vector<int64_t> rows;
        std::shared_ptr<const Images> from;
        bool from_train;
    };

    Part part(int64_t t, bool test) const {
        const bool from_train = !test || limits.validation;
        if (synthetic()) {
            auto drawn = std::make_shared<const Images>(draw_clusters(spec, t, !from_train));
            const auto other = synthetic_labels(
                spec, from_train ? spec.stream.test_examples : spec.stream.train_examples);
            auto rows = from_train ? select_rows(spec, drawn->labels, other, limits, t, seeds[0])
                                   : select_rows(spec, other, drawn->labels, limits, t, seeds[0]);
            return {test ? std::move(rows.test) : std::move(rows.train), drawn, from_train};
        }
        auto rows = select_rows(spec, data->train.labels, data->test.labels, limits, t, seeds[0]);
        return {test ? std::move(rows.test) : std::move(rows.train),
                {data, from_train ? &data->train : &data->test},
                from_train};
    }

    at::Tensor pixels_on_cpu(const Part& p, const std::vector<PixelMap>& maps) const {
        const int64_t n = int64_t(p.rows.size());
        const bool own =
            one_map_a_seed(spec) && !maps.empty(); // each replica has a transform of its own
        auto x = own ? at::empty({int64_t(maps.size()), n, width}, at::kByte)
                     : at::empty({n, width}, at::kByte);
        if (maps.empty())
            gather_pixels(p.from->pixels.data(), width, p.rows, nullptr, x.data_ptr<uint8_t>());
        for (std::size_t s = 0; s < maps.size(); ++s)
            gather_pixels(p.from->pixels.data(), width, p.rows, &maps[s],
                          x.data_ptr<uint8_t>() + int64_t(s) * n * width);
        return x;
    }

    // The same integers as gather_pixels.
    at::Tensor blended(const at::Tensor& base, const PixelMap& map) const {
        const auto from = as_tensor(map.from, device).view({-1, width});
        const auto weight = as_tensor({map.weight.begin(), map.weight.end()}, device)
                                .to(at::kInt)
                                .view({-1, width});
        auto sum = at::full(base.sizes(), 32768, base.options().dtype(at::kInt));
        for (int64_t tap = 0; tap < from.size(0); ++tap)
            sum.add_(base.index_select(1, from[tap].clamp_min(0)).to(at::kInt).mul_(weight[tap]));
        return sum.bitwise_right_shift_(16).to(at::kByte);
    }

    at::Tensor pixels_on_device(const Part& p, const std::vector<PixelMap>& maps) const {
        const auto base =
            (p.from_train ? device_train : device_test).index_select(0, as_tensor(p.rows, device));
        std::vector<at::Tensor> turned;
        for (const auto& map : maps) {
            if (!map.weight.empty()) {
                turned.push_back(blended(base, map));
                continue;
            }
            const auto from = as_tensor(map.from, device);
            turned.push_back(base.index_select(1, from.clamp_min(0)).mul_(from.ge(0)));
        }
        if (turned.empty()) return base;
        return one_map_a_seed(spec) ? at::stack(turned) : turned[0];
    }

    Labels labels_of(const Part& p, int64_t t, bool test) const {
        return test ? labels_at(p.from->labels, p.rows)
                    : training_labels(spec, p.from->labels, p.rows, t, seeds[0]);
    }

    Examples build(int64_t t, bool test) const {
        const Part p = part(t, test);
        const auto maps =
            synthetic()
                ? std::vector<PixelMap>{}
                : pixel_maps(spec, {data->train.channels, data->train.rows, data->train.columns},
                             seeds, t);
        const auto head = numbering(spec, t, seeds[0]);
        std::vector<int64_t> y;
        for (uint16_t label : labels_of(p, t, test)) y.push_back(head[label]);
        const bool here = (device.is_cpu() && !numbers()) || synthetic();
        const auto x = here ? pixels_on_cpu(p, maps).to(device) : pixels_on_device(p, maps);
        return {texts() ? x.view(at::kInt) : x, as_tensor(y, device)};
    }

    // As the digest has them: in the data set's own numbering.
    std::string label_bytes(int64_t t, bool test) const {
        const bool wide = dataset_classes(spec) > 256;
        std::string bytes;
        for (uint16_t label : labels_of(part(t, test), t, test)) {
            bytes += char(label & 255);
            if (wide) bytes += char(label >> 8);
        }
        return bytes;
    }
};

Stream::Stream(const Spec& spec, std::shared_ptr<const Dataset> data, std::vector<int64_t> seeds,
               Limits limits, at::Device device)
    : impl_(std::make_unique<Impl>(spec, std::move(data), std::move(seeds), limits, device)) {}
Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;

int64_t Stream::tasks() const { return int64_t(impl_->tasks.size()); }
const TaskInfo& Stream::task(int64_t t) const { return impl_->tasks.at(std::size_t(t)); }
int64_t Stream::classes() const { return impl_->classes; }
std::vector<int64_t> Stream::input_shape() const { return impl_->shape; }
std::vector<int64_t> Stream::picture_shape() const {
    if (impl_->synthetic() || impl_->shape.size() != 3) return {};
    return {impl_->data->train.channels, impl_->data->train.rows, impl_->data->train.columns};
}
Examples Stream::train(int64_t t) const { return impl_->build(t, false); }

Examples Stream::test(int64_t t) const {
    auto& slot = impl_->tests.at(std::size_t(t));
    if (slot) return *slot;
    Examples fresh = impl_->build(t, true);
    if (impl_->kept + int64_t(fresh.x.nbytes()) <=
        (impl_->device.is_cpu() ? kept_on_cpu : kept_on_device)) {
        impl_->kept += int64_t(fresh.x.nbytes());
        slot = fresh;
    }
    return fresh;
}

at::Tensor Stream::table() const {
    const Impl& my = *impl_;
    if (my.numbers()) return at::zeros({1, 1}); // they stand for themselves
    if (!my.texts()) return input(at::arange(256, at::kByte)).unsqueeze(1);
    const int64_t numbers = my.shape[1];
    return at::from_blob(const_cast<float*>(my.data->table.data()),
                         {int64_t(my.data->table.size()) / numbers, numbers}, at::kFloat);
}

at::Tensor Stream::input(const at::Tensor& x) const {
    if (x.scalar_type() == at::kFloat) return x;
    auto values = x.to(at::kFloat).div_(255);
    return impl_->spec.stream.normalise == Normalise::dataset
               ? values.sub_(impl_->pixels.mean).div_(impl_->pixels.deviation)
               : values;
}

std::vector<std::vector<std::string>> Stream::data_digests(const Order& order,
                                                           std::size_t threads) const {
    DigestQueue queue(order, impl_->tasks.size(), threads);
    for (int64_t t = 0; t < tasks(); ++t) {
        const Examples train = this->train(t), test = this->test(t);
        const std::string train_labels = impl_->label_bytes(t, false),
                          test_labels = impl_->label_bytes(t, true);
        const auto replicas = int64_t(impl_->seeds.size());
        const bool shared = train.x.dim() == 2; // replicas then differ in their order only
        for (int64_t r = 0; r < (shared ? 1 : replicas); ++r) {
            const auto seen = [&](const at::Tensor& x) {
                return on_host(shared ? x : x.select(0, r));
            };
            queue.add({seen(train.x), seen(test.x), train_labels, test_labels, t, train.size(), r,
                       shared ? replicas : 1});
        }
    }
    return queue.finish();
}

} // namespace mneme::bench
