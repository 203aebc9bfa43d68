// SPDX-License-Identifier: Apache-2.0
// Hashes what replicas see of a stream on several threads while the next examples are made. Private
// to this room. Errors: std::runtime_error.
#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <benchmarks/stream.hpp>

namespace mneme::bench {

// The examples of a task as some replicas see them; each replica has an order of its own.
struct TaskPortion {
    at::Tensor train, test; // on the host: a device belongs to the main thread
    std::string train_labels, test_labels;
    int64_t task, train_count, first_replica, replicas;
};

at::Tensor on_host(const at::Tensor&);

class DigestQueue final {
  public:
    // `order` must outlive the queue. One thread: hashed by the caller, in add() and finish().
    DigestQueue(const Stream::Order& order, std::size_t tasks, std::size_t threads);

    // Waits while all threads are busy or the portions that wait fill half a gigabyte.
    void add(TaskPortion);
    std::vector<std::vector<std::string>> finish(); // [tasks][replicas], hexadecimal SHA-256

  private:
    struct Pending {
        std::size_t task, bytes;
        std::future<std::vector<std::string>> digests;
    };
    void take_first();

    const Stream::Order& order_;
    std::size_t threads_, pending_bytes_ = 0;
    std::deque<Pending> pending_;
    std::vector<std::vector<std::string>> digests_;
};

} // namespace mneme::bench
