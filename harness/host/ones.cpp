// SPDX-License-Identifier: Apache-2.0
#include "host/ones.hpp"

#include <algorithm>
#include <vector>

#include <c10/core/UndefinedTensorImpl.h>

namespace mneme::host {
namespace {

// They keep no memory, and no other tensor takes the place of one that is gone while it stands
// here.
using Weak = c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;
std::vector<Weak> known;

} // namespace

void known_as_ones(const at::Tensor& t) {
    std::erase_if(known, [](const Weak& w) { return w.expired(); });
    known.emplace_back(t.getIntrusivePtr());
}

bool are_known_ones(const at::Tensor& t) {
    return std::any_of(known.begin(), known.end(), [&](const Weak& w) {
        return w._unsafe_get_target() == t.unsafeGetTensorImpl();
    });
}

void no_longer_known(const at::Tensor& t) {
    if (known.empty() || !t.has_storage()) return;
    std::erase_if(known, [&](const Weak& w) {
        const auto held = w.lock();
        return !held || held->storage().is_alias_of(t.storage());
    });
}

} // namespace mneme::host
