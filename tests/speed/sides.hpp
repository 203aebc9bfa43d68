// SPDX-License-Identifier: Apache-2.0
// The two sides: a learner of a plugin behind the harness's tables, and the loop that one would
// write over LibTorch alone.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include <mneme/error.hpp>

#include "host/batch_buffers.hpp"
#include "host/learner.hpp"

namespace mneme::speed {

inline constexpr int64_t pixels = 784, width = 256, classes = 10;
inline constexpr double rate = 0.01, momentum = 0.8;

// Images as a data set holds them: bytes, most of them 0. Labels follow from the pixels, so that
// there is something to learn.
struct Images {
    at::Tensor x; // uint8 [N, 784]
    at::Tensor y; // int64 [N]
};
Images draw_images(int64_t count, uint32_t seed);

// A network and the shape of what it is given: of an image, 784 numbers.
struct Layout {
    bench::NetworkSpec spec;
    std::vector<int64_t> shape;
};
Layout mlp_layout(std::vector<int64_t> hidden = {width, width});
// Of grey images of 28 x 28, with the kind's defaults: ResNet-18 has 20 channels at first.
Layout image_layout(const std::string& kind);

class Harness final {
  public:
    Harness(const std::string& plugins, const std::string& id, const Images&, int64_t tasks,
            const nlohmann::json& options = {}, const nlohmann::json& train = {},
            const Layout& = mlp_layout());

    void begin_task(int64_t task);
    void end_task();
    // As the runner resolves and begins them; `train` then makes steps of the phase that was begun
    // last.
    std::vector<mneme_phase> phases() { return learner_->phases(*view_); }
    void begin_phase(mneme_phase, int64_t index, int64_t batch);
    void end_phase();
    void train(int64_t steps, int64_t batch); // the runner's path, wrapping round the task's order
    int64_t evaluate(const Images&); // the runner's path: 1000 rows at a time, then counted
    void keep_state() { kept_ = learner_->state().copy(); }
    void hold_to_state() {
        if (!kept_.same_bits(learner_->state()))
            throw mneme::Error("an evaluation changed the state");
    }
    at::Tensor theta() { return learner_->weights().theta; }
    const bench::Network& network() const { return *network_; }

  private:
    const int64_t tasks_;
    std::unique_ptr<bench::Network> network_;
    std::unique_ptr<host::Session> session_;
    std::unique_ptr<host::OptionBook> book_;
    std::unique_ptr<host::Learner> learner_;
    Images images_;
    std::unique_ptr<mneme_examples> examples_;
    std::unique_ptr<host::TaskView> view_;
    at::Tensor order_; // [1, N]
    int64_t task_ = 0, step_ = 0, start_ = 0, rows_ = 0;
    mneme_phase phase_{};
    int64_t index_ = 0;
    host::BatchBuffers batch_, second_;
    host::Snapshot kept_;
};

// Separate parameter tensors, LibTorch's autograd, SGD with momentum in place.
class Bare final {
  public:
    // Logits of images, from parameters in the network's order.
    using Forward = std::function<at::Tensor(const std::vector<at::Tensor>&, const at::Tensor&)>;

    Bare(const bench::Network& layout, const at::Tensor& theta, const Images&,
         Forward); // starts at the same weights
    void train(const at::Tensor& order, int64_t steps, int64_t batch);
    at::Tensor logits(const at::Tensor& x) const { return forward_(parameters_, x); }
    at::Tensor theta(int64_t columns) const; // laid out as the harness does

  private:
    std::vector<at::Tensor> parameters_, velocity_;
    std::vector<int64_t> offsets_;
    at::Tensor x_, y_;
    Forward forward_;
    int64_t start_ = 0;
};
at::Tensor bare_mlp(const std::vector<at::Tensor>& parameters, const at::Tensor& x);

// The order of examples that both sides take.
at::Tensor order_of(int64_t count);

// A ratio says something only if both sides do the same work: throws unless some steps from the
// same weights over the same batches end at the same weights but for a share `apart` of their way.
void require_same_work(const std::string& plugins, const Images&, const Layout&, Bare::Forward,
                       int64_t steps, int64_t batch, double apart);

} // namespace mneme::speed
