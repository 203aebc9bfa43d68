// SPDX-License-Identifier: Apache-2.0
// What a worker says to its parent, and how the two share file descriptor 3.
//
// `mneme-worker COMMAND ...` writes one JSON object a line to file descriptor 3 when `--fd 3` is
// given (to stdout otherwise). stdout and stderr belong to logs: a plugin may write there. The key
// "event" names the struct; the other keys are its fields. Commands and their requests are in
// requests.hpp.
//
// A worker that gets SIGTERM or SIGUSR1 writes a checkpoint and ends with ExitCode::temporary;
// SIGTERM to a worker that cannot (stuck in a plugin) is followed by SIGKILL from the parent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/plugin_messages.hpp"
#include "protocol/run_messages.hpp"

namespace mneme::protocol {

struct Layer {
    std::string name;
    std::vector<std::int64_t> shape;
    std::string start; // of its values: init, file, frozen

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("name", self.name);
        visit("shape", self.shape);
        visit("start", self.start);
    }
};

struct NetworkFacts {
    static constexpr const char* event = "network";
    std::int64_t index = 0; // of the spec
    std::int64_t parameters = 0;
    std::vector<Layer> layers = {};
    std::string message = {}; // not empty: the network does not fit the stream

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("index", self.index);
        visit("parameters", self.parameters);
        visit("layers", self.layers);
        visit("message", self.message);
    }
};

struct WorkerFacts { // what works here
    static constexpr const char* event = "doctor";
    std::string libtorch, blas;
    double product_gflops = 0;  // of one thread
    std::string linear_library; // that makes the products of linear layers; empty: LibTorch does
    double linear_gflops = 0;
    std::vector<std::string> missing_operators;
    bool cuda_built = false, cuda_usable = false;
    std::string cuda_device, cuda_driver, cuda_message; // message: why it is not usable

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("libtorch", self.libtorch);
        visit("blas", self.blas);
        visit("product_gflops", self.product_gflops);
        visit("linear_library", self.linear_library);
        visit("linear_gflops", self.linear_gflops);
        visit("missing_operators", self.missing_operators);
        visit("cuda_built", self.cuda_built);
        visit("cuda_usable", self.cuda_usable);
        visit("cuda_device", self.cuda_device);
        visit("cuda_driver", self.cuda_driver);
        visit("cuda_message", self.cuda_message);
    }
};

using Message = std::variant<Gpu, Constructing, Constructed, Refused, Progress, Positioned, Log,
                             Begun, Done, Failure, NetworkFacts, Checking, Checked, WorkerFacts>;

// One line without its end. A text that is not UTF-8 is written with U+FFFD.
std::string write_message(const Message&);

// Nothing where the line is not a message: not JSON, an unknown event, a field that is missing or
// of another type.
std::optional<Message> read_message(std::string_view line);

} // namespace mneme::protocol
