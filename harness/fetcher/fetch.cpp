// SPDX-License-Identifier: Apache-2.0
// Everything is gathered in a folder of its own beside the goal, `.fetch-NAME`, which stays behind
// when the network fails, so that the next call goes on. What is there is read and compared as a
// whole before it gets its name.
#include "fetcher/fetch.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include <base/error.hpp>
#include <benchmarks/fetch.hpp>

#include "fetcher/download.hpp"
#include "fetcher/published_file.hpp"

namespace mneme::fetcher {

namespace fs = std::filesystem;

namespace {

using base::ExitCode;

constexpr int tries = 4; // of one address

// One at a time in a folder.
class Lock final {
  public:
    explicit Lock(const fs::path& path)
        : file_(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
        if (file_ < 0)
            throw base::ExitError(
                ExitCode::bad_input,
                fmt::format("{}: cannot be written; name a folder that can be written "
                            "with --data",
                            path.string()));
        if (::flock(file_, LOCK_EX | LOCK_NB) == 0) return;
        ::close(file_);
        throw base::ExitError(
            ExitCode::temporary,
            fmt::format("{}: another mneme fetches this set; wait for it", path.string()));
    }
    ~Lock() { ::close(file_); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

  private:
    int file_;
};

class Fetch final {
  public:
    Fetch(const bench::DatasetInfo& info, const FetchRequest& request,
          const base::StatusOutput& output, fs::path staging)
        : info_(info), request_(request), output_(output), staging_(std::move(staging)) {}

    void bring(const PublishedFile& wanted) {
        const fs::path goal = staging_ / wanted.path;
        std::error_code ignored;
        if (fs::exists(goal, ignored)) return; // by an earlier call
        fs::create_directories(goal.parent_path());
        const fs::path part = goal.string() + ".part";
        if (request_.from.empty()) {
            download(wanted, part);
            fs::rename(part, goal);
        } else {
            const fs::path taken = copy(wanted, part);
            fs::rename(part, goal.parent_path() / taken.filename());
        }
    }

  private:
    // A file that is published packed may lie there unpacked.
    fs::path copy(const PublishedFile& wanted, const fs::path& part) const {
        const std::string name = file_name(wanted.path),
                          unpacked = name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
        for (const fs::path& file :
             {request_.from / name, request_.from / wanted.path, request_.from / unpacked}) {
            std::error_code ignored;
            if (!fs::is_regular_file(file, ignored)) continue;
            fs::copy_file(file, part, fs::copy_options::overwrite_existing);
            if (const std::string why = objection(info_, part, wanted); !why.empty())
                throw base::ExitError(ExitCode::bad_input,
                                      fmt::format("{}: {}", file.string(), why));
            return file;
        }
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("{}: has no {}; name the folder that holds the files as published",
                        request_.from.string(), name));
    }

    void download(const PublishedFile& wanted, const fs::path& part) {
        if (!curl_) curl_.emplace();
        std::string last;
        ExitCode code = ExitCode::temporary;
        for (const auto& url : wanted.urls) {
            for (int attempt = 0; attempt < tries; ++attempt) {
                if (attempt > 0)
                    std::this_thread::sleep_for(std::chrono::milliseconds(250 << attempt));
                output_.say(
                    fmt::format("{}{}", attempt == 0 ? "fetching " : "trying again: ", url));
                const auto answer =
                    curl_->get(url, part, request_.patience_s, drawing(wanted.path));
                output_.draw("");
                std::string why = answer.why;
                code = answer.ending == Downloader::Ending::not_there ? ExitCode::bad_input
                                                                      : ExitCode::temporary;
                if (answer.ending == Downloader::Ending::whole) {
                    why = objection(info_, part, wanted);
                    if (why.empty()) return;
                    code = ExitCode::bad_input;
                    fs::remove(part); // nothing to go on from
                }
                last = fmt::format("{}: {}", url, why);
                output_.warn(last);
                if (code == ExitCode::bad_input) break; // the same would come again
            }
        }
        throw base::ExitError(code,
                              code == ExitCode::temporary
                                  ? last + "; run the command again, it goes on where it stopped"
                                  : last);
    }

    Downloader::Progress drawing(const std::string& path) const {
        return [this, name = file_name(path), drawn = std::chrono::steady_clock::time_point()](
                   std::int64_t got, std::int64_t all) mutable {
            const auto now = std::chrono::steady_clock::now();
            if (!output_.live() || now - drawn < std::chrono::milliseconds(100)) return;
            drawn = now;
            const auto full = all > 0 ? std::size_t(10 * std::min(got, all) / all) : 0;
            output_.draw(fmt::format("[{}{}] {:.1f}{} MB | {}", std::string(full, '#'),
                                     std::string(10 - full, '.'), double(got) / 1e6,
                                     all > 0 ? fmt::format(" of {:.1f}", double(all) / 1e6) : "",
                                     name));
        };
    }

    const bench::DatasetInfo& info_;
    const FetchRequest& request_;
    const base::StatusOutput& output_;
    const fs::path staging_;
    std::optional<Downloader> curl_;
};

// Each thing at the top gets its name at once; a folder that is there already, unfinished, gets
// what it lacks.
void move_in(const fs::path& staging, const fs::path& target) {
    for (const auto& entry : fs::directory_iterator(staging)) {
        const fs::path goal = target / entry.path().filename();
        if (!fs::exists(goal)) {
            fs::rename(entry.path(), goal);
            continue;
        }
        for (const auto& file : fs::recursive_directory_iterator(entry.path())) {
            if (!file.is_regular_file()) continue;
            const fs::path to = goal / file.path().lexically_relative(entry.path());
            fs::create_directories(to.parent_path());
            fs::rename(file.path(), to);
        }
    }
    fs::remove_all(staging);
}

} // namespace

Fetched fetch(const bench::DatasetInfo& info, const std::vector<fs::path>& folders,
              const FetchRequest& request, const base::StatusOutput& output) {
    try {
        if (!bench::locate(info, folders).empty())
            return {bench::locate(info, folders), bench::verify(info, folders)};
    } catch (const std::runtime_error& fault) {
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("{}; remove what is there, then run this command again", fault.what()));
    }
    if (info.sources.empty())
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("data set {}: has no source to fetch it from; to get the set: {}",
                        info.name, info.how_to_get));
    const fs::path target = folders.front(), staging = target / (".fetch-" + info.name);
    std::error_code made;
    fs::create_directories(staging, made);
    if (made)
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("{}: cannot be made ({}); name a folder that can be written with --data",
                        staging.string(), made.message()));
    const Lock lock(staging.string() + ".lock");
    Fetch job(info, request, output, staging);
    const auto files = published_files(info, request.mirrors);
    try {
        for (const auto& file : files) job.bring(file);
    } catch (const base::ExitError&) {
        if (!request.from.empty()) fs::remove_all(staging); // there is nothing to go on from
        throw;
    }
    std::string payload;
    try {
        for (const auto& file : files)
            if (file.unpack)
                bench::unpack_zip(staging / file.path, (staging / file.path).parent_path(),
                                  bench::most_unpacked_bytes(info)),
                    fs::remove(staging / file.path);
        payload = bench::verify(info, {staging});
    } catch (const std::system_error&) {
        throw;
    } catch (const std::runtime_error& fault) {
        fs::remove_all(staging);
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("data set {}: what was fetched is refused: {}", info.name, fault.what()));
    }
    move_in(staging, target);
    fs::remove(staging.string() + ".lock");
    return {bench::locate(info, folders), payload};
}

} // namespace mneme::fetcher
