// SPDX-License-Identifier: Apache-2.0
// Batches of texts: what a learner sees are the vectors of the tokens, one behind the other.
#include "torch_catch.hpp"

#include <benchmarks/network.hpp>

#include "host/session.hpp"

using namespace mneme;

namespace {

struct Texts {
    bench::NetworkSpec spec;
    std::unique_ptr<bench::Network> network;
    at::Tensor table = at::arange(12).to(at::kFloat).view({4, 3}); // token k: 3k, 3k + 1, 3k + 2
    host::Session session;
    mneme_examples examples;

    static bench::NetworkSpec text_cnn() {
        bench::NetworkSpec spec;
        spec.kind = "text-cnn";
        spec.filters = 2;
        return spec;
    }
    explicit Texts(std::vector<int64_t> seeds)
        : spec(text_cnn()), network(bench::make_network(spec, {5, 3}, 2)),
          session(*network, std::move(seeds), {"domain", false, 2, {{0, 1}}}, table, at::kCPU),
          examples{
              &session,
              {at::tensor({0, 1, 2, 3, 0, 3, 3, 0, 0, 0, 1, 0, 2, 0, 0}, at::kInt).view({3, 5}),
               at::tensor({0, 1, 0}, at::kLong)},
              at::zeros({3}, at::kLong),
              {0, 1}} {}

    at::Tensor wanted(const at::Tensor& positions) const { // by hand, number by number
        auto out = at::empty({positions.size(0), 15});
        for (int64_t b = 0; b < positions.size(0); ++b)
            for (int64_t l = 0; l < 5; ++l)
                for (int64_t k = 0; k < 3; ++k)
                    out[b][l * 3 + k] =
                        3 * examples.data.x[positions[b].item<int64_t>()][l].item<int32_t>() + k;
        return out;
    }
};

} // namespace

TEST_CASE(
    "a batch of texts holds the vectors of its tokens: one replica, shared rows, rows of each "
    "replica") {
    host::Rows rows;
    const auto two = at::tensor({2, 0}, at::kLong);
    Texts one({1});
    one.session.batches().gather(one.examples, two.unsqueeze(0), rows);
    CHECK(at::equal(rows.x, one.wanted(two).unsqueeze(0)));
    CHECK(at::equal(rows.y, at::tensor({0, 0}, at::kLong).unsqueeze(0)));

    Texts both({1, 2});
    both.session.batches().gather(both.examples, two.unsqueeze(0), rows);
    CHECK(at::equal(rows.x, both.wanted(two).unsqueeze(0).expand({2, -1, -1})));
    const auto other = at::tensor({1, 2}, at::kLong);
    both.session.batches().gather(both.examples, at::stack({two, other}), rows);
    CHECK(at::equal(rows.x, at::stack({both.wanted(two), both.wanted(other)})));
    CHECK(at::equal(rows.y, at::tensor({0, 0, 1, 0}, at::kLong).view({2, 2})));
}

TEST_CASE("an exam of texts shows the same numbers as a batch") {
    Texts one({1});
    CHECK(at::equal(one.session.batches().input(one.examples.data.x.narrow(-2, 1, 2)),
                    one.wanted(at::tensor({1, 2}, at::kLong))));
}
