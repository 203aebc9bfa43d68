// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <mneme/error.hpp>

#include "plan/planner.hpp"

namespace mneme::harness {

namespace {

constexpr int plan_format = 1;

// A file under a private name that disappears unless it is put in place.
class Draft final {
  public:
    explicit Draft(const std::filesystem::path& target)
        : target_(target.string()), name_(target_ + "." + std::to_string(getpid()) + ".tmp"),
          file_(open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
        if (file_ < 0) give_up();
    }
    ~Draft() { discard(); }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    void put(const std::string& text) {
        for (std::size_t done = 0; done < text.size();) {
            const ssize_t wrote = ::write(file_, text.data() + done, text.size() - done);
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote < 0) give_up();
            done += std::size_t(wrote);
        }
        if (fsync(file_) != 0) give_up();
        if (rename(name_.c_str(), target_.c_str()) != 0) give_up();
        close(file_);
        file_ = -1;
    }

  private:
    void discard() {
        if (file_ < 0) return;
        close(file_);
        unlink(name_.c_str());
        file_ = -1;
    }
    [[noreturn]] void give_up() {
        const int fault = errno;
        discard();
        const bool full = fault == ENOSPC || fault == EDQUOT;
        throw Error(target_ + ": cannot be written (" + std::strerror(fault) + "); expected " +
                        (full ? "free space there" : "a folder that you may write to"),
                    full ? 75 : 65);
    }

    std::string target_, name_;
    int file_;
};

[[noreturn]] void no_plan(const std::filesystem::path& path, const std::string& why) {
    throw Error(path.string() + ": is not a plan (" + why +
                    "); expected the file that `mneme plan SUITE.toml -o DIR` writes",
                65);
}

} // namespace

Json to_json(const Plan& plan) {
    Json json{{"mneme_plan", plan_format},     {"suite", plan.suite},   {"title", plan.title},
              {"benchmarks", plan.benchmarks}, {"labels", plan.labels}, {"seeds", plan.seeds},
              {"cells", Json::array()}};
    for (const auto& cell : plan.cells) json["cells"].push_back(to_json(cell));
    return json;
}

Plan plan_from_json(const Json& json) {
    if (!json.is_object() || !json.contains("mneme_plan")) throw Error("no key mneme_plan", 65);
    if (json.at("mneme_plan") != plan_format)
        throw Error("format " + json.at("mneme_plan").dump() + ", this program reads " +
                        std::to_string(plan_format),
                    65);
    Plan plan{json.at("suite"),  json.at("title"), json.at("benchmarks"),
              json.at("labels"), json.at("seeds"), {}};
    for (const auto& cell : json.at("cells")) plan.cells.push_back(cell_from_json(cell));
    return plan;
}

void write_plan(const std::filesystem::path& path, const Plan& plan) {
    // A folder's name need not be UTF-8; JSON must be.
    std::string text = to_json(plan).dump(1, ' ', false, Json::error_handler_t::replace);
    Draft(path).put(text + "\n");
}

Plan read_plan(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path))
        no_plan(path, file ? "a folder" : std::strerror(errno));
    try {
        return plan_from_json(Json::parse(file));
    } catch (const Json::exception& fault) {
        no_plan(path, fault.what());
    } catch (const Error& fault) {
        no_plan(path, fault.what());
    }
}

} // namespace mneme::harness
