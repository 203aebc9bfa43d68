// SPDX-License-Identifier: Apache-2.0
#include "protocol/worker_child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace mneme::protocol {

int become_worker(const WorkerPlace& place) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // A parent that died before the line above sends no signal.
    if (getppid() != place.parent) return ESRCH;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    if (place.address_space > 0) {
        const rlimit space{rlim_t(place.address_space), rlim_t(place.address_space)};
        setrlimit(RLIMIT_AS, &space);
    }
    for (int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD, SIGPIPE}) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, 0) < 0 || dup2(place.log, 1) < 0 || dup2(place.log, 2) < 0 ||
        dup2(place.messages, message_descriptor) < 0)
        return errno;
    close(null); // not 0: standard descriptors are never closed (base/system.hpp)
    return 0;
}

// Texts that end with a zero byte: the mark, the limit, the number of variables, names and values
// by turns, the arguments.
std::string ForkRequest::packet() const {
    std::string bytes;
    const auto add = [&](const std::string& text) { bytes.append(text.c_str(), text.size() + 1); };
    add(mark);
    add(std::to_string(address_space));
    add(std::to_string(environment.size()));
    for (const auto& [name, value] : environment) add(name), add(value);
    for (const std::string& argument : arguments) add(argument);
    return bytes;
}

std::optional<ForkRequest> ForkRequest::of_packet(std::string_view bytes) {
    bool whole = true;
    const auto text = [&] {
        const auto end = bytes.find('\0');
        whole = whole && end != bytes.npos;
        const std::string_view found = bytes.substr(0, end);
        bytes.remove_prefix(whole ? end + 1 : bytes.size());
        return std::string(found);
    };
    const auto number = [&] {
        const std::string digits = text();
        std::uint64_t value = 0;
        const auto end = digits.data() + digits.size();
        const auto [at, fault] = std::from_chars(digits.data(), end, value);
        whole = whole && fault == std::errc() && at == end;
        return value;
    };
    ForkRequest request;
    request.mark = text();
    request.address_space = number();
    for (std::uint64_t left = number(); whole && left > 0; --left) {
        std::string name = text();
        request.environment.emplace_back(std::move(name), text());
    }
    while (whole && !bytes.empty()) request.arguments.push_back(text());
    if (!whole) return {};
    return request;
}

} // namespace mneme::protocol
