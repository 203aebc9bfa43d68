// SPDX-License-Identifier: Apache-2.0
// What a cell's runs are made of: stream, network, session, options and learner.
#pragma once

#include <memory>

#include <benchmarks/network.hpp>
#include <benchmarks/stream.hpp>

#include "host/learner.hpp"
#include "protocol/cell.hpp"

namespace mneme::harness {

using protocol::Cell;
using protocol::Json;
using protocol::Settings;

std::unique_ptr<bench::Stream> stream_of(const Cell&, at::Device); // for the seeds of its runs
std::unique_ptr<bench::Network> network_of(const bench::NetworkSpec&, const bench::Stream&,
                                           at::Device); // with the device's linear kernels
host::Head head_of(const bench::ScenarioSpec&, const bench::Stream&);

struct RunSetup {
    RunSetup(const Cell&, const mneme_method&); // throws ExitError where the suite is at fault

    at::Device device;
    std::unique_ptr<bench::Stream> stream;
    std::unique_ptr<bench::Network> network;
    std::unique_ptr<host::OptionBook> options;
    std::unique_ptr<host::Session> session;
    std::unique_ptr<host::Learner> learner;
    Json train; // the effective [train]
};

} // namespace mneme::harness
