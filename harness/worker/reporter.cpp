// SPDX-License-Identifier: Apache-2.0
#include "worker/reporter.hpp"

#include <cerrno>

#include <unistd.h>

namespace mneme::harness {

void Reporter::say(const protocol::Message& message) {
    const std::string line = protocol::write_message(message) + "\n";
    std::size_t done = 0;
    while (done < line.size()) { // a parent that is gone or deaf must not stop the run
        const auto n = ::write(fd_, line.data() + done, line.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        done += static_cast<std::size_t>(n);
    }
}

void Reporter::progress(const Progress& progress) {
    last_ = std::chrono::steady_clock::now();
    say(progress);
}

void Reporter::share_position() {
    if (position_.descriptor() >= 0) say(protocol::Positioned{position_.descriptor()});
}

bool Reporter::due() const {
    return std::chrono::steady_clock::now() - last_ >= std::chrono::seconds(1);
}

} // namespace mneme::harness
