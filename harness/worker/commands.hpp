// SPDX-License-Identifier: Apache-2.0
// The worker's commands (protocol/requests.hpp). Each returns how the worker ends.
#pragma once

#include <string>

#include <mneme/abi.h>

#include <base/error.hpp>

#include "protocol/cell.hpp"
#include "worker/reporter.hpp"
#include "worker/signals.hpp"

namespace mneme::harness {

using base::ExitCode;
using protocol::Json;
using protocol::Setting;
using protocol::Settings;

ExitCode run_cell(const std::string& path, double checkpoint_every_s, Reporter&);
ExitCode construct(const std::string& path, Reporter&);
ExitCode describe(const std::string& plugin, const std::string& sha256, Reporter&);
ExitCode networks(const std::string& path, Reporter&);
ExitCode check(const std::string& path, Reporter&); // the method examiner
ExitCode geometry(const std::string& path, Reporter&);
ExitCode doctor(Reporter&);

// A learner made and destroyed on a network without a stream; what it declared. Throws ExitError
// (bad_input) where the settings or the benchmark are at fault, mneme::Error where the plugin is.
protocol::Constructed construct_once(const mneme_method&, const bench::Spec&,
                                     const Settings& options, const Settings& train);

// Loads a plugin by the whole sequence; never unloaded. With a digest: that file, also when it has
// been rebuilt since. Throws ExitError (plugin_refused).
const mneme_plugin& open_plugin(const std::string& path, const std::string& sha256 = {});
const mneme_method& method_of(const mneme_plugin&, const std::string& id, const std::string& path);

} // namespace mneme::harness
