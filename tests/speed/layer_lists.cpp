// SPDX-License-Identifier: Apache-2.0
// A built-in kind of network written as a list of layers, beside itself.
#include <benchmarks/layer_plan.hpp>

#include "measure.hpp"
#include "sides.hpp"

namespace mneme::speed {
namespace {

Layout as_list(const Layout& layout) {
    Layout list{layout.spec, layout.shape};
    list.spec.layer = bench::layer_list(layout.spec, layout.shape);
    list.spec.kind = "layers";
    return list;
}

} // namespace

std::vector<Row> layer_lists(const std::string& plugins, double effort) {
    const auto images = draw_images(2000, 1);
    std::vector<Row> rows;
    const auto compare = [&](const std::string& name, const Layout& kind, int64_t batch,
                             int64_t steps, const char* unit, double scale) {
        Harness list(plugins, "finetune", images, 1, {}, {}, as_list(kind));
        Harness own(plugins, "finetune", images, 1, {}, {}, kind);
        list.begin_task(0), own.begin_task(0);
        rows.push_back(by_turns(
            name + " as a list, batch " + std::to_string(batch), unit, scale / double(steps),
            static_cast<int64_t>(20 * effort) + 1,
            [&] { return timed([&] { list.train(steps, batch); }); },
            [&] { return timed([&] { own.train(steps, batch); }); }));
    };
    for (const int64_t batch : {10, 128}) {
        compare("mlp", mlp_layout(), batch, 50, "us", 1e6);
        for (const std::string kind : {"zenke-cnn", "resnet18"})
            compare(kind, image_layout(kind), batch, batch == 10 ? 6 : 1, "ms", 1e3);
    }
    return rows;
}

} // namespace mneme::speed
