// SPDX-License-Identifier: Apache-2.0
// Networks given by their weights alone, on the data of one seed's stream.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <benchmarks/network.hpp>
#include <benchmarks/stream.hpp>

#include "host/session.hpp"
#include "protocol/cell.hpp"
#include "worker/geometry/matching.hpp"

namespace mneme::harness {

class Minima final {
  public:
    // `cell`: of one run, whose seed counts. `examples`: of each task's test data; 0: all.
    Minima(const protocol::Cell&, int64_t examples);

    struct Scores {               // of each row of theta
        std::vector<double> loss; // mean; NaN where a label is not among the classes that count
        std::vector<int64_t> correct;
    };
    // L networks, as they stand when the tasks up to `row` are known.
    Scores score(const bench::Weights&, int64_t row, int64_t task);

    // theta [L, columns] with running statistics of their own (norm_statistics.hpp), of 20 batches
    // of 100 training examples: 2000, as many of each task up to `row`, mixed.
    bench::Weights with_statistics(const at::Tensor& theta, int64_t row);

    // a [1, columns] with its hidden units in the order that brings it nearest to b; the training
    // data are the same.
    at::Tensor matched(const at::Tensor& a, const at::Tensor& b, Match, int64_t steps, int64_t row);

    // Linear CKA of two networks' features on a task's test data.
    double cka(const bench::Weights& a, const bench::Weights& b, int64_t task);

    const bench::Network& network() const { return *network_; }
    // Else from a file, which results do not have.
    bool starts_by_init() const { return cell_.spec().network.weights_sha256.empty(); }
    const bench::Stream& stream() const { return *stream_; }
    host::Session& session() { return *session_; }
    at::Device device() const { return session_->device(); }
    int64_t examples(int64_t task) { return subset(task).size(); }
    std::vector<std::string> data_digests() const; // of each task
    std::optional<int64_t> other_data(Minima&);    // the first task whose test data differ

  private:
    const bench::Examples& subset(int64_t task);
    std::vector<LabelledBatch> training(int64_t row);         // of the tasks up to it, mixed
    at::Tensor features(const bench::Weights&, int64_t task); // [n, F] of one network

    const protocol::Cell cell_;
    const int64_t examples_;
    std::unique_ptr<bench::Stream> stream_;
    std::unique_ptr<bench::Network> network_;
    std::unique_ptr<host::Session> session_;
    std::map<int64_t, bench::Examples> subsets_;
    std::map<int64_t, LabelledBatch> training_; // all batches of a row, x as the stream has it
    std::unique_ptr<Matcher> matcher_;
};

} // namespace mneme::harness
