// SPDX-License-Identifier: Apache-2.0
// A plugin of the native tier: its step is written over at::Tensor.
//
//   theta <- theta - lr g
#include <ATen/ATen.h>

#include <mneme/libtorch.hpp>
#include <mneme/mneme.hpp>

#include <cstdlib>
#include <fstream>

namespace {

// Tells the test that code of this file has run.
const bool loaded = [] {
    if (const char* path = std::getenv("MNEME_TEST_LOADED")) std::ofstream(path) << "loaded";
    return true;
}();

class Native final : public mneme::Learner {
  public:
    explicit Native(mneme::Setup& s)
        : Learner(s), lr_(s.options.train().number("lr", 0.01, {.above = 0}, "learning rate")) {}

    void observe(const mneme::Batch& batch) override {
        const auto g = mneme::native::of(net().gradient(weights(), batch));
        mneme::native::of(weights().theta).sub_(mneme::native::of(lr_) * g);
    }
    mneme::Tensor predict(const mneme::Tensor& x,
                          mneme::TaskId) const override { // there and back again
        return mneme::native::of(
            mneme::native::of(net().logits(weights(), x, mneme::Mode::eval)).clone());
    }

  private:
    const mneme::Tensor lr_; // [S, 1]
};

} // namespace

MNEME_METHOD(Native, "native", "plain descent over at::Tensor", "")
