// SPDX-License-Identifier: Apache-2.0
// Bytes of one file, counted and hashed as they are read: a plain or gz file, or an entry of an
// archive. Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <base/sha256.hpp>
#include <benchmarks/dataset.hpp>

namespace mneme::bench {

class Input {
  public:
    virtual ~Input() = default;

    // Up to `wanted` bytes; fewer at the end of the file.
    std::size_t read(void* out, std::size_t wanted);
    void expect_end(const std::string& because); // throws where there is more

    const std::string& name() const { return name_; } // for messages
    uint64_t bytes() const { return bytes_; }
    std::string sha256() { return hash_.hex(); } // ends the hash
    [[noreturn]] void fail(const std::string& what) const;

  protected:
    explicit Input(std::string name) : name_(std::move(name)) {}

  private:
    virtual std::size_t some(void* out, std::size_t most) = 0; // 0 at the end

    std::string name_;
    base::Sha256 hash_;
    uint64_t bytes_ = 0;
};

// The rest of the file; throws where it is longer than `most`.
std::string read_all(Input&, uint64_t most);
inline constexpr uint64_t most_text_bytes = uint64_t{1} << 28; // of a file that is read whole

void skip_rest(Input&, uint64_t most); // so that all of it is hashed; throws as read_all does

// `kind` ends the message of a file that is not there: "an idx file".
std::unique_ptr<Input> open_file(const std::filesystem::path&, const std::string& kind);

// Calls `take` for the first entry of each file's name, in the archive's order; nothing is written
// to disk. Throws where one is missing, where an entry's path leaves the archive, and where the
// archive unpacks to more than the files should have and a megabyte. Returns the paths of other
// entries that came before the last of the files.
std::vector<std::string> read_archive(const std::filesystem::path&, const std::vector<DatasetFile>&,
                                      const std::function<void(std::size_t file, Input&)>& take);

// The file is the published one, or another copy that is accepted: its SHA-256. Throws for any
// other.
std::string checked_sha256(const DatasetInfo&, std::size_t file, Input&);

// Readers: each appends to the images and gives the payload digests of its files in order.
struct Place {
    std::filesystem::path path; // a folder, or an archive
    bool archive = false;
};
std::vector<std::string> read_idx_set(const DatasetInfo&, const Place&, Dataset& into);
std::vector<std::string> read_cifar(const DatasetInfo&, const Place&, Dataset& into);
std::vector<std::string> read_omniglot(const DatasetInfo&, const Place&, Dataset& into);
std::vector<std::string> read_clinc(const DatasetInfo&, const Place&, Dataset& into);
std::vector<std::string> read_csv(const DatasetInfo&, const Place&, Dataset& into);
std::vector<std::string> read_hdf5(const DatasetInfo&, const Place&, Dataset& into);
std::vector<std::string> read_folders(const DatasetInfo&, const Place&, Dataset& into);
std::vector<std::string> read_npy(const DatasetInfo&, const Place&, Dataset& into);
std::vector<std::string> read_table(const DatasetInfo&, const Place&, Dataset& into);
std::vector<std::string> read_tiny_imagenet(const DatasetInfo&, const Place&, Dataset& into);

// The plain file, or else its .gz, or an empty path.
std::filesystem::path file_in(const std::filesystem::path& folder, const std::string& name);

std::string times(const std::vector<int64_t>& sizes); // "28 x 28"

// Appends images of {channels, rows, columns}, of {rows, columns} or of {features}, but not their
// labels. The first are taken over, not copied.
void append_images(Images&, std::vector<int64_t> shape, int64_t count, std::vector<uint8_t> pixels);

void check_label(const DatasetInfo&, const Input&, const std::string& what, uint64_t index,
                 int64_t label);

} // namespace mneme::bench
