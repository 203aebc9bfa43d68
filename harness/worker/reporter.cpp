// SPDX-License-Identifier: Apache-2.0
#include "worker/reporter.hpp"

#include <cmath>

#include <unistd.h>

namespace mneme::harness {

void Reporter::say(const Json& message) {
    const std::string line = message.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    std::size_t done = 0;
    while (done < line.size()) { // a parent that is gone or deaf must not stop the run
        const auto n = ::write(fd_, line.data() + done, line.size() - done);
        if (n <= 0) return;
        done += static_cast<std::size_t>(n);
    }
}

void Reporter::progress(const Progress& p) {
    last_ = std::chrono::steady_clock::now();
    say({{"event", "progress"},
         {"stage", p.stage},
         {"task", p.task},
         {"tasks", p.tasks},
         {"phase", p.phase},
         {"step", p.step},
         {"steps", p.steps},
         {"accuracy", std::isfinite(p.accuracy) ? Json(p.accuracy) : Json()}});
}

bool Reporter::due() const {
    return std::chrono::steady_clock::now() - last_ >= std::chrono::seconds(1);
}

} // namespace mneme::harness
