// SPDX-License-Identifier: Apache-2.0
// mneme-worker: runs one cell, or answers one question about plugins, and ends. Started by mneme;
// harness/plan/messages.md.
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <unistd.h>

#include <mneme/error.hpp>

#include "worker/commands.hpp"

namespace mneme::harness {

Json read_json(const std::string& path) {
    std::ifstream in(path);
    if (!in) throw Error(path + ": cannot be read; give the file that mneme wrote", 65);
    try {
        return Json::parse(in);
    } catch (const Json::exception& e) {
        throw Error(path + ": is not the JSON of a request; give the file that mneme wrote", 65);
    }
}

} // namespace mneme::harness

namespace {

using namespace mneme::harness;

int usage() {
    std::cerr << "mneme-worker is started by mneme.\n"
                 "usage: mneme-worker [--fd N] [--checkpoint-every SECONDS] run CELL.json | "
                 "construct REQUEST.json | describe PLUGIN.so "
                 "[SHA256] | networks REQUEST.json | "
                 "check REQUEST.json | doctor\n";
    return 64;
}

} // namespace

int main(int argc, char** argv) {
    // Before anything else: a signal must find a handler, and a parent that is gone must not end us
    // by SIGPIPE.
    std::signal(SIGPIPE, SIG_IGN);
    for (int s : {SIGTERM, SIGUSR1, SIGUSR2}) std::signal(s, [](int) { asked_to_stop = 1; });

    int fd = STDOUT_FILENO, at = 1;
    double every = 300;
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        const std::string option = argv[at];
        if (option == "--fd") fd = std::atoi(argv[at + 1]);
        else if (option == "--checkpoint-every") every = std::atof(argv[at + 1]);
        else return usage();
    }
    if (at >= argc) return usage();
    const std::string command = argv[at], argument = at + 1 < argc ? argv[at + 1] : "";
    Reporter reporter(fd);
    try {
        if (command == "doctor" && argument.empty()) return doctor(reporter);
        if (argument.empty()) return usage();
        if (command == "run") return run_cell(argument, every, reporter);
        // A question is answered at once or not at all: a signal may end it.
        for (int s : {SIGTERM, SIGUSR1, SIGUSR2}) std::signal(s, SIG_DFL);
        if (command == "construct") return construct(argument, reporter);
        if (command == "describe")
            return describe(argument, at + 2 < argc ? argv[at + 2] : "", reporter);
        if (command == "networks") return networks(argument, reporter);
        if (command == "check") return check(argument, reporter);
        return usage();
    } catch (const mneme::Error& e) {
        const int code = e.code() == 65 || e.code() == 69 || e.code() == 75 ? e.code() : 70;
        reporter.say({{"event", "error"}, {"message", e.what()}, {"exit", code}});
        return code;
    } catch (const std::exception& e) {
        // Rooms that do not see the sdk throw the base class: a data set that is missing or
        // altered, a network that does not fit.
        const bool asked = dynamic_cast<const std::runtime_error*>(&e) != nullptr &&
                           std::string(e.what()).find("\n") == std::string::npos;
        reporter.say({{"event", "error"}, {"message", e.what()}, {"exit", asked ? 65 : 70}});
        return asked ? 65 : 70;
    }
}
