// SPDX-License-Identifier: Apache-2.0
#include <base/regular_file.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

#include <base/error.hpp>

namespace mneme::base {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
    throw ExitError(ExitCode::bad_input, path.string() + ": " + why);
}

void require_regular(const fs::path& path, const Descriptor& file) {
    struct stat status {};
    if (::fstat(file.number(), &status) != 0)
        refuse(path, std::string("cannot be read: ") + std::strerror(errno));
    if (S_ISDIR(status.st_mode)) refuse(path, "is a folder; a file was expected");
    if (!S_ISREG(status.st_mode))
        refuse(path, "is a pipe, a socket or a device; remove it, a regular file was expected");
}

[[noreturn]] void cannot_open(const fs::path& path, int error) {
    switch (error) {
        case ELOOP: refuse(path, "is a symbolic link; remove it, a regular file was expected");
        case ENXIO: refuse(path, "is a pipe or a socket; remove it, a regular file was expected");
        case ENOENT: refuse(path, "does not exist");
        default: refuse(path, std::string("cannot be opened: ") + std::strerror(error));
    }
}

} // namespace

Descriptor open_regular(const fs::path& path, Links links) {
    // O_NONBLOCK: opening a pipe without a writer would wait for one.
    const int no_follow = links == Links::refuse ? O_NOFOLLOW : 0;
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | no_follow));
    if (!file.open()) cannot_open(path, errno);
    require_regular(path, file);
    return file;
}

std::string read_file(const fs::path& path, std::uint64_t most, Links links) {
    const Descriptor file = open_regular(path, links);
    std::string text;
    std::error_code unknown;
    if (const auto size = fs::file_size(path, unknown); !unknown)
        text.reserve(std::size_t(std::min<std::uintmax_t>(size, most))); // else it may take twice
    char buffer[1 << 16];
    while (true) {
        const ssize_t n = ::read(file.number(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) refuse(path, std::string("cannot be read: ") + std::strerror(errno));
        if (n == 0) return text;
        text.append(buffer, static_cast<std::size_t>(n));
        if (text.size() > most)
            refuse(path,
                   "is larger than the " + std::to_string(most) +
                       " bytes that such a file may have; it was not written by this program");
    }
}

Descriptor open_for_append(const fs::path& path) {
    Descriptor file(::open(
        path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0666));
    if (!file.open() && (errno == ELOOP || errno == ENXIO)) cannot_open(path, errno);
    if (!file.open()) throw std::system_error(errno, std::generic_category(), path.string());
    require_regular(path, file);
    return file;
}

} // namespace mneme::base
