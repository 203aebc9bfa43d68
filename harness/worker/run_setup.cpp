// SPDX-License-Identifier: Apache-2.0
#include "worker/run_setup.hpp"

#include "protocol/train_settings.hpp"
#include "worker/kept_data.hpp"

namespace mneme::harness {
namespace {

std::vector<int64_t> seeds_of(const Cell& cell) {
    std::vector<int64_t> seeds;
    for (const auto& run : cell.runs) seeds.push_back(run.seed);
    return seeds;
}

} // namespace

std::unique_ptr<bench::Stream> stream_of(const Cell& cell, at::Device device) {
    const bench::Limits limits{cell.data.most_train, cell.data.most_test,
                               cell.data.evaluate_on == "validation"};
    return std::make_unique<bench::Stream>(cell.spec(), data_of(cell.data), seeds_of(cell), limits,
                                           device);
}

std::unique_ptr<bench::Network> network_of(const bench::NetworkSpec& spec,
                                           const bench::Stream& stream, at::Device device) {
    auto network = bench::make_network(spec, stream.input_shape(), stream.classes());
    const auto* linear =
        device.is_cuda() ? &host::cuda_linear_kernels() : host::cpu_linear_kernels();
    if (linear) network->use(*linear);
    network->move_to(device);
    return network;
}

host::Head head_of(const bench::ScenarioSpec& scenario, const bench::Stream& stream) {
    host::Head head{
        scenario.kind, scenario.head == "shared", stream.classes(), {}, scenario.from_the_start()};
    for (int64_t t = 0; t < stream.tasks(); ++t) head.classes.push_back(stream.task(t).classes);
    return head;
}

RunSetup::RunSetup(const Cell& cell, const mneme_method& method)
    : device(cell.execution.device == "cuda" ? at::kCUDA : at::kCPU) {
    const auto& spec = cell.spec();
    stream = stream_of(cell, device);
    network = network_of(spec.network, *stream, device);
    session = std::make_unique<host::Session>(
        *network, seeds_of(cell), head_of(spec.scenario, *stream), stream->table(), device);
    if (spec.stream.hidden()) session->hide_boundaries();
    std::vector<Settings> own, for_training;
    for (const auto& run : cell.runs) own.push_back(run.options), for_training.push_back(run.train);
    options = std::make_unique<host::OptionBook>(method.id, own, for_training,
                                                 protocol::to_json(spec.train));
    learner = std::make_unique<host::Learner>(method, *session, *options);
    options->refuse_leftovers();
    train = options->train(0);
    session->model().set_dropout(train.value("dropout", 0.0));
    if (spec.augment.any()) session->batches().set_augment(spec.augment);
}

} // namespace mneme::harness
