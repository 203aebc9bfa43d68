// SPDX-License-Identifier: Apache-2.0
#include "host/session.hpp"

#include <mneme/error.hpp>

namespace mneme::host {
namespace {

Session* the_current = nullptr;

} // namespace

Session::Session(const bench::Network& network, const std::vector<int64_t>& seeds, Head head,
                 at::Tensor table, at::Device device)
    : placement_{static_cast<int64_t>(seeds.size()), device}, draws_(placement_, seeds),
      batches_(placement_, draws_, table, network.input_shape()),
      model_(network, std::move(head), placement_, seeds, draws_) {}

Session& Session::current() {
    if (!the_current)
        throw Error("no cell is running: tensors are made from within a learner's functions",
                    MNEME_STATE);
    return *the_current;
}

Session::Scope::Scope(Session& session) : before_(the_current) { the_current = &session; }
Session::Scope::~Scope() { the_current = before_; }

} // namespace mneme::host
