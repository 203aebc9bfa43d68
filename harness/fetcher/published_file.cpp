// SPDX-License-Identifier: Apache-2.0
#include "fetcher/published_file.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include <base/sha256.hpp>
#include <benchmarks/fetch.hpp>

namespace mneme::fetcher {

std::string file_name(const std::string& path) {
    return std::filesystem::path(path).filename().string();
}

std::vector<PublishedFile> published_files(const bench::DatasetInfo& info,
                                           const std::vector<std::string>& mirrors) {
    std::vector<PublishedFile> all;
    for (const auto& source : info.sources) {
        const auto known = std::find_if(
            all.begin(), all.end(), [&](const PublishedFile& w) { return w.path == source.path; });
        if (known != all.end()) known->urls.push_back(source.url);
        else all.push_back({source.path, {source.url}, source.unpack, source.md5});
    }
    for (auto& one : all) {
        if (mirrors.empty()) continue;
        one.urls.clear();
        for (const auto& mirror : mirrors)
            one.urls.push_back(mirror + (mirror.ends_with('/') ? "" : "/") + file_name(one.path));
    }
    return all;
}

std::string objection(const bench::DatasetInfo& info, const std::filesystem::path& file,
                      const PublishedFile& wanted) {
    const std::string name = file_name(wanted.path);
    if (const std::string found = wanted.md5.empty() ? "" : base::file_md5(file);
        found != wanted.md5)
        return fmt::format("is not the published file (MD5 {}); expected {}", found, wanted.md5);
    for (const auto& published : info.files) {
        if (published.sha256.empty() || (name != published.name && name != published.name + ".gz"))
            continue;
        std::string found;
        try {
            found = bench::payload_sha256(file, bench::most_unpacked_bytes(info));
        } catch (const std::runtime_error&) {
            return fmt::format("is not a whole file; expected SHA-256 {} of its content",
                               published.sha256);
        }
        if (found != published.sha256 && found != published.another)
            return fmt::format("is not the published file (SHA-256 of its content {}); expected {}",
                               found, published.sha256);
    }
    return "";
}

} // namespace mneme::fetcher
