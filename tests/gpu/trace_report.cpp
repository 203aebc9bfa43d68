// SPDX-License-Identifier: Apache-2.0
#include "trace_report.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <tuple>

#include <cupti.h>
#include <cxxabi.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

namespace mneme::trace {
namespace {

using Json = nlohmann::ordered_json;

static_assert(pageable == CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE);

constexpr std::size_t top_kernels = 40, top_stretches = 20, top_graphs = 20;

std::string readable(const std::string& name) {
    int status = 0;
    char* plain = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
    const std::string out = status == 0 && plain ? plain : name;
    std::free(plain);
    return out;
}

const char* way_of(std::uint8_t way) {
    switch (way) {
        case CUPTI_ACTIVITY_MEMCPY_KIND_HTOD: return "HtoD";
        case CUPTI_ACTIVITY_MEMCPY_KIND_DTOH: return "DtoH";
        case CUPTI_ACTIVITY_MEMCPY_KIND_DTOD: return "DtoD";
        case CUPTI_ACTIVITY_MEMCPY_KIND_HTOH: return "HtoH";
        default: return "other";
    }
}

std::uint64_t over(std::uint64_t sum, std::uint64_t count) {
    return count ? (sum + count / 2) / count : 0;
}

struct Sum {
    std::uint64_t count = 0, ns = 0, longest = 0;
    void add(std::uint64_t more) { ++count, ns += more, longest = std::max(longest, more); }
};

// The first `most` of a list in the order of `key`, largest first.
template <class T, class Key> void cut(std::vector<T>& list, std::size_t most, Key&& key) {
    std::sort(list.begin(), list.end(), [&](const T& a, const T& b) { return key(a) > key(b); });
    if (list.size() > most)
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
}

Json report_device(const std::vector<Work>& works) {
    Busy busy;
    Sum kernels, fills;
    std::map<std::tuple<std::string, bool, bool>, Sum>
        copies; // the way, whether memory of the host is pageable, whether the host waits
    for (const Work& work : works) {
        busy.add(work.start, work.end);
        if (work.kind == Kind::kernel) kernels.add(work.ns());
        else if (work.kind == Kind::fill) fills.add(work.ns());
        else
            copies[{way_of(work.way), work.from == pageable || work.to == pageable,
                    work.kind == Kind::copy}]
                .add(work.ns());
    }
    Json copied = Json::array();
    for (const auto& [key, sum] : copies) {
        const auto& [way, from_pageable, sync] = key;
        copied.push_back({{"way", way},
                          {"pageable", from_pageable},
                          {"sync", sync},
                          {"count", sum.count},
                          {"ns", sum.ns}});
    }
    return {{"kernels", kernels.count}, {"kernel_ns", kernels.ns},
            {"copies", copied},         {"fills", {{"count", fills.count}, {"ns", fills.ns}}},
            {"busy_ns", busy.ns},       {"span_ns", busy.span()}};
}

Json report_kernels(const Names& names, const std::vector<Work>& works) {
    struct Row {
        std::uint32_t name = 0;
        std::uint64_t ns = 0;
        std::vector<std::uint64_t> each;
    };
    std::vector<Row> rows(names.size());
    for (const Work& work : works) {
        if (work.kind != Kind::kernel) continue;
        Row& row = rows[work.name];
        row.name = work.name;
        row.ns += work.ns();
        row.each.push_back(work.ns());
    }
    cut(rows, top_kernels, [](const Row& row) { return row.ns; });
    Json out = Json::array();
    for (Row& row : rows) {
        if (row.each.empty()) continue; // the name of a function of the host
        const auto middle = row.each.begin() + static_cast<std::ptrdiff_t>(row.each.size() / 2);
        std::nth_element(row.each.begin(), middle, row.each.end());
        out.push_back({{"name", readable(names.text(row.name))},
                       {"count", row.each.size()},
                       {"ns", row.ns},
                       {"median_ns", *middle}});
    }
    return out;
}

Json report_graphs(const Calls& calls, const std::vector<Work>& works) {
    struct Row {
        std::uint32_t graph = 0;
        std::uint64_t launches = 0, kernels = 0, kernel_ns = 0;
    };
    Row all;
    for (const Call& call : calls.all) all.launches += call.role == Role::graph;
    std::vector<Row> rows;
    for (const auto& [number, graph] : graphs(works)) {
        all.kernels += graph.kernels;
        all.kernel_ns += graph.kernel_ns;
        rows.push_back({number, graph.launches.size(), graph.kernels, graph.kernel_ns});
    }
    const std::size_t count = rows.size();
    cut(rows, top_graphs, [](const Row& row) { return row.kernel_ns; });
    Json each = Json::array();
    for (const Row& row : rows)
        each.push_back({{"graph", row.graph},
                        {"launches", row.launches},
                        {"kernels", row.kernels},
                        {"kernels_per_launch", over(row.kernels, row.launches)},
                        {"kernel_ns_per_launch", over(row.kernel_ns, row.launches)}});
    return {{"launches", all.launches},
            {"kernels", all.kernels},
            {"kernels_per_launch", over(all.kernels, all.launches)},
            {"kernel_ns_per_launch", over(all.kernel_ns, all.launches)},
            {"graphs", count},
            {"most_used", each}};
}

std::string name_of(const Names& names, const Call& call) {
    const std::string& name = names.text(call.name);
    if (!call.pageable) return name;
    return name + (call.role == Role::wait ? " to pageable memory" : " from pageable memory");
}

Json report_calls(const Names& names, const Calls& calls) {
    std::map<Role, std::map<std::string, Sum>> sums;
    for (const Call& call : calls.all)
        sums[call.role][name_of(names, call)].add(call.end - call.start);
    const auto list = [&](Role role) {
        Json out = Json::array();
        for (const auto& [name, sum] : sums[role])
            out.push_back({{"name", name},
                           {"count", sum.count},
                           {"ns", sum.ns},
                           {"longest_ns", sum.longest}});
        return out;
    };
    return {{"waits", list(Role::wait)},
            {"may_wait", list(Role::may_wait)},
            {"queries", list(Role::query)},
            {"graph_launches", list(Role::graph)},
            {"other_work", list(Role::work)}};
}

Json report_stretches(const Names& names, Calls& calls, const std::vector<Work>& works) {
    auto all = stretches(calls, works);
    const std::size_t count = all.size();
    cut(all, top_stretches, [](const Stretch& stretch) {
        return std::pair(stretch.launches, stretch.end - stretch.start);
    });
    Json longest = Json::array();
    for (const Stretch& stretch : all)
        longest.push_back(
            {{"graph_launches", stretch.launches},
             {"start_ns", stretch.start},
             {"wall_ns", stretch.end - stretch.start},
             {"host_ns", stretch.wait - stretch.start},
             {"kernels", stretch.kernels},
             {"kernel_ns", stretch.kernel_ns},
             {"busy_ns", stretch.busy.ns},
             {"span_ns", stretch.busy.span()},
             {"kernel_ns_per_launch", over(stretch.kernel_ns, stretch.launches)},
             {"busy_ns_per_launch", over(stretch.busy.ns, stretch.launches)},
             {"closed_by", stretch.closed ? name_of(names, *stretch.closed) : "the end"}});
    return {{"count", count}, {"longest", longest}};
}

std::string command_line() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    std::replace(text.begin(), text.end(), '\0', ' ');
    return text;
}

Json report(Found& found) {
    std::sort(found.works.begin(), found.works.end());
    const auto more = unexplained(found.calls, std::move(found.waits));
    found.calls.insert(found.calls.end(), more.begin(), more.end());
    Calls calls = without_doubles(std::move(found.calls));
    mark_pageable(calls, found.works);
    std::uint64_t unasked = 0;
    for (const Work& work : found.works) unasked += calls.find(work.call) == nullptr;
    return {{"note",
             "A traced run takes longer than one without a trace: wall times are this run's. Times "
             "of kernels are the device's own."},
            {"process", getpid()},
            {"command", command_line()},
            {"cupti", {{"built_for", CUPTI_API_VERSION}, {"found", found.cupti}}},
            {"errors", found.errors},
            {"dropped", found.dropped},
            {"untimed", found.untimed},
            {"cut_buffers", found.lost},
            {"work_of_no_known_call", unasked},
            {"device", report_device(found.works)},
            {"kernels", report_kernels(found.names, found.works)},
            {"graphs", report_graphs(calls, found.works)},
            {"host", report_calls(found.names, calls)},
            {"stretches", report_stretches(found.names, calls, found.works)}};
}

} // namespace

bool write_report(Found& found, const std::string& path) {
    std::ofstream file(path);
    file << report(found).dump(1, ' ', false, Json::error_handler_t::replace) << '\n';
    return bool(file.flush());
}

} // namespace mneme::trace
