// SPDX-License-Identifier: Apache-2.0
#include "supervisor/worker_server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <base/error.hpp>

#include "supervisor/guardian.hpp"

namespace mneme::supervisor {
namespace {

using protocol::ForkReply;
using protocol::ForkRequest;

// A load from a slow disk takes longer; meanwhile cells are started without the server.
constexpr std::chrono::seconds longest_load{5};
// A fork takes milliseconds. A server that was stopped from outside is given up after this.
constexpr std::chrono::seconds longest_fork{10};
// Of the server's command line: `ps` shows there what each worker does.
constexpr std::size_t room_for_arguments = 1024;

// What no library reads before a cell runs: the server's value may differ from the worker's.
bool may_differ(const std::string& variable) { return variable == "CUDA_VISIBLE_DEVICES"; }

using Environment = decltype(Launch::environment);

Environment fixed(Environment all) {
    std::erase_if(all, [](const auto& pair) { return may_differ(pair.first); });
    return all;
}

// While it lives, a process whose parent has ended becomes our child and not that of init.
class Subreaper final {
  public:
    Subreaper() {
        prctl(PR_GET_CHILD_SUBREAPER, &before_);
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    }
    ~Subreaper() { prctl(PR_SET_CHILD_SUBREAPER, before_); }
    Subreaper(const Subreaper&) = delete;
    Subreaper& operator=(const Subreaper&) = delete;

  private:
    int before_ = 0;
};

} // namespace

WorkerServer::WorkerServer(Launch launch)
    : launch_(std::move(launch)), ready_until_(Clock::now() + longest_load) {
    if (!launch_.under.empty()) return;
    launch_.environment = fixed(std::move(launch_.environment));
    launch_.arguments.insert(launch_.arguments.begin(),
                             {"serve", std::string(room_for_arguments, '-')});
    launch_.mark = Guardian::instance().new_mark();
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return;
    base::Descriptor ours(ends[0]);
    const base::Descriptor theirs(ends[1]), high(fcntl(ends[1], F_DUPFD_CLOEXEC, 10)),
        null(open("/dev/null", O_WRONLY | O_CLOEXEC)),
        log(fcntl(null.number(), F_DUPFD_CLOEXEC, 10));
    if (!high.open() || !log.open()) return;
    try {
        pid_ = execute(launch_, log.number(), high.number());
        socket_ = std::move(ours);
    } catch (const base::ExitError&) { // a worker that is executed says what is wrong
    }
}

WorkerServer::~WorkerServer() { retire(); }

void WorkerServer::retire() {
    socket_.close(); // first: a worker that it is just forking cannot answer any more, and ends
    if (pid_ < 0) return;
    kill_all(pid_, launch_.mark);
    waitpid(pid_, nullptr, 0);
    Guardian::instance().forget(pid_);
    pid_ = -1;
}

bool WorkerServer::serves(const Launch& launch) const {
    return socket_.open() && launch.under.empty() && launch.program == launch_.program &&
           launch.mark.size() == launch_.mark.size() &&
           fixed(launch.environment) == launch_.environment;
}

bool WorkerServer::ready() {
    if (!ready_)
        if (const auto reply = receive(ready_until_)) ready_ = reply->worker == ForkReply::ready;
    return ready_;
}

std::optional<ForkReply> WorkerServer::receive(Clock::time_point until) {
    using std::chrono::milliseconds;
    while (true) {
        pollfd watched{socket_.number(), POLLIN, 0};
        const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
        const int found = poll(&watched, 1, int(std::max<milliseconds::rep>(left.count(), 0)));
        if (found == 0) return {};
        ForkReply reply;
        const ssize_t got =
            found < 0 ? -1 : recv(socket_.number(), &reply, sizeof reply, MSG_DONTWAIT);
        if (got == ssize_t(sizeof reply)) return reply;
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        retire();
        return {};
    }
}

bool WorkerServer::send(const ForkRequest& request, int log, int messages) const {
    std::string bytes = request.packet();
    if (bytes.size() > protocol::longest_packet) return false;
    iovec piece{bytes.data(), bytes.size()};
    const int descriptors[2] = {log, messages};
    alignas(cmsghdr) char room[CMSG_SPACE(sizeof descriptors)] = {};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof room;
    cmsghdr* const attached = CMSG_FIRSTHDR(&message);
    attached->cmsg_level = SOL_SOCKET;
    attached->cmsg_type = SCM_RIGHTS;
    attached->cmsg_len = CMSG_LEN(sizeof descriptors);
    std::memcpy(CMSG_DATA(attached), descriptors, sizeof descriptors);
    return sendmsg(socket_.number(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) ==
           ssize_t(bytes.size());
}

pid_t WorkerServer::fork_worker(const Launch& launch, int log, int messages) {
    if (!serves(launch) || !ready()) return -1;
    ForkRequest request{launch.mark, launch.address_space, {}, launch.arguments};
    for (const auto& pair : launch.environment)
        if (may_differ(pair.first)) request.environment.push_back(pair);
    const Subreaper subreaper;
    if (send(request, log, messages))
        if (const auto reply = receive(Clock::now() + longest_fork); reply && reply->worker > 0)
            return reply->worker;
    // Whatever is wrong with it, the cells do not wait for it again.
    retire();
    kill_marked(launch.mark.c_str());
    return -1;
}

} // namespace mneme::supervisor
