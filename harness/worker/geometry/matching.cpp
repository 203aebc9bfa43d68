// SPDX-License-Identifier: Apache-2.0
#include "worker/geometry/matching.hpp"

#include <mneme/alignment.hpp>

#include "host/handle.hpp"
#include "host/tables.hpp"

namespace mneme::harness {

at::Tensor matched(host::Session& session, const at::Tensor& a, const at::Tensor& b) {
    border::bind(&host::host_table);
    const host::Session::Scope scope(session);
    session.draws().seek({0, host::phase_create, 0});
    const Net net(session.net());
    const Tensor from(host::hand_out(a)), to(host::hand_out(b));
    const auto found = alignment::matched(net, from, to, Random(&session.draws().own("matching")));
    return host::value_of(permuted(net.layers(), from, found.permutations).handle());
}

} // namespace mneme::harness
