// SPDX-License-Identifier: Apache-2.0
// Batch normalisation as on a device, where nobody may look which rows count: as groups, replicas
// pass like that on the CPU too. The operators that the CPU takes are the reference.
#include "torch_catch.hpp"

#include <string>

#include <ATen/record_function.h>

#include "network_support.hpp"

using namespace bench_test;

namespace {

const std::vector<int64_t> shape{3, 9, 8};

struct Gave {
    at::Tensor logits, gradient, stats;
};

at::Tensor turned(const at::Tensor& l) {
    return at::softmax(l, 2) - 0.1 * l;
} // not 0 where a row does not count

Gave of(Network& net, Replicas way, const Weights& w, const at::Tensor& x, Mode mode) {
    net.pass_replicas(way);
    Weights own{w.theta, w.stats.clone(), w.weight};
    const auto gradient = net.gradient(own, x, mode, {}, turned);
    auto logits = net.logits({w.theta, w.stats.clone(), w.weight}, x, mode, {});
    net.pass_replicas(Replicas::by_device);
    return {logits, gradient, own.stats};
}

void check_near(const Gave& a, const Gave& b, double tolerance) {
    CHECK(distance(a.logits, b.logits) < tolerance);
    CHECK(distance(a.gradient, b.gradient) < tolerance);
    if (b.stats.numel() > 0) CHECK(distance(a.stats, b.stats) < tolerance);
}

// Operators that only say where a tensor lies, or how memory begins.
const std::string no_work =
    " view reshape expand narrow slice select t transpose unsqueeze as_strided detach unbind "
    "split_with_sizes flatten contiguous to "
    "_to_copy result_type item resize_ resize_as_ empty empty_like empty_strided new_empty zeros "
    "zero_ ones fill_ is_nonzero "
    "_nnpack_available ";

// How many operators are called that would start a kernel on a device, more or less: one that is
// made of another counts twice.
class Calls final {
  public:
    Calls() {
        the = this;
        const auto count = [](const at::RecordFunction& f) {
            const std::string name = f.name();
            if (name.rfind("aten::", 0) == 0 &&
                no_work.find(" " + name.substr(6) + " ") == name.npos)
                ++the->count_;
            return std::unique_ptr<at::ObserverContext>();
        };
        handle_ = at::addThreadLocalCallback(
            at::RecordFunctionCallback(count).scopes({at::RecordScope::FUNCTION}));
    }
    ~Calls() { at::removeCallback(handle_); }
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;
    int64_t count() const { return count_; }

  private:
    static inline Calls* the = nullptr;
    at::CallbackHandle handle_;
    int64_t count_ = 0;
};

int64_t calls_of(Network& net, Replicas way, const Weights& w, const at::Tensor& x) {
    of(net, way, w, x, Mode::train);
    net.pass_replicas(way);
    const Calls calls;
    net.gradient(w, x, Mode::train, {}, [](const at::Tensor& l) { return l; });
    net.pass_replicas(Replicas::by_device);
    return calls.count();
}

} // namespace

TEST_CASE(
    "batch norm, rows unseen: where all count, values, gradients and running values are those "
    "without counts") {
    for (const char* norm : {"batch", "batch_stats", "batch_frozen"})
        for (Mode mode : {Mode::train, Mode::eval})
            for (int64_t replicas : {1, 2}) {
                INFO(norm << ", mode " << int(mode) << ", " << replicas);
                const auto net = make_network(of_kind("resnet18", norm), shape, 5);
                const auto w = stirred(*net, replicas);
                const auto x = numbers({replicas, 6, 216}, 1);
                const auto whole = of(*net, Replicas::grouped,
                                      {w.theta, w.stats, at::ones({replicas, 6})}, x, mode);
                check_near(whole, of(*net, Replicas::grouped, w, x, mode), 1e-9);
            }
}

TEST_CASE("batch norm, rows unseen: some of them, one, and none count") {
    const auto some = at::tensor({1, 0, 1, 1, 0, 1}), one = at::tensor({0, 0, 0, 1, 0, 0}),
               none = at::zeros({6}, at::kInt);
    for (const auto& [norm, mode] :
         std::vector<std::pair<std::string, Mode>>{{"batch", Mode::train},
                                                   {"batch", Mode::batch_stats},
                                                   {"batch_frozen", Mode::train},
                                                   {"batch_stats", Mode::train}})
        for (const auto& counts : std::vector<std::vector<at::Tensor>>{
                 {some}, {some, none}, {at::ones_like(one), one}}) {
            INFO(norm << ", mode " << int(mode) << ", " << counts.size());
            const auto net = make_network(of_kind("resnet18", norm), shape, 5);
            auto w = stirred(*net, int64_t(counts.size()));
            w.weight = at::stack(counts).to(at::kFloat);
            const auto x = numbers({int64_t(counts.size()), 6, 216}, 1);
            const auto unseen = of(*net, Replicas::grouped, w, x, mode);
            check_near(unseen, of(*net, Replicas::looped, w, x, mode), 1e-9);
            for (std::size_t s = 0; s < counts.size(); ++s)
                if (counts[s].is_same(none))
                    CHECK(unseen.stats[int64_t(s)].equal(w.stats[int64_t(s)]));
        }
}

TEST_CASE("batch norm, rows unseen: one row with one position, in single precision, is finite") {
    const auto net = make_network(of_kind("resnet18"), {1, 4, 4}, 3);
    auto w = weights(*net, 1, at::kFloat);
    w.weight = at::ones({1, 1});
    const auto got =
        of(*net, Replicas::grouped, w, numbers({1, 1, 16}, 1, at::kFloat), Mode::train);
    for (const auto& t : {got.logits, got.gradient, got.stats})
        CHECK(t.isfinite().all().item<bool>());
}

TEST_CASE("batch norm, rows unseen: a second derivative is refused, not wrong") {
    const auto net = make_network(of_kind("resnet18"), shape, 5);
    auto w = stirred(*net, 1);
    w.weight = at::ones({1, 4});
    net->pass_replicas(Replicas::grouped);
    const auto theta = w.theta.detach().requires_grad_();
    const auto out =
        net->logits({theta, w.stats, w.weight}, numbers({1, 4, 216}, 1), Mode::train, {})
            .square()
            .sum();
    CHECK_THROWS(torch::autograd::grad({out}, {theta}, {}, true, true));
    CHECK(torch::autograd::grad({out}, {theta})[0].isfinite().all().item<bool>());
}

TEST_CASE("batch norm costs a device few operators") {
    const auto net = make_network(of_kind("resnet18"), shape, 5);
    const auto w = stirred(*net, 1);
    const auto x = numbers({1, 6, 216}, 1);
    Weights counted{w.theta, w.stats, at::ones({1, 6})};
    const auto plain = calls_of(*net, Replicas::grouped, w, x),
               unseen = calls_of(*net, Replicas::grouped, counted, x);
    counted.weight[0][2] = 0;
    const auto reference = calls_of(*net, Replicas::looped, counted, x);
    const int64_t layers = 20;
    INFO(plain << ", " << unseen << ", " << reference);
    CHECK(plain < 16 * layers);
    CHECK(unseen < plain + 25 * layers); // 12 of them on [B, channels] or less
    CHECK(reference > plain + 50 * layers);
}
