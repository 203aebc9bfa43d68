// SPDX-License-Identifier: Apache-2.0
// The one way a file is written: it appears whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <sys/types.h>

#include <base/descriptor.hpp>

namespace mneme::base {

// Writes a file without a name, or where there are none one of a private name (PATH.tmp.PID-HOST),
// syncs, renames, syncs the folder; signals that ask for an end wait meanwhile. The file's mode is
// 0666 less the umask, or exactly `mode` where one is given. Where PATH is a symbolic link, the
// link is replaced, never its target. Throws std::system_error with the errno, whose what() is one
// sentence "PATH: not written: why; what to do"; leaves no temporary file.
void replace_file(const std::filesystem::path&, std::span<const std::byte>, mode_t mode = 0);
void replace_file(const std::filesystem::path&, std::string_view text);

// Likewise a file that is written little by little: it has no name, or where there are no such
// files the private one, until it is published. One that is not leaves nothing. Signals that ask
// for an end wait while it is published, not before.
class NewFile final {
  public:
    explicit NewFile(std::filesystem::path, std::size_t bytes = 0); // bytes: for the message
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    int number() const { return file_.number(); } // of its descriptor, to read and write
    void append(std::span<const std::byte>);
    void publish(mode_t mode = 0);           // once, and then nothing more
    [[noreturn]] void fail(int error) const; // throws what replace_file does for the errno

  private:
    const std::filesystem::path path_;
    std::string private_name_; // empty: it has none
    Descriptor file_;
    std::size_t bytes_ = 0; // that append() was asked for
};

// For a place that a user names: throws the same where a device, a pipe or a link to one lies
// there. In folders of our own these are strangers' and are replaced.
void require_place_for_file(const std::filesystem::path&);

// Whether a write that failed with this errno may succeed later: the disk is full, or a quota is.
bool is_temporary(int error);

// Removes what killed writers left in a folder: files NAME.tmp.PID-HOST of this host
// whose process is gone.
void remove_abandoned_files(const std::filesystem::path& folder);

} // namespace mneme::base
