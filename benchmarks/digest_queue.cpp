// SPDX-License-Identifier: Apache-2.0
#include "digest_queue.hpp"

#include <stdexcept>

#include <base/sha256.hpp>

namespace mneme::bench {

namespace {

constexpr std::size_t most_pending_bytes = std::size_t{512} << 20;

std::vector<std::string> digests_of(const TaskPortion& portion, const Stream::Order& order) {
    base::Sha256 examples;
    examples.add(portion.train.data_ptr(), portion.train.nbytes());
    examples.add(portion.train_labels);
    examples.add(portion.test.data_ptr(), portion.test.nbytes());
    examples.add(portion.test_labels);
    std::vector<std::string> all;
    for (int64_t r = portion.first_replica; r < portion.first_replica + portion.replicas; ++r) {
        const auto indices = order(r, portion.task);
        if (int64_t(indices.size()) != portion.train_count)
            throw std::runtime_error("data_digests: the order of task " +
                                     std::to_string(portion.task + 1) + " must be " +
                                     std::to_string(portion.train_count) + " integers");
        base::Sha256 sha = examples;
        // Little-endian, as every machine that LibTorch is built for.
        sha.add(indices.data(), indices.size() * sizeof(int64_t));
        all.push_back(sha.hex());
    }
    return all;
}

} // namespace

// Pinned: a device's copy to any other memory is several times as slow.
at::Tensor on_host(const at::Tensor& x) {
    if (x.is_cpu()) return x.contiguous();
    return at::empty(x.sizes(), x.options().device(at::kCPU).pinned_memory(true)).copy_(x);
}

DigestQueue::DigestQueue(const Stream::Order& order, std::size_t tasks, std::size_t threads)
    : order_(order), threads_(threads), digests_(tasks) {}

void DigestQueue::add(TaskPortion portion) {
    const auto task = std::size_t(portion.task);
    const std::size_t bytes = portion.train.nbytes() + portion.test.nbytes();
    pending_bytes_ += bytes;
    pending_.push_back(
        {task, bytes,
         std::async(threads_ > 1 ? std::launch::async : std::launch::deferred,
                    [portion = std::move(portion), this] { return digests_of(portion, order_); })});
    while (!pending_.empty() &&
           (pending_.size() >= threads_ || pending_bytes_ >= most_pending_bytes))
        take_first();
}

std::vector<std::vector<std::string>> DigestQueue::finish() {
    while (!pending_.empty()) take_first();
    return std::move(digests_);
}

void DigestQueue::take_first() {
    Pending& first = pending_.front();
    for (auto& digest : first.digests.get()) digests_[first.task].push_back(std::move(digest));
    pending_bytes_ -= first.bytes;
    pending_.pop_front();
}

} // namespace mneme::bench
