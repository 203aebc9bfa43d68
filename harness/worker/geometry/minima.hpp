// SPDX-License-Identifier: Apache-2.0
// Networks given by their weights alone, on the test data of one seed's stream.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <benchmarks/network.hpp>
#include <benchmarks/stream.hpp>

#include "host/session.hpp"
#include "protocol/cell.hpp"

namespace mneme::harness {

class Minima final {
  public:
    // `cell`: of one run, whose seed counts. `examples`: of each task's test data; 0: all.
    Minima(const protocol::Cell&, int64_t examples);

    struct Scores {               // of each row of theta
        std::vector<double> loss; // mean; NaN where a label is not among the classes that count
        std::vector<int64_t> correct;
    };
    // theta [L, columns], a network in each row, as it stands when the tasks up to `row` are known.
    Scores score(const at::Tensor& theta, int64_t row, int64_t task);

    const bench::Network& network() const { return *network_; }
    const bench::Stream& stream() const { return *stream_; }
    host::Session& session() { return *session_; }
    at::Device device() const { return session_->device(); }
    int64_t examples(int64_t task) { return subset(task).size(); }
    std::vector<std::string> data_digests() const; // of each task

  private:
    const bench::Examples& subset(int64_t task);

    const protocol::Cell cell_;
    const int64_t examples_;
    std::unique_ptr<bench::Stream> stream_;
    std::unique_ptr<bench::Network> network_;
    std::unique_ptr<host::Session> session_;
    std::map<int64_t, bench::Examples> subsets_;
};

} // namespace mneme::harness
