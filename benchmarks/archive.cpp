// SPDX-License-Identifier: Apache-2.0
// Archives, read from front to back. Everything in one is distrusted: names, sizes, and what they
// unpack to.
#include <benchmarks/fetch.hpp>

#include <algorithm>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <system_error>

#include <archive.h>
#include <archive_entry.h>

#include "input.hpp"

namespace mneme::bench {

namespace fs = std::filesystem;

namespace {

using Handle = std::unique_ptr<archive, int (*)(archive*)>;

std::string why(archive* handle) {
    const char* text = archive_error_string(handle);
    return text ? text : "no reason given";
}

class EntryInput final : public Input {
  public:
    EntryInput(const std::string& name, archive* handle) : Input(name), handle_(handle) {}

  private:
    std::size_t some(void* out, std::size_t most) override {
        const la_ssize_t n = archive_read_data(handle_, out, most);
        if (n < 0) fail("cannot be read (" + why(handle_) + "); expected the archive as published");
        return std::size_t(n);
    }

    archive* handle_;
};

bool leaves(const fs::path& path) {
    return path.is_absolute() ||
           std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

} // namespace

std::vector<std::string> read_archive(const fs::path& path, const std::vector<DatasetFile>& files,
                                      const std::function<void(std::size_t, Input&)>& take) {
    const auto fail = [&](const std::string& what) {
        throw std::runtime_error(path.string() + ": " + what);
    };
    // Bytes of all entries together: what else is in the published archives is small.
    int64_t most = int64_t{1} << 20;
    for (const auto& file : files) most += int64_t(file.bytes);

    const Handle handle(archive_read_new(), archive_read_free);
    archive_read_support_filter_gzip(handle.get());
    archive_read_support_format_tar(handle.get());
    if (archive_read_open_filename(handle.get(), path.c_str(), 1 << 18) != ARCHIVE_OK)
        fail("cannot be read (" + why(handle.get()) + "); expected a .tar.gz as published");
    std::vector<bool> seen(files.size(), false);
    std::vector<std::string> ignored;
    int64_t sum = 0;
    while (std::find(seen.begin(), seen.end(), false) != seen.end()) {
        archive_entry* entry = nullptr;
        const int status = archive_read_next_header(handle.get(), &entry);
        if (status == ARCHIVE_EOF) break;
        if (status != ARCHIVE_OK)
            fail("cannot be read (" + why(handle.get()) + "); expected a .tar.gz as published");
        const char* name = archive_entry_pathname(entry);
        const fs::path inside = name ? name : "";
        if (leaves(inside))
            fail("has an entry \"" + inside.string() +
                 "\", which leaves the archive; expected the archive as published");
        const int64_t size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;
        if (size < 0 || size > most - sum)
            fail("unpacks to more than " + std::to_string(most) +
                 " bytes; expected the archive as published");
        sum += size;
        const auto file = std::find_if(files.begin(), files.end(),
                                       [&](const auto& f) { return inside.filename() == f.name; });
        if (file == files.end() || archive_entry_filetype(entry) != AE_IFREG ||
            archive_entry_hardlink(entry)) {
            if (archive_entry_filetype(entry) != AE_IFDIR) ignored.push_back(inside.string());
            continue;
        }
        const auto index = std::size_t(file - files.begin());
        if (seen[index]) fail("has " + file->name + " twice; list it once");
        seen[index] = true;
        EntryInput in(path.string() + ", " + inside.string(), handle.get());
        take(index, in);
    }
    for (std::size_t i = 0; i < files.size(); ++i)
        if (!seen[i]) fail("has no " + files[i].name + "; expected the archive as published");
    return ignored;
}

std::string payload_sha256(const fs::path& path, uint64_t most) {
    const auto in = open_file(path, "a file");
    skip_rest(*in, most);
    return in->sha256();
}

uint64_t most_unpacked_bytes(const DatasetInfo& info) {
    uint64_t bytes = 0;
    for (const auto& file : info.files) bytes += file.bytes;
    if (bytes == 0 && info.examples > 0) { // as many for test, each no longer than its pixels
        bytes = 2 * uint64_t(info.examples);
        for (int64_t size : info.shape) bytes *= uint64_t(size);
    }
    return bytes == 0 ? uint64_t{4} << 30 : bytes + bytes / 4 + (uint64_t{1} << 20);
}

void unpack_zip(const fs::path& path, const fs::path& folder, uint64_t most) {
    const std::string published = "; expected the archive as published";
    const auto fail = [&](const std::string& what) {
        throw std::runtime_error(path.string() + ": " + what + published);
    };
    const Handle handle(archive_read_new(), archive_read_free);
    archive_read_support_format_zip(handle.get());
    if (archive_read_open_filename(handle.get(), path.c_str(), 1 << 18) != ARCHIVE_OK)
        fail("cannot be read (" + why(handle.get()) + ")");
    std::vector<char> chunk(std::size_t{1} << 18);
    uint64_t sum = 0;
    archive_entry* entry = nullptr;
    int status = ARCHIVE_OK;
    while ((status = archive_read_next_header(handle.get(), &entry)) == ARCHIVE_OK) {
        const char* name = archive_entry_pathname(entry);
        const fs::path inside = name ? name : "";
        if (leaves(inside))
            fail("has an entry \"" + inside.string() + "\", which leaves the archive");
        if (archive_entry_filetype(entry) != AE_IFREG)
            continue; // folders are made as they are needed; links are left out
        fs::create_directories((folder / inside).parent_path());
        std::ofstream out(folder / inside, std::ios::binary | std::ios::trunc);
        for (la_ssize_t n;
             (n = archive_read_data(handle.get(), chunk.data(), chunk.size())) != 0;) {
            if (n < 0) fail("cannot be read (" + why(handle.get()) + ")");
            sum += uint64_t(n);
            if (sum > most) fail("unpacks to more than " + std::to_string(most) + " bytes");
            out.write(chunk.data(), n);
        }
        out.close();
        if (!out)
            throw std::system_error(errno, std::generic_category(), (folder / inside).string());
    }
    if (status != ARCHIVE_EOF) fail("cannot be read (" + why(handle.get()) + ")");
}

} // namespace mneme::bench
