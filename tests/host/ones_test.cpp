// SPDX-License-Identifier: Apache-2.0
// Rows that count: the host knows without a look that a whole batch does, and no longer once
// anybody may have written into its weights.
#include "torch_catch.hpp"

#include <mneme/device.hpp>
#include <mneme/libtorch.hpp>

#include "host/handle.hpp"
#include "host/ones.hpp"
#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const Layout layout{.features = 128, .seeds = {1, 2}, .network = "resnet18", .image = {2, 8, 8}};

Batch rows(const SessionFixture& fixture) { return fixture.task(0).train().sample(6); }

bool known(const Batch& b) { return host::are_known_ones(host::value_of(b.weight.handle())); }

Tensor but_two() { return tensor({1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1}, {2, 6}, DType::float32); }

} // namespace

TEST_CASE("a gathered batch counts whole, and what is made of it may not") {
    SessionFixture fixture(layout);
    fixture.set_examples(0, make_task_data(12, 128, {0, 1, 2}, 5));
    const auto b = rows(fixture);
    CHECK(known(b));
    CHECK(!known({b.x, b.y, b.task, b.weight.clone(), 0}));
    CHECK(!known(concat(b, b)));
    CHECK(!known({b.x, b.y, b.task, b.weight.masked_fill(b.y == 1, 0), 0}));
    CHECK(known(b)); // reading changes nothing
    CHECK(b.weight.to_vector() == std::vector<double>(12, 1));
    const auto w = fixture.net().initial(), w_too = fixture.net().initial();
    const Batch looked_at{b.x, b.y, b.task, b.weight.clone(), b.current};
    CHECK(fixture.net().gradient(w, b).to_vector() ==
          fixture.net().gradient(w_too, looked_at).to_vector()); // bits, on the CPU
    CHECK(w.stats.to_vector() == w_too.stats.to_vector());
    CHECK(known(b));
}

TEST_CASE("who writes into a batch's weights is heard, however it is done") {
    const std::vector<std::pair<std::string, std::function<void(Tensor&)>>> ways{
        {"an operator", [](Tensor& w) { w *= but_two(); }},
        {"a view",
         [](Tensor& w) {
             auto part = w.narrow(1, 1, 2);
             part.zero_();
         }},
        {"a view of a view",
         [](Tensor& w) {
             auto part = w.select(0, 1).narrow(0, 1, 2);
             part.zero_();
         }},
        {"a list",
         [](Tensor& w) {
             const auto by = but_two();
             MNEME_OP("aten::_foreach_mul_.List")
                 .update(std::vector{w.handle()}, std::vector{by.handle()});
         }},
        {"while gradients are recorded",
         [](Tensor& w) {
             const int32_t before = border::tables.autograd->record(1);
             w *= but_two();
             border::tables.autograd->record(before);
         }},
        {"another tensor set on its memory",
         [](Tensor& w) {
             auto other = zeros(w.shape());
             MNEME_OP("aten::set_.source_Tensor").update(other, w);
             other *= but_two();
         }},
        {"running values",
         [](Tensor& w) {
             auto flat = w.reshape({-1}); // its variance becomes 0 for a constant channel
             const auto x = zeros({4, 12}), mean = zeros({12});
             MNEME_OP("aten::batch_norm")
             (x, Tensor(), Tensor(), mean, flat, true, 1.0, 1e-5, false);
         }},
        {"its address",
         [](Tensor& w) {
             float* first = device::data<float>(w);
             for (int k : {1, 2, 7, 8}) first[k] = 0;
         }},
        {"the optimizer",
         [](Tensor& w) { // w <- w - g: zero, which does not count, where g is one
             auto rate = tensor({1, 1}, {2, 1}, DType::float32), none = zeros({2, 1});
             mneme_update update{};
             update.size = sizeof update;
             update.rule = MNEME_SGD;
             update.lr = rate.handle(), update.weight_decay = none.handle();
             auto g = but_two();
             border::call(border::tables.optimizer->step, &update, w.handle(), g.handle());
         }},
        {"LibTorch", [](Tensor& w) { native::of(w).narrow(1, 1, 2).zero_(); }}};
    SessionFixture fixture(layout);
    fixture.set_examples(0, make_task_data(12, 128, {0, 1, 2}, 5));
    for (const auto& [how, write] : ways) {
        INFO(how);
        auto b = rows(fixture);
        const Batch before{b.x, b.y, b.task, b.weight.clone(), b.current};
        REQUIRE(known(b));
        write(b.weight);
        CHECK(!known(b));
        CHECK(b.weight.to_vector() != before.weight.to_vector());
        const auto w = fixture.net().initial(), w_too = fixture.net().initial(),
                   w_whole = fixture.net().initial();
        const Batch copied{b.x, b.y, b.task, b.weight.clone(), b.current};
        CHECK(fixture.net().gradient(w, b).to_vector() ==
              fixture.net().gradient(w_too, copied).to_vector());
        CHECK(w.stats.to_vector() == w_too.stats.to_vector());
        fixture.net().gradient(w_whole, before);
        CHECK(w.stats.to_vector() != w_whole.stats.to_vector());
        CHECK(fixture.net().loss(w, b, Mode::train).to_vector() ==
              fixture.net().loss(w_too, copied, Mode::train).to_vector());
    }
}

TEST_CASE("one batch written into leaves the others known, and those that are gone are forgotten") {
    SessionFixture fixture(layout);
    fixture.set_examples(0, make_task_data(12, 128, {0, 1, 2}, 5));
    auto b = rows(fixture);
    const auto other = rows(fixture);
    for (int k = 0; k < 100; ++k) CHECK(known(rows(fixture)));
    b.weight.zero_();
    CHECK(!known(b));
    CHECK(known(other));
}
