// SPDX-License-Identifier: Apache-2.0
// What makes a new process a worker, whether mneme has started it or a worker server has forked it,
// and what the two processes say to each other for that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace mneme::protocol {

inline constexpr int message_descriptor = 3; // of a worker; of a worker server: its socket

// A process inherits its environment: whatever group or session it moves to, it keeps this.
inline constexpr const char* mark_variable = "MNEME_WORKER_MARK";

struct WorkerPlace {
    pid_t parent = -1;
    int log = -1, messages = -1;     // descriptors, above 3
    std::uint64_t address_space = 0; // bytes, RLIMIT_AS; 0: no limit
};

// The calling process leads a group of its own, dies with its parent, cannot gain privileges,
// leaves no core, handles no signal, has nothing to read, writes 1 and 2 to the log and 3 to the
// messages. Returns 0 or an errno; ESRCH: the parent has gone already. Allocates nothing, for this
// is called between fork and exec.
int become_worker(const WorkerPlace&);

// What mneme asks of a worker server (`mneme-worker serve`), one packet each. The descriptors of
// the log and of the messages travel with it.
struct ForkRequest {
    std::string mark; // as long as the server's own: it is written over that
    std::uint64_t address_space = 0;
    std::vector<std::pair<std::string, std::string>> environment; // set on top of the server's
    std::vector<std::string> arguments;

    // Bytes, not JSON: the name of a folder need not be UTF-8.
    std::string packet() const;
    static std::optional<ForkRequest> of_packet(std::string_view);
};

// The answer: `ready` once when the server has loaded everything, then one for each request.
struct ForkReply {
    static constexpr pid_t ready = 0, failed = -1;
    pid_t worker = failed; // by now a child of mneme
};

inline constexpr std::size_t longest_packet = 1 << 16;

} // namespace mneme::protocol
