// SPDX-License-Identifier: Apache-2.0
#include "loader/trust.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/descriptor.hpp>

#include "loader/fault.hpp"

namespace fs = std::filesystem;

namespace mneme::loader {
namespace {

constexpr int most_links = 40;               // as the kernel
constexpr off_t most_bytes = off_t{1} << 30; // of a plugin

struct Met { // on the way to a file
    fs::path path;
    struct stat status;
};

struct Walk {
    fs::path resolved;
    std::vector<Met> met; // folders and links
    int error = 0;
};

// By hand, since every folder that a link leads through counts and not only those of the two ends.
Walk walk(const fs::path& to) {
    Walk out;
    std::deque<fs::path> ahead(1, "/");
    std::error_code ec;
    const auto whole = fs::absolute(to, ec).relative_path();
    if (ec) out.error = ec.value();
    ahead.insert(ahead.end(), whole.begin(), whole.end());
    for (int links = 0; !ahead.empty() && !out.error;) {
        const auto part = ahead.front();
        ahead.pop_front();
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            out.resolved = out.resolved.parent_path();
            continue;
        }
        Met here{out.resolved / part, {}}; // an absolute part, "/", begins anew
        if (lstat(here.path.c_str(), &here.status) != 0) {
            out.error = errno;
        } else if (S_ISLNK(here.status.st_mode)) {
            const auto target = fs::read_symlink(here.path, ec);
            out.error = ec ? ec.value() : ++links > most_links ? ELOOP : 0;
            ahead.insert(ahead.begin(), target.begin(), target.end());
            out.met.push_back(std::move(here));
        } else {
            if (!S_ISDIR(here.status.st_mode) && !ahead.empty()) out.error = ENOTDIR;
            out.resolved = here.path;
            if (S_ISDIR(here.status.st_mode)) out.met.push_back(std::move(here));
        }
    }
    return out;
}

struct Complaint {
    Fault fault;
    std::string what, remedy;
};

std::optional<Complaint> judge(const fs::path& path, const struct stat& s) {
    const bool link = S_ISLNK(s.st_mode), sticky = S_ISDIR(s.st_mode) && (s.st_mode & S_ISVTX);
    if (s.st_uid != 0 && s.st_uid != geteuid())
        return Complaint{Fault::foreign_owner,
                         "owned by user " + std::to_string(s.st_uid) + ", neither root nor you",
                         "copy the plugin to a folder of yours"};
    if (link || sticky)
        return {}; // a link's mode means nothing; in a sticky folder nobody replaces what is
                   // another's
    if (s.st_mode & S_IWOTH)
        return Complaint{Fault::writable_by_everyone, "writable by everyone",
                         "run chmod o-w " + path.string()};
    if (s.st_mode & S_IWGRP)
        return Complaint{Fault::writable_by_group, "writable by its group",
                         "run chmod g-w " + path.string()};
    return {};
}

// `subject`: "" for the file itself, or "its folder DIR is ".
void weigh(const std::optional<Complaint>& c, const std::string& subject, const fs::path& file,
           bool locked, Bytes& out) {
    if (!c) return;
    const auto text =
        subject + c->what +
        (locked && c->fault == Fault::writable_by_group ? ", which --locked refuses; " : "; ") +
        c->remedy;
    if (c->fault != Fault::writable_by_group || locked) refuse(c->fault, file, text);
    out.warnings.push_back(file.string() + ": " + text);
}

std::string name_of(const Met& m) {
    return (S_ISLNK(m.status.st_mode) ? "the link " : "its folder ") + m.path.string() + " is ";
}

[[noreturn]] void unreadable(const fs::path& file, int error) {
    refuse(Fault::unreadable, file,
           std::string("cannot be read (") + std::strerror(error) +
               "); give the path of a plugin that can");
}

bool within(const fs::path& inner, const fs::path& outer) {
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first ==
           outer.end();
}

std::string read_all(int fd, off_t size, const fs::path& file) {
    std::string data(static_cast<std::size_t>(size), '\0');
    std::size_t done = 0;
    while (done < data.size()) {
        const auto n = ::read(fd, data.data() + done, data.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) unreadable(file, errno);
        if (n == 0) break; // it was cut while we read: the ELF reader will say so
        done += static_cast<std::size_t>(n);
    }
    data.resize(done);
    return data;
}

} // namespace

Bytes read_trusted(const fs::path& file, const fs::path& folder, bool locked) {
    const auto way = walk(file);
    if (way.error) unreadable(file, way.error);
    Bytes out{{}, way.resolved, {}};
    const auto root = folder.empty() ? fs::absolute(file).parent_path() : folder;
    if (!within(way.resolved, walk(root).resolved))
        refuse(Fault::leaves_folder, file,
               "leads out of the plugin folder " + root.string() + ", to " + way.resolved.string() +
                   "; put the file itself there, or name its own folder");
    // Opened before it is judged: what is judged and what is read is one and the same file.
    // O_NONBLOCK: a pipe must not make us wait.
    const base::Descriptor open_file(
        ::open(way.resolved.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    if (!open_file.open() || fstat(open_file.number(), &status) != 0) unreadable(file, errno);
    if (!S_ISREG(status.st_mode))
        refuse(Fault::not_a_file, file, "not a regular file; a plugin is a shared object (.so)");
    for (const auto& m : way.met) weigh(judge(m.path, m.status), name_of(m), file, locked, out);
    weigh(judge(way.resolved, status), "", file, locked, out);
    if (status.st_size > most_bytes)
        refuse(Fault::too_large, file,
               "larger than 1 GiB; a plugin is a shared object that holds methods alone");
    out.data = read_all(open_file.number(), status.st_size, file);
    return out;
}

std::optional<std::string> distrust(const fs::path& folder) {
    const auto way = walk(folder);
    if (way.error) return folder.string() + ": " + std::strerror(way.error);
    for (const auto& m : way.met)
        if (const auto c = judge(m.path, m.status); c && c->fault != Fault::writable_by_group)
            return m.path.string() + " is " + c->what;
    return {};
}

} // namespace mneme::loader
