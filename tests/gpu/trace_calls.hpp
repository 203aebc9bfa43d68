// SPDX-License-Identifier: Apache-2.0
// Calls of the host that the trace (trace.cpp) looks at. No CUDA here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mneme::trace {

// What a call of the host does: plays a graph, gives other work to the device, waits for it, asks
// whether it is done, or may wait.
enum class Role : std::uint8_t { graph, work, wait, query, may_wait };

// By the name of a function of CUDA's runtime or driver; none: the trace does not look at it.
inline std::optional<Role> role_of(std::string_view name) {
    name = name.substr(0, name.find('_')); // the rest tells versions of one function apart
    if (name.starts_with("cuda")) name.remove_prefix(4);
    else if (name.starts_with("cu")) name.remove_prefix(2);
    else return {};
    const auto is = [name](auto... names) { return ((name == names) || ...); };
    if (is("GraphLaunch")) return Role::graph;
    if (name.starts_with("Launch") || name.starts_with("Memset")) return Role::work;
    if (name.starts_with("Memcpy")) return name.ends_with("Async") ? Role::work : Role::wait;
    if (is("StreamSynchronize", "DeviceSynchronize", "ThreadSynchronize", "CtxSynchronize",
           "EventSynchronize"))
        return Role::wait;
    if (is("Free", "FreeHost", "MemFree", "MemFreeHost"))
        return Role::wait; // they wait for all that may still use the memory
    if (is("EventQuery", "StreamQuery")) return Role::query;
    if (is("Malloc", "MallocHost", "HostAlloc", "MemAlloc", "MemAllocHost", "MemHostAlloc"))
        return Role::may_wait;
    return {};
}

struct Call {
    std::uint64_t start = 0, end = 0; // ns, as all times here
    std::uint32_t id = 0, thread = 0;
    std::uint32_t name = 0;
    Role role = Role::work;
    bool runtime = false; // of CUDA's runtime, not of its driver
    bool pageable = false;
};

struct Calls {
    std::vector<Call> all; // in the order of their starts
    std::unordered_map<std::uint32_t, std::size_t>
        by_id; // ids of calls that were counted as part of another one lead to that one

    Call* find(std::uint32_t id) {
        const auto at = by_id.find(id);
        return at == by_id.end() ? nullptr : &all[at->second];
    }
};

// CUPTI has records of waits, too, without a name. Those that no call explains are waits inside
// functions that the trace does not look at; records of calls that only ask (a query of an event)
// are no waits.
inline std::vector<Call> unexplained(std::vector<Call>& calls, std::vector<Call> waits) {
    const auto earlier = [](const Call& a, const Call& b) { return a.start < b.start; };
    std::sort(calls.begin(), calls.end(), earlier);
    std::sort(waits.begin(), waits.end(), earlier);
    const auto explains = [](const Call& call) {
        return call.role == Role::wait || call.role == Role::query;
    };
    std::unordered_set<std::uint32_t> ids;
    for (const Call& call : calls)
        if (explains(call)) ids.insert(call.id);
    std::vector<Call> out;
    std::uint64_t explained = 0; // the latest end of a call that began before the wait
    auto next = calls.begin();
    for (Call& wait : waits) {
        for (; next != calls.end() && next->start <= wait.start; ++next)
            if (explains(*next)) explained = std::max(explained, next->end);
        if (wait.end <= explained || ids.contains(wait.id)) continue;
        wait.thread =
            ~static_cast<std::uint32_t>(out.size()); // each on its own: it lies within no call
        out.push_back(wait);
    }
    return out;
}

// A function of the runtime calls one of the driver, and both are on record: the outer one is kept.
// An inner call stays where its role is another one: a launch that waits is a launch and a wait.
inline Calls without_doubles(std::vector<Call> calls) {
    std::sort(calls.begin(), calls.end(), [](const Call& a, const Call& b) {
        if (a.start != b.start) return a.start < b.start;
        return a.end != b.end ? a.end > b.end : a.runtime > b.runtime;
    });
    Calls kept;
    std::unordered_map<std::uint32_t, std::size_t> outer; // of each thread
    for (const Call& call : calls) {
        const auto around = outer.find(call.thread);
        const bool nested = around != outer.end() && call.end <= kept.all[around->second].end;
        if (nested && kept.all[around->second].role == call.role) {
            kept.by_id.emplace(call.id, around->second);
            continue;
        }
        if (!nested) outer[call.thread] = kept.all.size();
        kept.by_id.emplace(call.id, kept.all.size());
        kept.all.push_back(call);
    }
    return kept;
}

} // namespace mneme::trace
