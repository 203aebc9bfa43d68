// SPDX-License-Identifier: Apache-2.0
// What a method reports beside its results: the loss of its own steps, and quantities of its own,
// which go into the results file under their name, with unit and help.
#pragma once

#include <mneme/net.hpp>

namespace mneme {

// Losses [S, B] of a batch go into the curve of training: the current rows, by weight. For a step
// that calls neither Net::gradient in train mode nor loss_cotangent.
inline void report_loss(const Net& net, const Tensor& losses, const Batch& batch) {
    const auto b = border::lend(batch);
    border::call(border::required(border::tables.report, "report_loss", "mneme.report/1").loss,
                 net.raw(), losses.handle(), &b);
}

// A quantity that the method reports: `length` numbers a replica and task. Made by
// Setup::diagnostic.
class Diagnostic final {
  public:
    explicit Diagnostic(mneme_diagnostic* diagnostic) : diagnostic_(diagnostic) {}
    // Values [S, length], or [S] for one number, of the task under way; a later call in the same
    // task replaces them. Not in a step: it waits for the device.
    void operator()(const Tensor& values) const {
        const auto rows = values.dim() == 1 ? values.unsqueeze(1) : values;
        border::call(border::tables.report->values, diagnostic_, rows.handle());
    }

  private:
    mneme_diagnostic* diagnostic_;
};

} // namespace mneme
