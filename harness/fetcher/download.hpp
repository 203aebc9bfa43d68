// SPDX-License-Identifier: Apache-2.0
// Files from the network, by libcurl, which is opened when it is needed: `mneme` starts without it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace mneme::fetcher {

class Downloader final {
  public:
    Downloader(); // throws base::ExitError where libcurl is not to be had
    ~Downloader();
    Downloader(const Downloader&) = delete;
    Downloader& operator=(const Downloader&) = delete;

    enum class Ending { whole, interrupted, not_there };
    struct Answer {
        Ending ending;
        std::string why; // unless whole
    };
    using Progress =
        std::function<void(std::int64_t got, std::int64_t all)>; // all: 0 where it is not known

    // Goes on behind what `to` holds. Gives up when nothing has come for `patience_s`.
    Answer get(const std::string& url, const std::filesystem::path& to, std::int64_t patience_s,
               const Progress&) const;

  private:
    struct Library;
    Library* curl_;
};

} // namespace mneme::fetcher
