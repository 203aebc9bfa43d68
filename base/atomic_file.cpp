// SPDX-License-Identifier: Apache-2.0
#include <base/atomic_file.hpp>

#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/descriptor.hpp>

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
            case EROFS:
                return "the file system of " + folder + " is read-only; write to another folder";
            case EACCES:
            case EPERM:
                return "no permission to write in " + folder +
                       "; change its mode or write to another folder";
            case ENOENT:
            case ENOTDIR: return "there is no folder " + folder + "; make it first";
            case EISDIR: return "a folder has that name; remove it or choose another name";
            case ENAMETOOLONG: return "its name is too long; choose a shorter one";
            default: return std::generic_category().message(error) + "; see to that and run again";
        }
    };
    throw FileError(error, path.string() + ": not written: " + reason());
}

// Returns 0 or the errno.
int write_all(Descriptor& file, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(file.number(), bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 ? errno : EIO;
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    if (::fsync(file.number()) != 0 && errno != EINVAL) // EINVAL: this file system cannot sync
        return errno;
    return file.close();
}

// The process number behind the last ".tmp." of a name, or 0.
pid_t writer_of(const std::string& name) {
    const std::size_t at = name.rfind(".tmp.");
    if (at == std::string::npos) return 0;
    pid_t pid = 0;
    for (std::size_t i = at + 5; i < name.size() && name[i] != '.'; ++i) {
        if (name[i] < '0' || name[i] > '9' || pid > 100'000'000) return 0;
        pid = pid * 10 + (name[i] - '0');
    }
    return pid;
}

} // namespace

void replace_file(const fs::path& path, std::span<const std::byte> bytes, mode_t mode) {
    const std::string first_name = path.string() + ".tmp." + std::to_string(::getpid());
    std::string temporary;
    Descriptor file;
    for (int attempt = 0; !file.open(); ++attempt) { // a dead process of that number may have
        temporary = first_name;                      // left its file
        if (attempt > 0) temporary += "." + std::to_string(attempt);
        file = Descriptor(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
        if (!file.open() && errno != EEXIST) fail(path, errno, bytes.size());
    }
    int error = mode != 0 && ::fchmod(file.number(), mode) != 0 ? errno : 0;
    if (error == 0) error = write_all(file, bytes);
    if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
    if (error != 0) {
        ::unlink(temporary.c_str());
        fail(path, error, bytes.size());
    }
    // The rename itself must outlive a power cut. Where a folder cannot be synced, nothing more can
    // be done.
    const Descriptor parent(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent.open() && ::fsync(parent.number()) != 0 && errno == EIO)
        fail(path, EIO, bytes.size());
}

void replace_file(const fs::path& path, std::string_view text) {
    replace_file(path, std::as_bytes(std::span(text.data(), text.size())));
}

bool is_temporary(int error) { return error == ENOSPC || error == EDQUOT; }

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
