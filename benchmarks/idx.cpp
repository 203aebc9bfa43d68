// SPDX-License-Identifier: Apache-2.0
// The idx format: big-endian words; magic 0x000008DD (unsigned bytes, DD dimensions), the sizes, then the bytes row by row.
#include <benchmarks/dataset.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

#include <zlib.h>

namespace mneme::bench {

namespace {

// Plain and gz files alike.
class Input final {
  public:
    explicit Input(const std::filesystem::path& path) : path_(path), file_(gzopen(path.c_str(), "rb"), gzclose) {
        if (!file_) fail(std::string("cannot be opened (") + std::strerror(errno) + "); an idx file, plain or .gz, would be right");
        gzbuffer(file_.get(), 1 << 18);
    }

    // Up to `wanted` bytes; fewer at the end of the file.
    std::size_t read(void* out, std::size_t wanted) {
        std::size_t got = 0;
        while (got < wanted) {
            const int n = gzread(file_.get(), static_cast<char*>(out) + got, unsigned(std::min<std::size_t>(wanted - got, 1 << 20)));
            if (n < 0) {
                int code = Z_OK;
                std::string why = gzerror(file_.get(), &code);
                if (why.rfind(path_.string() + ": ", 0) == 0) why.erase(0, path_.string().size() + 2); // fail() names the file
                if (code == Z_BUF_ERROR) break; // a gz file that was cut off: what came so far counts
                fail("cannot be read (" + (code == Z_ERRNO ? std::string(std::strerror(errno)) : why) +
                     "); the file as published would be right");
            }
            if (n == 0) break;
            got += std::size_t(n);
        }
        hash_.add(out, got);
        bytes_ += got;
        return got;
    }

    uint64_t bytes() const { return bytes_; }
    std::string sha256() { return hash_.hex(); }
    [[noreturn]] void fail(const std::string& what) const { throw std::runtime_error(path_.string() + ": " + what); }

  private:
    std::filesystem::path path_;
    std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
    Sha256 hash_;
    uint64_t bytes_ = 0;
};

constexpr uint64_t largest = uint64_t{1} << 32; // bytes of one file; more is not what we read

std::string hexadecimal(uint32_t word) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%08x", word);
    return text;
}

uint32_t read_word(Input& in) {
    unsigned char b[4];
    if (in.read(b, 4) != 4) in.fail("ends after " + std::to_string(in.bytes()) + " bytes, within the header; an idx file would be right");
    return uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | uint32_t{b[3]};
}

} // namespace

Idx read_idx(const std::filesystem::path& path) {
    Input in(path);
    Idx idx;
    const uint32_t magic = read_word(in);
    if (magic != 0x801 && magic != 0x803)
        in.fail("begins with " + hexadecimal(magic) + "; 0x00000801 (idx labels) or 0x00000803 (idx images) would be right");
    uint64_t wanted = 1;
    std::string sizes;
    for (uint32_t dimension = 0; dimension < (magic & 0xFF); ++dimension) {
        const uint32_t size = read_word(in);
        idx.shape.push_back(size);
        sizes += (sizes.empty() ? "" : " x ") + std::to_string(size);
        if (size == 0 || wanted > largest / size)
            in.fail("has sizes " + sizes + " in its header; sizes of at least 1 and at most 4 GiB in all would be right");
        wanted *= size;
    }
    const uint64_t whole = in.bytes() + wanted;
    // Grows with what is there: a header alone cannot make us allocate.
    while (idx.data.size() < wanted) {
        const std::size_t before = idx.data.size(), chunk = std::size_t(std::min<uint64_t>(wanted - before, uint64_t{1} << 24));
        idx.data.resize(before + chunk);
        if (in.read(idx.data.data() + before, chunk) != chunk)
            in.fail("ends after " + std::to_string(in.bytes()) + " bytes; " + std::to_string(whole) + " (" + sizes +
                    " after the header) would be right");
    }
    char surplus;
    if (in.read(&surplus, 1) != 0)
        in.fail("goes on after " + std::to_string(whole) + " bytes; an end there (" + sizes + " after the header) would be right");
    idx.bytes = whole;
    idx.sha256 = in.sha256();
    return idx;
}

} // namespace mneme::bench
