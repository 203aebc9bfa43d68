// SPDX-License-Identifier: Apache-2.0
#include "worker/geometry/matching.hpp"

#include <ATen/ATen.h>
#include <mneme/alignment.hpp>

#include "host/handle.hpp"
#include "host/tables.hpp"

namespace mneme::harness {
namespace {

Tensor handed(const at::Tensor& value) { return Tensor(host::hand_out(value)); }

Batch batch_of(const LabelledBatch& from) {
    return {handed(from.x.unsqueeze(0)), handed(from.y.unsqueeze(0)),
            handed(from.task.unsqueeze(0)), handed(at::ones({1, from.x.size(0)}, from.x.options())),
            from.x.size(0)};
}

} // namespace

// The SDK's descent on permutations, with its own defaults, as a plugin would have it.
struct Matcher::Descent {
    explicit Descent(host::Session& session)
        : options("geometry", {{}}, {{}}, protocol::Json::object()), context{&session, &options},
          raw{sizeof(mneme_setup), 0, session.replicas(), session.net(), &context},
          net(session.net()), setup(raw, net), rebasin(setup) {}

    host::OptionBook options;
    mneme_setup_context context;
    mneme_setup raw;
    Net net;
    Setup setup;
    Rebasin rebasin;
};

Matcher::Matcher(host::Session& session) : session_(session) {}
Matcher::~Matcher() {
    const host::Session::Scope scope(session_);
    descent_.reset();
}

at::Tensor Matcher::operator()(const at::Tensor& a, const at::Tensor& b, Match way, int64_t steps,
                               int64_t row, const std::vector<LabelledBatch>& batches) {
    border::bind(&host::host_table);
    const host::Session::Scope scope(session_);
    const at::NoGradGuard nothing_is_recorded;
    session_.draws().seek({0, host::phase_create, 0});
    const Tensor from = handed(a), to = handed(b);
    if (way == Match::weights) {
        const Net net(session_.net());
        const auto found =
            alignment::matched(net, from, to, Random(&session_.draws().own("matching")));
        return host::value_of(permuted(net.layers(), from, found.permutations).handle());
    }
    if (!descent_) descent_ = std::make_unique<Descent>(session_);
    const Net& net = descent_->net;
    session_.model().begin_task(row);
    descent_->rebasin.begin();
    const Tensor stats = net.initial().stats; // the gradient takes those of the batch
    const auto gradient = [&](const Tensor& pi, int64_t k) {
        if (way == Match::l2) return alignment::distance_gradient(net, pi, to);
        const auto& batch = batches[static_cast<std::size_t>(k) % batches.size()];
        return alignment::middle_gradient(net, {pi, stats}, to, batch_of(batch));
    };
    const auto found = alignment::fitted(descent_->rebasin, from, steps, gradient);
    return host::value_of(permuted(net.layers(), from, found).handle());
}

} // namespace mneme::harness
