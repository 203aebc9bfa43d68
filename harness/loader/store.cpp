// SPDX-License-Identifier: Apache-2.0
#include "loader/store.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>
#include <system_error>
#include <vector>

#include <sys/stat.h>

#include <base/atomic_file.hpp>
#include <base/folders.hpp>
#include <base/sha256.hpp>

#include "loader/fault.hpp"
#include "loader/trust.hpp"

namespace fs = std::filesystem;

namespace mneme::loader {
namespace {

constexpr std::size_t most_copies = 200;

fs::path usual_folder() {
    const fs::path cache = base::cache_folder();
    return cache.is_absolute() ? cache / "plugins" : fs::path();
}

} // namespace

Store::Store(fs::path folder, fs::path file)
    : folder_(folder.empty() ? usual_folder() : std::move(folder)), file_(std::move(file)) {
    if (folder_.empty())
        refuse(
            Fault::store, file_,
            "no folder for a copy of it: neither XDG_CACHE_HOME nor HOME is set; set one of them");
}

void Store::fail(int error) const {
    const bool full = base::is_temporary(error);
    refuse(full ? Fault::store_full : Fault::store, file_,
           "cannot be copied to " + folder_.string() + " (" + std::strerror(error) + "); " +
               (full ? "make room there, or set XDG_CACHE_HOME to a folder with room"
                     : "set XDG_CACHE_HOME to a folder that you can write"));
}

void Store::make_folder() const {
    fs::path below;
    for (const auto& part :
         fs::absolute(folder_)) { // private, whatever the umask: code is loaded from here
        below /= part;
        std::error_code ec;
        if (fs::is_directory(below, ec) || ::mkdir(below.c_str(), S_IRWXU) == 0) continue;
        if (const int error = errno; error != EEXIST) fail(error);
        if (!fs::is_directory(below, ec)) fail(ENOTDIR); // else a neighbour has just made it
    }
    if (const auto why = distrust(folder_))
        refuse(Fault::store, file_,
               "cannot be copied to " + folder_.string() + ", since " + *why +
                   "; set XDG_CACHE_HOME to a folder of yours");
}

bool Store::has(const std::string& sha256) const {
    std::error_code ec;
    if (!fs::exists(place(sha256), ec)) return false;
    try {
        return base::sha256_of(read_trusted(place(sha256), folder_, false).data) == sha256;
    } catch (const Verdict&) {
        return false; // not usable: it is written again
    }
}

void Store::write(const std::string& bytes, const std::string& sha256) const {
    try {
        base::replace_file(place(sha256), std::as_bytes(std::span(bytes)), S_IRUSR | S_IXUSR);
    } catch (const std::system_error& error) {
        fail(error.code().value());
    }
}

// A plugin under work leaves a copy of each of its builds. Drafts are what a killed process left.
void Store::remove_oldest() const {
    std::error_code ec;
    std::vector<std::pair<fs::file_time_type, fs::path>> copies;
    const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours(24);
    for (fs::directory_iterator at(folder_, ec), end; !ec && at != end; at.increment(ec)) {
        std::error_code gone; // a neighbour may clean as well
        const auto time = fs::last_write_time(at->path(), gone);
        if (gone) continue;
        if (at->path().filename().string().front() != '.') copies.push_back({time, at->path()});
        else if (time < yesterday) fs::remove(at->path(), gone);
    }
    std::sort(copies.begin(), copies.end());
    for (std::size_t i = 0; i + most_copies < copies.size(); ++i) fs::remove(copies[i].second, ec);
}

fs::path Store::keep(const std::string& bytes, const std::string& sha256) const {
    make_folder();
    if (has(sha256)) {
        std::error_code ignored; // used today: not among the oldest
        fs::last_write_time(place(sha256), fs::file_time_type::clock::now(), ignored);
        return place(sha256);
    }
    write(bytes, sha256);
    remove_oldest();
    if (!has(sha256)) fail(EIO); // the disk did not keep what was written
    return place(sha256);
}

} // namespace mneme::loader
