// SPDX-License-Identifier: Apache-2.0
#include <base/atomic_file.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/descriptor.hpp>
#include <base/read_at.hpp>
#include <base/sha256.hpp>
#include <base/system.hpp>

namespace mneme::base {

namespace fs = std::filesystem;

namespace {

// A system_error whose what() is our sentence alone; the base class would append the errno's text
// after the remedy.
class FileError final : public std::system_error {
  public:
    FileError(int error, std::string sentence)
        : std::system_error(error, std::generic_category()), sentence_(std::move(sentence)) {}
    const char* what() const noexcept override { return sentence_.c_str(); }

  private:
    std::string sentence_;
};

fs::path folder_of(const fs::path& path) {
    return path.parent_path().empty() ? fs::path(".") : path.parent_path();
}

[[noreturn]] void fail(const fs::path& path, int error, std::size_t bytes) {
    const std::string folder = folder_of(path).string();
    const auto reason = [&]() -> std::string {
        switch (error) {
            case ENOSPC:
            case EDQUOT:
                return "no space is left for its " + std::to_string(bytes) +
                       " bytes; free some and run again";
            case EFBIG:
                return "its " + std::to_string(bytes) +
                       " bytes are more than a file may have here (ulimit -f); raise that and run "
                       "again";
            case EROFS:
                return "the file system of " + folder + " is read-only; write to another folder";
            case EACCES:
            case EPERM:
                return "no permission to write in " + folder +
                       "; change its mode or write to another folder";
            case ENOENT:
            case ENOTDIR: return "there is no folder " + folder + "; make it first";
            case EISDIR: return "a folder has that name; remove it or choose another name";
            case ENODEV: return "it is a device or a pipe, not a file; name a file";
            case ENAMETOOLONG: return "its name is too long; choose a shorter one";
            default: return std::generic_category().message(error) + "; see to that and run again";
        }
    };
    throw FileError(error, path.string() + ": not written: " + reason());
}

// These return 0 or the errno.

int put_all(const Descriptor& file, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(file.number(), bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 ? errno : EIO;
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return 0;
}

int sync(const Descriptor& file, mode_t mode) {
    if (mode != 0 && ::fchmod(file.number(), mode) != 0) return errno;
    // EINVAL: this file system cannot sync.
    return ::fsync(file.number()) != 0 && errno != EINVAL ? errno : 0;
}

int copy(const Descriptor& from, const Descriptor& to) {
    std::vector<std::byte> piece(std::size_t{1} << 20);
    for (std::size_t at = 0;;) {
        const ssize_t n = read_at(from.number(), piece.data(), piece.size(), at);
        if (n <= 0) return n < 0 ? errno : 0;
        if (const int error = put_all(to, std::span(piece).first(static_cast<std::size_t>(n))))
            return error;
        at += static_cast<std::size_t>(n);
    }
}

// Signals that ask for an end come when the file is whole: a handler may end the process, and half
// a file would stay.
class DelayedSignals final {
  public:
    DelayedSignals() {
        sigset_t set;
        sigemptyset(&set);
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2})
            sigaddset(&set, number);
        pthread_sigmask(SIG_BLOCK, &set, &before_);
    }
    ~DelayedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    DelayedSignals(const DelayedSignals&) = delete;
    DelayedSignals& operator=(const DelayedSignals&) = delete;

  private:
    sigset_t before_{};
};

// Of the host: a process number says nothing on another one, and folders may be shared.
std::string host_mark() { return "-" + sha256_of(host_name()).substr(0, 8); }

// Calls `make` with names beside the path until one is free: a dead process of our number may have
// left its file. `make` returns whether it made it, and sets errno.
template <class Make> bool make_beside(const fs::path& path, std::string& name, const Make& make) {
    const std::string first = path.string() + ".tmp." + std::to_string(::getpid()) + host_mark();
    for (int attempt = 0;; ++attempt) {
        name = attempt > 0 ? first + "." + std::to_string(attempt) : first;
        if (make(name.c_str())) return true;
        if (errno != EEXIST) return false;
    }
}

Descriptor open_beside(const fs::path& path, std::string& name, std::size_t bytes) {
    Descriptor file;
    const bool made = make_beside(path, name, [&](const char* candidate) {
        file =
            Descriptor(::open(candidate, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
        return file.open();
    });
    if (!made) fail(path, errno, bytes);
    return file;
}

// Gives a file without a name one beside the path.
bool give_name(const Descriptor& file, const fs::path& path, std::string& name) {
    char link[64];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", file.number());
    return make_beside(path, name, [&](const char* candidate) {
        return ::linkat(AT_FDCWD, link, AT_FDCWD, candidate, AT_SYMLINK_FOLLOW) == 0;
    });
}

// The process number behind the last ".tmp." of a name, or 0; 0 too where it is another host's.
pid_t writer_of(const std::string& name) {
    const std::size_t at = name.rfind(".tmp.");
    if (at == std::string::npos) return 0;
    pid_t pid = 0;
    for (std::size_t i = at + 5; i < name.size() && name[i] != '.'; ++i) {
        if (name[i] == '-' && pid > 0) return name.compare(i, 9, host_mark()) == 0 ? pid : 0;
        if (name[i] < '0' || name[i] > '9' || pid > 100'000'000) return 0;
        pid = pid * 10 + (name[i] - '0');
    }
    return pid;
}

} // namespace

// A rename would put a file in the place of /dev/null, or of the link /dev/stdout.
void require_place_for_file(const fs::path& path) {
    std::error_code ignored;
    if (fs::is_other(fs::status(path, ignored)) ||
        fs::canonical(folder_of(path), ignored) == "/dev")
        fail(path, ENODEV, 0);
}

// Without a name for as long as it is not whole: nothing is left of it if this process dies. Some
// file systems have no such files, or cannot give them a name later.
NewFile::NewFile(fs::path path, std::size_t bytes)
    : path_(std::move(path)),
      file_(::open(folder_of(path_).c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0666)) {
    if (!file_.open()) file_ = open_beside(path_, private_name_, bytes);
}

NewFile::~NewFile() {
    if (!private_name_.empty()) ::unlink(private_name_.c_str());
}

void NewFile::fail(int error) const {
    const off_t end = ::lseek(number(), 0, SEEK_END); // others may have written to it
    base::fail(path_, error, std::max(bytes_, std::size_t(std::max<off_t>(end, 0))));
}

void NewFile::append(std::span<const std::byte> bytes) {
    bytes_ += bytes.size();
    if (const int error = put_all(file_, bytes)) fail(error);
}

void NewFile::publish(mode_t mode) {
    const DelayedSignals delayed;
    int error = sync(file_, mode);
    std::string name;
    if (error == 0 && private_name_.empty()) {
        if (give_name(file_, path_, name)) {
            private_name_ = name;
        } else {
            Descriptor named = open_beside(path_, private_name_, bytes_);
            error = copy(file_, named);
            if (error == 0) error = sync(named, mode);
            file_ = std::move(named);
        }
    }
    if (error == 0) error = file_.close();
    if (error == 0 && ::rename(private_name_.c_str(), path_.c_str()) != 0) error = errno;
    if (error != 0) fail(error);
    private_name_.clear();
    // The rename itself must outlive a power cut. Where a folder cannot be synced, nothing more can
    // be done.
    const Descriptor parent(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent.open() && ::fsync(parent.number()) != 0 && errno == EIO) fail(EIO);
}

void replace_file(const fs::path& path, std::span<const std::byte> bytes, mode_t mode) {
    const DelayedSignals delayed;
    NewFile file(path, bytes.size());
    file.append(bytes);
    file.publish(mode);
}

void replace_file(const fs::path& path, std::string_view text) {
    replace_file(path, std::as_bytes(std::span(text.data(), text.size())));
}

bool is_temporary(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

void remove_abandoned_files(const fs::path& folder) {
    std::error_code ignored;
    for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end;
         at.increment(ignored)) {
        const pid_t writer = writer_of(at->path().filename().string());
        if (writer == 0 || !fs::is_regular_file(at->symlink_status(ignored))) continue;
        if (::kill(writer, 0) != 0 && errno == ESRCH) fs::remove(at->path(), ignored);
    }
}

} // namespace mneme::base
