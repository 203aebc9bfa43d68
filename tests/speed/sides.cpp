// SPDX-License-Identifier: Apache-2.0
#include "sides.hpp"

#include <cmath>
#include <stdexcept>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <dlfcn.h>

#include <benchmarks/random.hpp>

#include "host/tables.hpp"
#include "measure.hpp"
#include "protocol/train_settings.hpp"

namespace mneme::speed {
namespace {

const mneme_method& method_of(const std::string& path) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL); // never closed
    if (!library) throw std::runtime_error(dlerror());
    return **reinterpret_cast<const mneme_plugin* (*)()>(dlsym(library, MNEME_PLUGIN_ENTRY))()
                 ->methods;
}

protocol::Settings settings(const nlohmann::json& object) {
    protocol::Settings out;
    for (const auto& [key, value] : object.items()) out.push_back({key, {value, "speed"}});
    return out;
}

} // namespace

Layout mlp_layout(std::vector<int64_t> hidden) {
    bench::NetworkSpec spec;
    spec.hidden = std::move(hidden);
    return {spec, {pixels}};
}

Layout image_layout(const std::string& kind) {
    bench::NetworkSpec spec;
    spec.kind = kind;
    return {spec, {1, 28, 28}};
}

std::string libtorch() { return host::libtorch_version(); }

Images draw_images(int64_t count, uint32_t seed) {
    Images out{at::empty({count, pixels}, at::kByte), at::empty({count}, at::kLong)};
    uint8_t* x = out.x.data_ptr<uint8_t>();
    for (int64_t n = 0; n < count; ++n) {
        const int64_t label = n % classes;
        out.y.data_ptr<int64_t>()[n] = label;
        for (int64_t k = 0; k < pixels; k += 4) {
            const auto bits = bench::philox({seed, 1}, static_cast<uint32_t>(k / 4),
                                            {0, static_cast<uint32_t>(n), 0});
            for (int64_t lane = 0; lane < 4;
                 ++lane) { // a fifth is ink; a class has more of it in its own band
                const bool band = (k + lane) / 79 == label;
                x[n * pixels + k + lane] = bits.v[lane] % 10 < (band ? 4u : 2u)
                                               ? static_cast<uint8_t>(bits.v[lane] >> 24)
                                               : uint8_t{0};
            }
        }
    }
    return out;
}

at::Tensor order_of(int64_t count) {
    const auto row = bench::permutation(count, {1, 2}, {0, 0, 0});
    auto out = at::empty({1, count}, at::kLong);
    std::copy(row.begin(), row.end(), out.data_ptr<int64_t>());
    return out;
}

Harness::Harness(const std::string& plugins, const std::string& id, const Images& images,
                 int64_t tasks, const nlohmann::json& options, const nlohmann::json& train_keys,
                 const Layout& layout)
    : tasks_(tasks), network_(bench::make_network(layout.spec, layout.shape, classes)),
      images_(images), order_(order_of(images.y.size(0))), rows_(images.y.size(0)) {
    at::set_num_threads(1);
    if (const auto* linear = host::cpu_linear_kernels()) network_->use(*linear); // as a run does
    std::vector<int64_t> all;
    for (int64_t c = 0; c < classes; ++c) all.push_back(c);
    host::Head head{"domain", false, classes,
                    std::vector<std::vector<int64_t>>(static_cast<std::size_t>(tasks), all)};
    session_ = std::make_unique<host::Session>(*network_, std::vector<int64_t>{1}, head,
                                               at::arange(256, at::kByte).to(at::kFloat).div_(255),
                                               at::kCPU);
    bench::TrainSpec train;
    train.lr = rate;
    train.momentum = momentum;
    const auto& method = method_of(plugins + "/" + id + ".so");
    book_ = std::make_unique<host::OptionBook>(id, std::vector(1, settings(options)),
                                               std::vector(1, settings(train_keys)),
                                               protocol::to_json(train));
    learner_ = std::make_unique<host::Learner>(method, *session_, *book_);
}

void Harness::begin_task(int64_t task) {
    task_ = task, step_ = 0, start_ = 0, index_ = 0, rows_ = images_.y.size(0), phase_ = {};
    session_->model().begin_task(task);
    examples_ = std::make_unique<mneme_examples>(
        mneme_examples{session_.get(),
                       {images_.x, images_.y},
                       at::full({images_.y.size(0)}, task, at::kLong),
                       session_->model().head().classes[0]});
    view_ = std::make_unique<host::TaskView>(task, tasks_, *examples_);
    learner_->begin_task(*view_);
}

void Harness::end_task() { learner_->end_task(*view_); }

void Harness::begin_phase(mneme_phase phase, int64_t index, int64_t batch) {
    phase.batch_size = phase.batch_size > 0 ? phase.batch_size : batch;
    phase.epochs = phase.epochs > 0 ? phase.epochs : 1;
    rows_ = phase.samples > 0 ? std::min(phase.samples, images_.y.size(0)) : images_.y.size(0);
    phase.samples = rows_;
    if (phase.steps == 0) phase.steps = (rows_ + phase.batch_size - 1) / phase.batch_size;
    phase_ = phase, index_ = index, step_ = 0, start_ = 0;
    session_->draws().seek({task_, static_cast<uint32_t>(index), host::step_begin});
    learner_->begin_phase(phase);
}

void Harness::end_phase() {
    session_->draws().seek({task_, static_cast<uint32_t>(index_), host::step_end});
    learner_->end_phase(phase_);
}

void Harness::train(int64_t steps, int64_t batch) {
    for (int64_t k = 0; k < steps; ++k) {
        if (phase_.steps > 0 && step_ == phase_.epochs * phase_.steps)
            begin_phase(phase_, index_, batch); // no step past its end
        session_->draws().seek(
            {task_, static_cast<uint32_t>(index_), static_cast<uint32_t>(step_++)});
        if (start_ + batch > rows_) start_ = 0;
        session_->batches().gather(*examples_, order_.narrow(1, start_, batch), batch_.rows);
        start_ += batch;
        mneme_batch second{};
        if (phase_.companion) {
            const auto drawn = session_->draws().sample_without_replacement(
                "second_batch", images_.y.size(0), batch);
            session_->batches().gather(*examples_, drawn, second_.rows);
            second = second_.lend();
        }
        learner_->observe(batch_.lend(), phase_.companion ? &second : nullptr);
    }
}

int64_t Harness::evaluate(const Images& test) {
    constexpr int64_t rows_at_once = 1000;
    const int64_t n = test.y.size(0);
    auto all = at::empty({1, n, classes}, at::kFloat);
    for (int64_t start = 0; start < n; start += rows_at_once) {
        const int64_t rows = std::min(rows_at_once, n - start);
        all.narrow(1, start, rows)
            .copy_(
                learner_->predict(session_->batches().input(test.x.narrow(-2, start, rows)), -1));
    }
    int64_t correct = 0;
    double loss = 0;
    const float* f = all.data_ptr<float>();
    for (int64_t k = 0; k < n;
         ++k, f += classes) { // pick and cross-entropy of a row, as the runner's `judge`
        double top = -INFINITY, sum = 0;
        int64_t pick = 0;
        for (int64_t c = 0; c < classes; ++c)
            if (static_cast<double>(f[c]) > top) top = static_cast<double>(f[c]), pick = c;
        for (int64_t c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(f[c]) - top);
        const int64_t label = test.y.data_ptr<int64_t>()[k];
        loss += std::log(sum) + top - static_cast<double>(f[label]);
        correct += pick == label;
    }
    if (!std::isfinite(loss))
        throw std::runtime_error("speed: the evaluation's loss is not finite");
    return correct;
}

Bare::Bare(const bench::Network& layout, const at::Tensor& theta, const Images& images,
           Forward forward)
    : x_(images.x.to(at::kFloat).div_(255)), y_(images.y), forward_(std::move(forward)) {
    for (const auto& layer : layout.layers()) {
        parameters_.push_back(theta.select(0, 0)
                                  .narrow(0, layer.offset, layer.numel)
                                  .view(layer.shape)
                                  .clone()
                                  .requires_grad_());
        velocity_.push_back(at::zeros_like(parameters_.back()).detach());
        offsets_.push_back(layer.offset);
    }
}

at::Tensor bare_mlp(const std::vector<at::Tensor>& parameters, const at::Tensor& x) {
    auto a = x;
    for (std::size_t l = 0; l < parameters.size(); l += 2) {
        a = at::linear(a, parameters[l], parameters[l + 1]);
        if (l + 2 < parameters.size()) a = a.relu();
    }
    return a;
}

void Bare::train(const at::Tensor& order, int64_t steps, int64_t batch) {
    for (int64_t k = 0; k < steps; ++k) {
        if (start_ + batch > order.size(0)) start_ = 0;
        const auto rows = order.narrow(0, start_, batch);
        start_ += batch;
        {
            at::AutoGradMode recording(true);
            at::cross_entropy_loss(logits(x_.index_select(0, rows)), y_.index_select(0, rows))
                .backward();
        }
        at::NoGradGuard plain;
        for (std::size_t p = 0; p < parameters_.size(); ++p) {
            velocity_[p].mul_(momentum).add_(parameters_[p].grad());
            parameters_[p].sub_(velocity_[p], rate);
            parameters_[p].mutable_grad() = at::Tensor();
        }
    }
}

at::Tensor Bare::theta(int64_t columns) const {
    auto out = at::zeros({1, columns});
    for (std::size_t p = 0; p < parameters_.size(); ++p)
        out.select(0, 0)
            .narrow(0, offsets_[p], parameters_[p].numel())
            .copy_(parameters_[p].detach().flatten());
    return out;
}

void require_same_work(const std::string& plugins, const Images& images, const Layout& layout,
                       Bare::Forward forward, int64_t steps, int64_t batch, double share) {
    Harness ours(plugins, "finetune", images, 1, {}, {}, layout);
    Bare bare(ours.network(), ours.theta(), images, std::move(forward));
    const auto start = ours.theta().clone();
    ours.begin_task(0);
    ours.train(steps, batch);
    bare.train(order_of(images.y.size(0)).select(0, 0), steps, batch);
    const double moved = (ours.theta() - start).norm().item<double>();
    const double apart = (ours.theta() - bare.theta(start.size(1))).norm().item<double>();
    if (!(moved > 0.1) || !(apart < share * moved))
        throw std::runtime_error("speed: the two loops do not do the same: they moved by " +
                                 std::to_string(moved) + " and are " + std::to_string(apart) +
                                 " apart");
}

} // namespace mneme::speed
