// SPDX-License-Identifier: Apache-2.0
#include "loader/store.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/sha256.hpp>

#include "loader/fault.hpp"
#include "loader/trust.hpp"

namespace fs = std::filesystem;

namespace mneme::loader {
namespace {

fs::path from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

fs::path usual_folder() {
    auto cache = from_environment("XDG_CACHE_HOME");
    if (!cache.is_absolute()) { // the XDG rule: a relative one is ignored
        cache = from_environment("HOME");
        if (!cache.is_absolute()) return {};
        cache /= ".cache";
    }
    return cache / "mneme" / "plugins";
}

std::string sha256_of(const std::string& bytes) {
    base::Sha256 hash;
    hash.add(bytes);
    return hash.hex();
}

// A file that is gone unless it was given its name.
class Draft final {
  public:
    explicit Draft(std::string pattern)
        : path_(std::move(pattern)), fd_(::mkostemp(path_.data(), O_CLOEXEC)) {}
    ~Draft() {
        if (fd_ < 0) return;
        ::close(fd_);
        if (!named_) ::unlink(path_.c_str());
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    bool write(const std::string& bytes) const {
        for (std::size_t done = 0; done < bytes.size();) {
            const auto n = ::write(fd_, bytes.data() + done, bytes.size() - done);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return false;
            done += static_cast<std::size_t>(n);
        }
        return ::fchmod(fd_, S_IRUSR | S_IXUSR) == 0 && ::fsync(fd_) == 0;
    }
    bool open() const { return fd_ >= 0; }
    bool name(const fs::path& to) { return named_ = ::rename(path_.c_str(), to.c_str()) == 0; }

  private:
    std::string path_;
    const int fd_;
    bool named_ = false;
};

} // namespace

Store::Store(fs::path folder, fs::path file)
    : folder_(folder.empty() ? usual_folder() : std::move(folder)), file_(std::move(file)) {
    if (folder_.empty())
        refuse(
            Fault::store, file_,
            "no folder for a copy of it: neither XDG_CACHE_HOME nor HOME is set; set one of them");
}

void Store::fail(int error) const {
    const bool full = error == ENOSPC || error == EDQUOT;
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
        return sha256_of(read_trusted(place(sha256), folder_, false).data) == sha256;
    } catch (const Error&) {
        return false; // not usable: it is written again
    }
}

void Store::write(const std::string& bytes, const std::string& sha256) const {
    Draft draft((folder_ / ("." + sha256 + ".XXXXXX")).string());
    if (!draft.open() || !draft.write(bytes) || !draft.name(place(sha256))) fail(errno);
}

fs::path Store::keep(const std::string& bytes, const std::string& sha256) const {
    make_folder();
    if (has(sha256)) return place(sha256);
    write(bytes, sha256);
    if (!has(sha256)) fail(EIO); // the disk did not keep what was written
    return place(sha256);
}

} // namespace mneme::loader
