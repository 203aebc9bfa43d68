// SPDX-License-Identifier: Apache-2.0
#include "worker/worker_server.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>

#include <base/descriptor.hpp>

#include "protocol/worker_child.hpp"

namespace mneme::harness {
namespace {

using base::Descriptor;
using protocol::ForkReply;
using protocol::ForkRequest;

constexpr int first_free = 10; // descriptors from here on are in the way of none of a worker's

struct Received {
    ForkRequest request;
    Descriptor log, messages;
};

[[noreturn]] void end(bool well) { std::_Exit(well ? EXIT_SUCCESS : EXIT_FAILURE); }

bool has_one_thread() {
    const std::filesystem::directory_iterator threads("/proc/self/task");
    return std::distance(begin(threads), end(threads)) == 1;
}

void answer(const Descriptor& socket, pid_t worker) {
    const ForkReply reply{worker};
    if (send(socket.number(), &reply, sizeof reply, MSG_NOSIGNAL) != ssize_t(sizeof reply))
        end(false); // nobody would watch this worker
}

// Ends this process when mneme has closed its end.
Received receive(const Descriptor& socket) {
    static std::array<char, protocol::longest_packet> bytes;
    std::array<int, 2> descriptors;
    alignas(cmsghdr) char room[CMSG_SPACE(sizeof descriptors)] = {};
    iovec piece{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof room;
    ssize_t got;
    while ((got = recvmsg(socket.number(), &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
    }
    const cmsghdr* const attached = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (!attached || attached->cmsg_len != CMSG_LEN(sizeof descriptors)) end(got == 0);
    std::memcpy(descriptors.data(), CMSG_DATA(attached), sizeof descriptors);
    auto request = ForkRequest::of_packet({bytes.data(), std::size_t(got)});
    if (!request) end(false);
    return {std::move(*request), Descriptor(descriptors[0]), Descriptor(descriptors[1])};
}

// In place: the kernel and mneme read the environment that the server was started with.
bool set_mark(const std::string& mark) {
    char* const ours = std::getenv(protocol::mark_variable);
    if (!ours || std::strlen(ours) != mark.size()) return false;
    std::memcpy(ours, mark.data(), mark.size());
    return true;
}

// Where `ps` looks. The words after argv[0] lie one behind the other.
void show(const std::vector<std::string>& arguments, int argc, char** argv) {
    char* at = argv[1];
    char* const behind = argv[argc - 1] + std::strlen(argv[argc - 1]) + 1;
    std::memset(at, 0, std::size_t(behind - at));
    for (const std::string& word : arguments) {
        if (word.size() >= std::size_t(behind - at)) return;
        std::memcpy(at, word.data(), word.size());
        at += word.size() + 1;
    }
}

// The child of a child: when that has ended, it is mneme's, which has asked for it.
pid_t fork_for(pid_t mneme) {
    const pid_t between = fork();
    if (between != 0) {
        int status = 0;
        while (between > 0 && waitpid(between, &status, 0) < 0 && errno == EINTR) {
        }
        return between > 0 && status == 0 ? between : ForkReply::failed;
    }
    const pid_t self = getpid(), child = fork();
    if (child != 0) end(child > 0);
    while (getppid() == self) usleep(20);
    if (getppid() != mneme) end(false);
    return 0;
}

} // namespace

std::vector<std::string> serve_workers(int argc, char** argv) {
    const pid_t mneme = getppid();
    // Number 3 stays taken, so that no descriptor that is received lies below 4.
    Descriptor socket(fcntl(protocol::message_descriptor, F_DUPFD_CLOEXEC, first_free));
    if (!socket.open() || !has_one_thread()) end(false);
    answer(socket, ForkReply::ready);
    while (true) {
        const Received cell = receive(socket);
        const pid_t child = fork_for(mneme);
        if (child > 0) continue; // the worker has answered, or will
        if (child == ForkReply::failed) {
            answer(socket, ForkReply::failed);
            continue;
        }
        const bool placed =
            set_mark(cell.request.mark) &&
            protocol::become_worker({mneme, cell.log.number(), cell.messages.number(),
                                     cell.request.address_space}) == 0;
        answer(socket, placed ? getpid() : ForkReply::failed);
        if (!placed) end(false);
        for (const auto& [name, value] : cell.request.environment)
            setenv(name.c_str(), value.c_str(), 1);
        show(cell.request.arguments, argc, argv);
        std::vector<std::string> words{argv[0]};
        words.insert(words.end(), cell.request.arguments.begin(), cell.request.arguments.end());
        return words;
    }
}

} // namespace mneme::harness
