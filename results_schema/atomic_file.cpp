// SPDX-License-Identifier: Apache-2.0
#include "atomic_file.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "message.hpp"

namespace mneme::results {

namespace {

// A system_error whose what() is our sentence alone; the base would append the errno's text after
// the remedy.
class FileError final : public std::system_error {
  public:
    FileError(int error, std::string sentence)
        : std::system_error(error, std::generic_category()), sentence_(std::move(sentence)) {}
    const char* what() const noexcept override { return sentence_.c_str(); }

  private:
    std::string sentence_;
};

[[noreturn]] void fail(const std::filesystem::path& path, int error, std::size_t bytes) {
    const std::string folder = path.parent_path().empty() ? "." : path.parent_path().string();
    const auto because = [&]() -> std::string {
        switch (error) {
            case ENOSPC:
            case EDQUOT:
                return say("no space is left for its ", bytes, " bytes; free some and run again");
            case EROFS:
                return say("the file system of ", folder, " is read-only; write to another folder");
            case EACCES:
            case EPERM:
                return say("no permission to write in ", folder,
                           "; change its mode or write to another folder");
            case ENOENT:
            case ENOTDIR: return say("there is no folder ", folder, "; make it first");
            case EISDIR: return "a folder has that name; remove it or choose another name";
            default:
                return say(std::generic_category().message(error), "; see to that and run again");
        }
    };
    throw FileError(error, say(path.string(), ": not written: ", because()));
}

class Descriptor final {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }
    int close() // a full or remote disk may say so only now
    {
        const int fd = fd_;
        fd_ = -1;
        return fd < 0 ? 0 : ::close(fd);
    }
    operator int() const { return fd_; }

  private:
    int fd_;
};

// Returns 0 or the errno.
int write_all(Descriptor& file, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(file, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 ? errno : EIO;
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    if (::fsync(file) != 0 && errno != EINVAL) // EINVAL: this file system cannot sync
        return errno;
    return file.close() != 0 ? errno : 0;
}

} // namespace

void replace_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    std::string temporary = say(path.string(), ".tmp.", ::getpid());
    int fd = -1;
    for (int attempt = 0; fd < 0;
         ++attempt) { // a dead process of that number may have left its file
        const std::string name = attempt == 0 ? temporary : say(temporary, ".", attempt);
        fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST) fail(path, errno, bytes.size());
        if (fd >= 0) temporary = name;
    }
    Descriptor file(fd);
    int error = write_all(file, bytes);
    if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
    if (error != 0) {
        ::unlink(temporary.c_str());
        fail(path, error, bytes.size());
    }
    // The rename itself must outlive a power cut. Where a folder cannot be synced there is nothing
    // more to do.
    const std::string folder = path.parent_path().empty() ? "." : path.parent_path().string();
    Descriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent >= 0 && ::fsync(parent) != 0 && errno == EIO) fail(path, EIO, bytes.size());
}

} // namespace mneme::results
