// SPDX-License-Identifier: Apache-2.0
// NVIDIA's management library as far as mneme asks it. MNEME_FAKE_GPUS lists what it shows:
//     GPU-a=4000;GPU-b=0:MIG-c=1000,MIG-d=500
// are a GPU with 4,000 free bytes, and one that is cut into two slices. Where a free memory is -,
// asking for it fails; where a GPU is !, it is lost.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most = 16, longest = 96, not_found = 6 };

struct device {
    char uuid[longest];
    char free[longest];
    int slices[most], count;
};
struct memory {
    unsigned long long total, free, used;
};

static struct device devices[most];
static int gpus[most], gpu_count, device_count;

static int read_device(const char* text, size_t size) {
    struct device* device = &devices[device_count];
    const char* mark = memchr(text, '=', size);
    const size_t name = mark ? (size_t)(mark - text) : size;
    snprintf(device->uuid, longest, "%.*s", (int)name, text);
    if (mark) snprintf(device->free, longest, "%.*s", (int)(size - name - 1), mark + 1);
    return device_count++;
}

int nvmlInit_v2(void) {
    const char* at = getenv("MNEME_FAKE_GPUS");
    if (!at) return 9; // no driver is loaded
    for (; *at; at += *at == ';') {
        size_t size = strcspn(at, ":;");
        const int gpu = gpus[gpu_count++] = read_device(at, size);
        for (at += size; *at && *at != ';'; at += size) {
            size = strcspn(++at, ",;");
            devices[gpu].slices[devices[gpu].count++] = read_device(at, size);
        }
    }
    return 0;
}

int nvmlDeviceGetCount_v2(unsigned* count) {
    *count = (unsigned)gpu_count;
    return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct device** device) {
    if (devices[gpus[index]].uuid[0] == '!') return 15; // it is lost
    *device = &devices[gpus[index]];
    return 0;
}

int nvmlDeviceGetMaxMigDeviceCount(const struct device* device, unsigned* count) {
    *count = device->count > 0 ? 7 : 0;
    return 0;
}

int nvmlDeviceGetMigDeviceHandleByIndex(const struct device* device, unsigned index,
                                        struct device** slice) {
    if (index >= (unsigned)device->count) return not_found;
    *slice = &devices[device->slices[index]];
    return 0;
}

int nvmlDeviceGetUUID(const struct device* device, char* uuid, unsigned size) {
    snprintf(uuid, size, "%s", device->uuid);
    return 0;
}

int nvmlDeviceGetMemoryInfo(const struct device* device, struct memory* memory) {
    if (device->free[0] == '-') return 3; // not supported
    memory->free = strtoull(device->free, NULL, 10);
    return 0;
}
