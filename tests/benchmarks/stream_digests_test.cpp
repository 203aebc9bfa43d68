// SPDX-License-Identifier: Apache-2.0
// Digests of a seed's data: what they are made of, and that threads change nothing.
#include "torch_catch.hpp"

#include "stream_support.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

using namespace bench_test;

namespace {

template <class Numbers> std::string bytes_of(const Numbers* first, int64_t count) {
    return {reinterpret_cast<const char*>(first), std::size_t(count) * sizeof(Numbers)};
}

} // namespace

TEST_CASE("a data digest depends on the seed's own data and order only") {
    const auto data = small();
    for (const char* kind : {"rotated", "permuted", "split"}) {
        Spec spec = fashion(kind, 2);
        if (spec.stream.kind == "rotated")
            spec.stream.degrees_per_task = 180; // 9 degrees move nothing in so small a picture
        const Stream three(spec, data, {5, 6, 7}, {}, at::kCPU),
            alone(spec, data, {6}, {}, at::kCPU);
        const auto digests = three.data_digests(backwards(three), 1);
        CHECK(digests[1][1].size() == 64);
        CHECK(digests[1][1] == alone.data_digests(backwards(alone), 1)[1][0]);
        CHECK(digests == three.data_digests(backwards(three), 1)); // asked again
        CHECK(digests[1][1] != three.data_digests(backwards(three, 1), 1)[1][1]);
        CHECK(digests[1][1] != digests[0][1]);
        CHECK((digests[1][1] == digests[1][2]) == (std::string(kind) != "permuted"));
    }
}

TEST_CASE(
    "digests are those of the rule with one thread or several, of shared examples and of each "
    "replica's own") {
    const auto data = small();
    const std::size_t replicas = 3;
    for (const char* kind : {"rotated", "permuted", "split"}) {
        const bool split = kind == std::string("split");
        Spec spec = fashion(kind, split ? 0 : 4);
        spec.scenario.kind = "class"; // a head with a place for each class
        const Stream stream(spec, data, {5, 6, 7}, {}, at::kCPU);
        const auto order = backwards(stream, 2);
        std::vector<std::vector<std::string>> expected;
        for (int64_t t = 0; t < stream.tasks(); ++t) {
            std::vector<std::string> bytes(replicas);
            for (const Images* part : {&data->train, &data->test}) {
                const auto x = part == &data->train ? stream.train(t).x : stream.test(t).x;
                const auto& classes = stream.task(t).classes;
                std::string labels;
                for (uint16_t label : part->labels)
                    if (!split || std::count(classes.begin(), classes.end(), label))
                        labels += char(label);
                for (std::size_t r = 0; r < replicas; ++r) {
                    const auto seen = x.dim() == 2 ? x : x[int64_t(r)];
                    bytes[r] += bytes_of(seen.data_ptr<uint8_t>(), seen.numel()) + labels;
                }
            }
            expected.emplace_back();
            for (std::size_t r = 0; r < replicas; ++r) {
                const auto indices = order(int64_t(r), t);
                expected.back().push_back(
                    sha256(bytes[r] + bytes_of(indices.data(), int64_t(indices.size()))));
            }
        }
        for (std::size_t threads : {0, 1, 2, 7})
            CHECK(stream.data_digests(order, threads) == expected);
    }
}

TEST_CASE("a digest is what it says, byte after byte") {
    const auto data = small();
    const Stream stream(fashion("split", 0), data, {1}, {}, at::kCPU);
    std::string bytes;
    for (const Images* part : {&data->train, &data->test}) {
        std::string labels;
        for (int64_t i = 0; i < part->count; ++i)
            if (part->labels[std::size_t(i)] == 2 || part->labels[std::size_t(i)] == 3) {
                bytes.append(reinterpret_cast<const char*>(part->pixels.data()) + i * 6, 6);
                labels += char(part->labels[std::size_t(i)]);
            }
        bytes += labels;
    }
    for (int64_t i = 5; i >= 0; --i) bytes += char(i) + std::string(7, '\0');
    CHECK(stream.data_digests(backwards(stream), 1)[1][0] == sha256(bytes));
}

TEST_CASE("one thread is the caller's own, several are others; what they throw arrives") {
    const Stream stream(fashion("permuted", 3), small(), {1, 2}, {}, at::kCPU);
    const auto order = backwards(stream);
    for (std::size_t threads : {1, 4}) {
        std::atomic<int> here = 0, elsewhere = 0;
        const auto caller = std::this_thread::get_id();
        stream.data_digests(
            [&](int64_t r, int64_t t) {
                ++(std::this_thread::get_id() == caller ? here : elsewhere);
                return order(r, t);
            },
            threads);
        CHECK((threads == 1 ? here : elsewhere) == 6);
        CHECK((threads == 1 ? elsewhere : here) == 0);
        const auto fault_with = [&](const Stream::Order& wrong) {
            return fault_of([&] { stream.data_digests(wrong, threads); });
        };
        for (int64_t broken : {0, 2})
            CHECK(fault_with([&](int64_t r, int64_t t) {
                      if (r == 1 && t == broken)
                          throw std::runtime_error("no order for task " + std::to_string(t));
                      return order(r, t);
                  }) == "no order for task " + std::to_string(broken));
        CHECK(fault_with([&](int64_t r, int64_t t) {
                  return t == 1 ? std::vector<int64_t>(29) : order(r, t);
              }) == "data_digests: the order of task 2 must be 30 integers");
    }
}
