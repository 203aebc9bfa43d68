// SPDX-License-Identifier: Apache-2.0
// What the tests of streams share: a small data set, and an order of examples.
#pragma once

#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include <benchmarks/stream.hpp>

#include "support.hpp"

namespace bench_test {

// 30 training and 20 test pictures of 2 x 3 pixels that are all different; labels 0..9 in turn.
inline std::shared_ptr<const Dataset> small() {
    auto data = std::make_shared<Dataset>();
    data->classes = 10;
    for (Images* part : {&data->train, &data->test}) {
        part->count = part == &data->train ? 30 : 20;
        part->rows = 2;
        part->columns = 3;
        for (int64_t i = 0; i < part->count; ++i) {
            part->labels.push_back(uint8_t(i % 10));
            for (int64_t p = 0; p < 6; ++p)
                part->pixels.push_back(uint8_t(i * 6 + p + (part == &data->train ? 1 : 60)));
        }
    }
    return data;
}

// The examples of a task, the last one first, and for each further replica begun so much later.
inline Stream::Order backwards(const Stream& stream, int64_t turned = 0) {
    return [&stream, turned](int64_t replica, int64_t t) {
        std::vector<int64_t> order(std::size_t(stream.task(t).train_count));
        std::iota(order.rbegin(), order.rend(), 0);
        std::rotate(order.begin(), order.begin() + turned * replica, order.end());
        return order;
    };
}

} // namespace bench_test
