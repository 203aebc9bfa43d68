// SPDX-License-Identifier: Apache-2.0
// Everything is gathered in a folder of its own beside the goal, `.fetch-NAME`, which stays behind
// when the network fails, so that the next call goes on. What is there is read and compared as a
// whole before it gets its name.
#include "cli/fetch.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <base/sha256.hpp>
#include <benchmarks/fetch.hpp>
#include <nlohmann/json.hpp>

#include <base/error.hpp>
#include "cli/download.hpp"
#include "cli/folders.hpp"

namespace mneme::cli {

namespace fs = std::filesystem;

namespace {

using base::ExitCode;

constexpr int tries = 4; // of one address
constexpr std::int64_t default_patience_s = 30;

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

// A file and the addresses that may give it, in order.
struct Wanted {
    std::string path;
    std::vector<std::string> urls;
    bool unpack = false;
    std::string md5; // of the file as it comes; empty: not published
};

std::string file_name(const std::string& path) { return fs::path(path).filename().string(); }

std::vector<Wanted> wanted_files(const bench::DatasetInfo& info,
                                 const std::vector<std::string>& mirrors) {
    std::vector<Wanted> all;
    for (const auto& source : info.sources) {
        const auto known = std::find_if(all.begin(), all.end(),
                                        [&](const Wanted& w) { return w.path == source.path; });
        if (known != all.end()) known->urls.push_back(source.url);
        else all.push_back({source.path, {source.url}, source.unpack, source.md5});
    }
    for (auto& one : all) {
        if (mirrors.empty()) continue;
        one.urls.clear();
        for (const auto& mirror : mirrors)
            one.urls.push_back(mirror + (mirror.ends_with('/') ? "" : "/") + file_name(one.path));
    }
    return all;
}

// Empty where it is as published, or where only the whole set says so.
std::string objection(const bench::DatasetInfo& info, const fs::path& file, const Wanted& wanted) {
    const std::string name = file_name(wanted.path);
    if (const std::string found = wanted.md5.empty() ? "" : base::file_md5(file);
        found != wanted.md5)
        return fmt::format("is not the published file (MD5 {}); expected {}", found, wanted.md5);
    for (const auto& published : info.files) {
        if (published.sha256.empty() || (name != published.name && name != published.name + ".gz"))
            continue;
        std::string found;
        try {
            found = bench::payload_sha256(file, bench::most_unpacked_bytes(info));
        } catch (const std::runtime_error&) {
            return fmt::format("is not a whole file; expected SHA-256 {} of its content",
                               published.sha256);
        }
        if (found != published.sha256 && found != published.another)
            return fmt::format("is not the published file (SHA-256 of its content {}); expected {}",
                               found, published.sha256);
    }
    return "";
}

class Fetch final {
  public:
    Fetch(const bench::DatasetInfo& info, const FetchOptions& options, const Console& console,
          fs::path staging)
        : info_(info), options_(options), console_(console), staging_(std::move(staging)) {}

    void bring(const Wanted& wanted) {
        const fs::path goal = staging_ / wanted.path;
        std::error_code ignored;
        if (fs::exists(goal, ignored)) return; // by an earlier call
        fs::create_directories(goal.parent_path());
        const fs::path part = goal.string() + ".part";
        if (options_.from.empty()) {
            download(wanted, part);
            fs::rename(part, goal);
        } else {
            const fs::path taken = copy(wanted, part);
            fs::rename(part, goal.parent_path() / taken.filename());
        }
    }

  private:
    // A file that is published packed may lie there unpacked.
    fs::path copy(const Wanted& wanted, const fs::path& part) const {
        const std::string name = file_name(wanted.path),
                          unpacked = name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
        for (const fs::path& file :
             {options_.from / name, options_.from / wanted.path, options_.from / unpacked}) {
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
                        options_.from.string(), name));
    }

    void download(const Wanted& wanted, const fs::path& part) {
        if (!curl_) curl_.emplace();
        std::string last;
        ExitCode code = ExitCode::temporary;
        for (const auto& url : wanted.urls) {
            for (int attempt = 0; attempt < tries; ++attempt) {
                if (attempt > 0)
                    std::this_thread::sleep_for(std::chrono::milliseconds(250 << attempt));
                console_.say(
                    fmt::format("{}{}", attempt == 0 ? "fetching " : "trying again: ", url));
                const auto answer = curl_->get(
                    url, part, options_.patience > 0 ? options_.patience : default_patience_s,
                    drawing(wanted.path));
                console_.draw("");
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
                console_.warn(last);
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
            if (!console_.live() || now - drawn < std::chrono::milliseconds(100)) return;
            drawn = now;
            const auto full = all > 0 ? std::size_t(10 * std::min(got, all) / all) : 0;
            console_.draw(fmt::format("[{}{}] {:.1f}{} MB | {}", std::string(full, '#'),
                                      std::string(10 - full, '.'), double(got) / 1e6,
                                      all > 0 ? fmt::format(" of {:.1f}", double(all) / 1e6) : "",
                                      name));
        };
    }

    const bench::DatasetInfo& info_;
    const FetchOptions& options_;
    const Console& console_;
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

ExitCode say_where(const bench::DatasetInfo& info, const Paths& folders, bool json,
                   const std::string& payload) {
    const std::string where = bench::locate(info, folders).string();
    print_result(json ? json_text(nlohmann::ordered_json{
                            {"name", info.name}, {"folder", where}, {"payload_digest", payload}})
                      : fmt::format("{}: {}\n", info.name, where));
    return ExitCode::done;
}

} // namespace

void declare(Arguments& arguments, FetchOptions& to) {
    arguments.value("--from", to.from,
                    {"DIR", "fetch: from a folder that has the published files"});
    arguments.values("--mirror", to.mirrors,
                     {"URL", "fetch: from URL/FILE instead of the official source (repeatable)"});
    arguments.value(
        "--patience", to.patience,
        {"SECONDS", "fetch: seconds without a byte before it tries again (default: 30)"});
}

ExitCode fetch(const bench::DatasetInfo& info, const FetchOptions& options, const DataOptions& data,
               bool json, const Console& console) {
    const Paths folders = data_folders(data);
    try {
        if (!bench::locate(info, folders).empty())
            return say_where(info, folders, json, bench::verify(info, folders));
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
    Fetch job(info, options, console, staging);
    const auto files = wanted_files(info, options.mirrors);
    try {
        for (const auto& file : files) job.bring(file);
    } catch (const base::ExitError&) {
        if (!options.from.empty()) fs::remove_all(staging); // there is nothing to go on from
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
    return say_where(info, folders, json, payload);
}

} // namespace mneme::cli
