// SPDX-License-Identifier: Apache-2.0
// Pictures moved at random, as the harness moves those of a batch: for a second view of a batch,
// and for stored rows that are drawn again.
#pragma once

#include <mneme/net_inline.hpp>
#include <mneme/random.hpp>

namespace mneme {

struct Augmentation {
    int64_t crop_padding = 0;     // shifted by up to so many pixels, filled with black
    bool horizontal_flip = false; // half of the pictures are turned
};

namespace border {
inline Tensor augmented(const Random& source, const Tensor& x, const mneme_augmentation* how) {
    return tensor_from(required(tables.augment, "augmented", "mneme.augment/1").apply, source.raw(),
                       how, x.handle());
}
} // namespace border

// x [S, B, D] moved as the benchmark says, by draws of the source; x itself where it says nothing.
inline Tensor augmented(const Random& source, const Tensor& x) {
    return border::augmented(source, x, nullptr);
}
// The same as the method says; inputs that are not pictures are refused.
inline Tensor augmented(const Random& source, const Tensor& x, const Augmentation& how) {
    const mneme_augmentation raw{sizeof raw, how.horizontal_flip, how.crop_padding};
    return border::augmented(source, x, &raw);
}

} // namespace mneme
