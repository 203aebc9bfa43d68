// SPDX-License-Identifier: Apache-2.0
// A stream of texts: integers on the device, their vectors beside them, the digest over the
// integers.
#include "torch_catch.hpp"

#include "support.hpp"

#include <numeric>

#include <benchmarks/network.hpp>
#include <benchmarks/stream.hpp>

using namespace bench_test;

namespace {

struct Questions {
    Folder folder;
    Spec spec;

    Questions() {
        DatasetInfo info;
        info.name = "questions";
        info.classes = 4;
        info.format = Format::clinc;
        info.shape = {6, 3};
        info.files = {{"texts.json", 0, "", ""}, {"domains.json", 0, "", ""}};
        folder.write("domains.json", R"({"one": ["a", "b"], "two": ["c", "d"]})");
        folder.write(
            "texts.json",
            R"({"train": [["x y", "a"], ["y z", "d"], ["x x x", "c"], ["w", "b"], ["x", "a"]],
            "test": [["z y", "a"], ["new", "b"], ["x", "c"], ["y", "d"]]})");
        spec.name = "t";
        spec.stream.kind = "split";
        spec.stream.dataset = "questions";
        spec.stream.classes_per_task = 2;
        spec.scenario.kind = "task";
        spec.network.kind = "text-cnn";
        spec.network.filters = 4;
        spec.datasets = {info};
    }
    Stream stream(const std::vector<int64_t>& seeds = {1}) const {
        return {spec, load_data(spec, {folder.path()}), seeds, {}, at::kCPU};
    }
};

std::vector<int32_t> row(const at::Tensor& x, int64_t i) {
    const auto one = x[i].contiguous();
    return {one.data_ptr<int32_t>(), one.data_ptr<int32_t>() + one.numel()};
}

} // namespace

TEST_CASE(
    "a task of texts: ids of its classes' texts, 32-bit integers, and a table with a vector for "
    "each") {
    const Questions questions;
    const Stream stream = questions.stream();
    CHECK(stream.tasks() == 2);
    CHECK(stream.input_shape() == std::vector<int64_t>{6, 3});
    const Examples first = stream.train(0), exam = stream.test(1);
    CHECK(first.x.scalar_type() == at::kInt);
    CHECK(first.x.sizes() == at::IntArrayRef{3, 6});
    CHECK(row(first.x, 0) == std::vector<int32_t>{1, 2, 0, 0, 0, 0}); // x y
    CHECK(row(first.x, 1) == std::vector<int32_t>{4, 0, 0, 0, 0, 0}); // w, first seen behind z
    CHECK(row(exam.x, 1) == std::vector<int32_t>{2, 0, 0, 0, 0, 0});
    CHECK(stream.table().sizes() == at::IntArrayRef{6, 3}); // padding, x, y, z, w, new
    CHECK(stream.table()[0].abs().max().item<float>() == 0);
    CHECK(stream.table().slice(0, 1).abs().min().item<float>() > 0);
    const auto network =
        make_network(questions.spec.network, stream.input_shape(), stream.classes());
    CHECK(network->parameters() == 4 * 3 * (3 + 4 + 5) + 3 * 4 + 4 * 12 + 4);
}

TEST_CASE("the digest of a task of texts is over its ids, labels and order") {
    const Questions questions;
    const Stream stream = questions.stream({1, 2});
    const auto forwards = [&](int64_t, int64_t t) {
        std::vector<int64_t> order(std::size_t(stream.task(t).train_count));
        std::iota(order.begin(), order.end(), 0);
        return order;
    };
    std::string bytes;
    const auto add = [&](const at::Tensor& x, const std::string& labels) {
        bytes.append(static_cast<const char*>(x.contiguous().data_ptr()),
                     std::size_t(x.numel()) * 4);
        bytes += labels;
    };
    add(stream.train(0).x, {0, 1, 0});
    add(stream.test(0).x, {0, 1});
    for (char i : {0, 1, 2}) bytes += i + std::string(7, '\0');
    const auto digests = stream.data_digests(forwards, 1);
    CHECK(digests[0] == std::vector<std::string>(2, sha256(bytes)));
    CHECK(digests[1][0] != sha256(bytes));
}
