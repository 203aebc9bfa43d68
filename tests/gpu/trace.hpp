// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the trace (trace.cpp): what the device did, and what lies between two waits of
// the host. No CUDA here.
#pragma once

#include "trace_calls.hpp"

namespace mneme::trace {

enum class Kind : std::uint8_t { kernel, copy, copy_async, fill };

constexpr std::uint8_t pageable = 1; // as CUPTI numbers kinds of memory

struct Work {
    std::uint64_t start = 0, end = 0;
    std::uint32_t call = 0;  // the id of the call that asked for it
    std::uint32_t graph = 0; // 0: not out of a graph
    std::uint32_t name = 0;  // of a kernel
    Kind kind = Kind::kernel;
    std::uint8_t way = 0, from = 0, to = 0; // of a copy, as CUPTI numbers them

    std::uint64_t ns() const { return end - start; }
    bool operator<(const Work& other) const { return start < other.start; }
};

// The length of a union of intervals, which come in the order of their starts.
struct Busy {
    std::uint64_t ns = 0, first = 0, last = 0;

    void add(std::uint64_t start, std::uint64_t end) {
        if (last == 0) first = last = start;
        if (end > last) ns += end - std::max(start, last), last = end;
    }
    std::uint64_t span() const { return last - first; }
};

// A copy to memory of the host that is not pinned waits, also where its call says that it does not;
// one from there may.
inline void mark_pageable(Calls& calls, const std::vector<Work>& works) {
    for (const Work& work : works) {
        if (work.kind != Kind::copy_async || (work.from != pageable && work.to != pageable))
            continue;
        Call* call = calls.find(work.call);
        if (!call || call->role != Role::work) continue;
        call->pageable = true;
        call->role = work.to == pageable ? Role::wait : Role::may_wait;
    }
}

// What lies between two waits.
struct Stretch {
    std::uint64_t start = 0, wait = 0, end = 0; // the last wait's end; then the beginning and the
                                                // end of the wait that closes this stretch
    const Call* closed = nullptr;               // null: the program ended
    std::uint64_t launches = 0, kernels = 0, kernel_ns = 0;
    Busy busy; // of all work that was asked for in this stretch, whenever it ran
};

// The works come in the order of their starts.
inline std::vector<Stretch> stretches(Calls& calls, const std::vector<Work>& works) {
    std::vector<Stretch> out(1);
    std::vector<std::uint64_t>
        waits; // where they begin; waits of several threads that overlap are one
    std::uint64_t end = 0;
    if (!calls.all.empty()) out[0].start = calls.all[0].start;
    for (const Call& call : calls.all) {
        end = std::max(end, call.end);
        if (call.role != Role::wait) continue;
        if (!waits.empty() && call.start < out.back().start) {
            out.back().start = out[out.size() - 2].end = std::max(out.back().start, call.end);
            continue;
        }
        waits.push_back(call.start);
        out.back().wait = call.start;
        out.back().end = call.end;
        out.back().closed = &call;
        out.emplace_back().start = call.end;
    }
    out.back().wait = out.back().end = std::max(end, out.back().start);
    // A wait that is itself a copy belongs to the stretch that it closes.
    const auto at = [&](std::uint64_t time) -> Stretch& {
        return out[std::lower_bound(waits.begin(), waits.end(), time) - waits.begin()];
    };
    for (const Call& call : calls.all)
        if (call.role == Role::graph) ++at(call.start).launches;
    for (const Work& work : works) {
        const Call* call = calls.find(work.call);
        Stretch& stretch = at(call ? call->start : work.start);
        stretch.busy.add(work.start, work.end);
        if (work.kind != Kind::kernel) continue;
        ++stretch.kernels;
        stretch.kernel_ns += work.ns();
    }
    return out;
}

struct Graph {
    std::unordered_set<std::uint32_t> launches;
    std::uint64_t kernels = 0, kernel_ns = 0;
};

// By the number of the graph.
inline std::unordered_map<std::uint32_t, Graph> graphs(const std::vector<Work>& works) {
    std::unordered_map<std::uint32_t, Graph> out;
    for (const Work& work : works) {
        if (work.graph == 0) continue;
        Graph& graph = out[work.graph];
        graph.launches.insert(work.call);
        if (work.kind != Kind::kernel) continue;
        ++graph.kernels;
        graph.kernel_ns += work.ns();
    }
    return out;
}

} // namespace mneme::trace
