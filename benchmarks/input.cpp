// SPDX-License-Identifier: Apache-2.0
#include "input.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <zlib.h>

namespace mneme::bench {

namespace fs = std::filesystem;

namespace {

// Plain and gz files alike.
class FileInput final : public Input {
  public:
    FileInput(const fs::path& path, const std::string& kind)
        : Input(path.string()), file_(gzopen(path.c_str(), "rb"), gzclose) {
        if (!file_)
            fail(std::string("cannot be opened (") + std::strerror(errno) + "); expected " + kind +
                 ", plain or .gz");
        gzbuffer(file_.get(), 1 << 18);
    }

  private:
    std::size_t some(void* out, std::size_t most) override {
        const int n = gzread(file_.get(), out, unsigned(std::min<std::size_t>(most, 1 << 20)));
        if (n >= 0) return std::size_t(n);
        int code = Z_OK;
        std::string why = gzerror(file_.get(), &code);
        if (why.rfind(name() + ": ", 0) == 0)
            why.erase(0, name().size() + 2); // fail() names the file
        if (code == Z_BUF_ERROR) return 0;   // a gz file that was cut off: what came so far counts
        fail("cannot be read (" + (code == Z_ERRNO ? std::string(std::strerror(errno)) : why) +
             "); expected the file as published");
    }

    std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
};

} // namespace

std::size_t Input::read(void* out, std::size_t wanted) {
    std::size_t got = 0;
    while (got < wanted) {
        const std::size_t n = some(static_cast<char*>(out) + got, wanted - got);
        if (n == 0) break;
        got += n;
    }
    hash_.add(out, got);
    bytes_ += got;
    return got;
}

void Input::expect_end(const std::string& because) {
    char surplus;
    if (some(&surplus, 1) != 0)
        fail("goes on after " + std::to_string(bytes_) + " bytes; expected an end there (" +
             because + ")");
}

namespace {

[[noreturn]] void too_long(const Input& in, uint64_t most) {
    in.fail("goes on after " + std::to_string(most) + " bytes; expected that many at most");
}

} // namespace

std::string read_all(Input& in, uint64_t most) {
    std::string text;
    while (text.size() <= most) { // grows with what is there
        const std::size_t before = text.size(), chunk = std::size_t{1} << 18;
        text.resize(before + chunk);
        const std::size_t got = in.read(text.data() + before, chunk);
        text.resize(before + got);
        if (got < chunk) return text;
    }
    too_long(in, most);
}

void skip_rest(Input& in, uint64_t most) {
    std::vector<char> chunk(std::size_t{1} << 18);
    while (in.read(chunk.data(), chunk.size()) == chunk.size())
        if (in.bytes() > most) break;
    if (in.bytes() > most) too_long(in, most);
}

std::string times(const std::vector<int64_t>& sizes) {
    std::string text;
    for (int64_t size : sizes) text += (text.empty() ? "" : " x ") + std::to_string(size);
    return text;
}

void append_images(Images& images, std::vector<int64_t> shape, int64_t count,
                   std::vector<uint8_t> pixels) {
    while (shape.size() < 3) shape.insert(shape.begin(), 1);
    images.channels = shape[0], images.rows = shape[1], images.columns = shape[2];
    images.count += count;
    if (images.pixels.empty()) images.pixels = std::move(pixels);
    else images.pixels.insert(images.pixels.end(), pixels.begin(), pixels.end());
}

void Input::fail(const std::string& what) const { throw std::runtime_error(name_ + ": " + what); }

std::unique_ptr<Input> open_file(const fs::path& path, const std::string& kind) {
    return std::make_unique<FileInput>(path, kind);
}

std::string checked_sha256(const DatasetInfo& info, std::size_t file, Input& in) {
    const DatasetFile& published = info.files[file];
    const std::string found = in.sha256();
    if (published.sha256.empty() || found == published.sha256 || found == published.another)
        return found;
    in.fail("is not the published file (SHA-256 of its content " + found + "); expected " +
            published.sha256 + (published.another.empty() ? "" : " or " + published.another) +
            "; to get the set: " + info.how_to_get);
}

void check_label(const DatasetInfo& info, const Input& in, const std::string& what, uint64_t index,
                 int64_t label) {
    if (label >= 0 && label < info.classes) return;
    in.fail(what + std::to_string(index) + " (from 0) is " + std::to_string(label) +
            "; expected 0 to " + std::to_string(info.classes - 1));
}

} // namespace mneme::bench
