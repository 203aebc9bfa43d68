// SPDX-License-Identifier: Apache-2.0
#include "fetcher/download.hpp"

#include <dlfcn.h>

#include <cstdio>
#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>

#include <base/error.hpp>

namespace mneme::fetcher {

namespace fs = std::filesystem;

// Functions of libcurl by their own types.
struct Downloader::Library {
    void* file;
    decltype(&::curl_global_init) global_init;
    decltype(&::curl_easy_init) init;
    decltype(&::curl_easy_cleanup) cleanup;
    CURLcode (*setopt)(CURL*, CURLoption, ...);
    CURLcode (*getinfo)(CURL*, CURLINFO, ...);
    decltype(&::curl_easy_perform) perform;
    decltype(&::curl_easy_strerror) text;
};

namespace {

using base::ExitCode;

template <class F> void find(void* library, const char* name, F& function) {
    function = reinterpret_cast<F>(::dlsym(library, name));
    if (!function)
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("libcurl.so.4: has no {}; install libcurl 7.85 or newer", name));
}

int tell(void* progress, curl_off_t all, curl_off_t got, curl_off_t, curl_off_t) {
    (*static_cast<const std::function<void(std::int64_t, std::int64_t)>*>(progress))(got, all);
    return 0;
}

} // namespace

Downloader::Downloader() : curl_(nullptr) {
    void* file = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!file)
        throw base::ExitError(
            ExitCode::bad_input,
            "libcurl.so.4 is not here, and without it nothing can be fetched; run `apt install "
            "libcurl4`, or give --from DIR with files that are here already");
    auto library = std::make_unique<Library>();
    library->file = file;
    find(file, "curl_global_init", library->global_init);
    find(file, "curl_easy_init", library->init);
    find(file, "curl_easy_cleanup", library->cleanup);
    find(file, "curl_easy_setopt", library->setopt);
    find(file, "curl_easy_getinfo", library->getinfo);
    find(file, "curl_easy_perform", library->perform);
    find(file, "curl_easy_strerror", library->text);
    library->global_init(CURL_GLOBAL_DEFAULT);
    curl_ = library.release();
}

Downloader::~Downloader() {
    delete curl_;
} // the library stays open: it may have left threads and handlers behind

Downloader::Answer Downloader::get(const std::string& url, const fs::path& to,
                                   std::int64_t patience_s, const Progress& progress) const {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(to.c_str(), "ab"),
                                                              std::fclose);
    if (!out)
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("{}: cannot be written; name a folder that can be written", to.string()));
    const auto begun = curl_off_t(fs::file_size(to));
    const std::unique_ptr<CURL, void (*)(CURL*)> handle(curl_->init(), curl_->cleanup);
    const auto set = [&](CURLoption option, auto value) {
        curl_->setopt(handle.get(), option, value);
    };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, 5L);
    set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_USERAGENT, "mneme/" MNEME_VERSION);
    set(CURLOPT_CONNECTTIMEOUT, long(patience_s));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L); // bytes a second
    set(CURLOPT_LOW_SPEED_TIME, long(patience_s));
    set(CURLOPT_RESUME_FROM_LARGE, begun);
    set(CURLOPT_WRITEDATA, out.get());
    const Progress behind = [&](std::int64_t got, std::int64_t all) {
        progress(begun + got, all > 0 ? begun + all : 0);
    };
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &tell);
    set(CURLOPT_XFERINFODATA, &behind);
    const CURLcode code = curl_->perform(handle.get());
    if (std::fflush(out.get()) != 0 || code == CURLE_WRITE_ERROR)
        throw base::ExitError(
            ExitCode::temporary,
            fmt::format("{}: cannot be written to its end; make room", to.string()));
    if (code == CURLE_OK) return {Ending::whole, ""};
    long status = 0;
    curl_->getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_RANGE_ERROR || status == 416)
        fs::resize_file(to, 0); // it cannot go on from there: from the start, then
    const std::string why = code == CURLE_HTTP_RETURNED_ERROR
                                ? fmt::format("the server answers {}", status)
                                : curl_->text(code);
    return {status >= 400 && status < 500 && status != 408 && status != 416 && status != 429
                ? Ending::not_there
                : Ending::interrupted,
            why};
}

} // namespace mneme::fetcher
