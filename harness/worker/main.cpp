// SPDX-License-Identifier: Apache-2.0
// mneme-worker: runs one cell, or answers one question about plugins, and ends. Started by mneme,
// or forked by another one that mneme has started (`serve`); what it may be asked and what it says:
// protocol/requests.hpp, protocol/messages.hpp.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <unistd.h>

#include <base/system.hpp>
#include <mneme/error.hpp>

#include "worker/commands.hpp"
#include "worker/kept_data.hpp"
#include "worker/signals.hpp"
#include "worker/worker_server.hpp"

namespace {

using namespace mneme::harness;

struct CommandLine {
    int descriptor = STDOUT_FILENO;
    double checkpoint_every_s = 300;
    std::string command, argument, second;
};

// False where it cannot be understood.
bool parse(const std::vector<std::string>& words, CommandLine& line) {
    std::size_t at = 1;
    for (; at + 1 < words.size() && words[at].starts_with('-'); at += 2) {
        const std::string &option = words[at], &value = words[at + 1];
        if (option == "--fd") line.descriptor = std::atoi(value.c_str());
        else if (option == "--checkpoint-every") line.checkpoint_every_s = std::atof(value.c_str());
        else return false;
    }
    if (at >= words.size()) return false;
    line.command = words[at];
    if (at + 1 < words.size()) line.argument = words[at + 1];
    if (at + 2 < words.size()) line.second = words[at + 2];
    return line.argument.empty() == (line.command == "doctor");
}

ExitCode usage() {
    std::cerr << "mneme-worker is started by mneme.\n"
                 "usage: mneme-worker [--fd N] [--checkpoint-every SECONDS] run CELL.json | "
                 "construct REQUEST.json | describe PLUGIN.so [SHA256] | networks REQUEST.json | "
                 "check REQUEST.json | doctor\n";
    return ExitCode::usage;
}

ExitCode dispatch(const CommandLine& line, Reporter& reporter) {
    if (line.command == "doctor") return doctor(reporter);
    if (line.command == "run") return run_cell(line.argument, line.checkpoint_every_s, reporter);
    end_at_stop_signals();
    if (line.command == "construct") return construct(line.argument, reporter);
    if (line.command == "describe") return describe(line.argument, line.second, reporter);
    if (line.command == "networks") return networks(line.argument, reporter);
    if (line.command == "check") return check(line.argument, reporter);
    if (line.command == "geometry") return geometry(line.argument, reporter);
    return usage();
}

// Of the exception in flight.
mneme::protocol::Failure failure() {
    try {
        throw;
    } catch (const mneme::base::ExitError& e) {
        return {e.what(), e.code()};
    } catch (const mneme::Error& e) { // a plugin's, outside of a run: its number is its own
        return {e.what(), ExitCode::internal};
    } catch (const std::exception& e) {
        // benchmarks/ throws the base class: a data set that is missing or altered.
        const bool asked = dynamic_cast<const std::runtime_error*>(&e) != nullptr &&
                           std::string(e.what()).find('\n') == std::string::npos;
        return {e.what(), asked ? ExitCode::bad_input : ExitCode::internal};
    }
}

int run(const std::vector<std::string>& words) {
    // Before anything else: a signal must find a handler, a parent that is gone must not end us by
    // SIGPIPE, and no file may get the number of a standard descriptor that is closed.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    handle_stop_signals();
    mneme::base::occupy_standard_descriptors();

    CommandLine line;
    if (!parse(words, line)) return static_cast<int>(usage());
    report_signals_on(line.descriptor);
    Reporter reporter(line.descriptor);
    try {
        return static_cast<int>(dispatch(line, reporter));
    } catch (...) {
        const auto message = failure();
        reporter.say(message);
        return static_cast<int>(message.exit);
    }
}

} // namespace

// Ends without the destructors of libraries: those of LibTorch take a third as long as its start,
// and nothing is left to do. What a plugin leaves to be done at exit `mneme check` judges.
int main(int argc, char** argv) {
    const bool server = argc > 1 && std::string(argv[1]) == "serve";
    if (server && argc > 3) keep_data(argv[3]);
    const int code =
        run(server ? serve_workers(argc, argv) : std::vector<std::string>(argv, argv + argc));
    std::cout.flush();
    std::fflush(nullptr);
    std::quick_exit(code);
}
