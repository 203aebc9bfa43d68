// SPDX-License-Identifier: Apache-2.0
// Plain descent that writes behind what it has allocated, unless it is built with SOUND.
#include <cstddef>
#include <memory>

#include <mneme/descent_learner.hpp>
#include <mneme/mneme.hpp>

namespace {

#ifdef SOUND
constexpr std::size_t places = 5;
#else
constexpr std::size_t places = 4;
#endif

class WritesPast final : public mneme::DescentLearner {
  public:
    explicit WritesPast(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.1, .batch_size = 10, .momentum = 0}) {}

    void observe(const mneme::Batch& batch) override {
        const std::unique_ptr<volatile int[]> numbers(new volatile int[places]);
        const std::size_t place = std::size_t(batch.rows()) * 0 + 4; // not known when it is built
        numbers[place] = 1;
        descend(batch);
    }
};

} // namespace

MNEME_METHOD(WritesPast, "writes_past", "a fixture for AddressSanitizer", "")
