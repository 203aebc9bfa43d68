// SPDX-License-Identifier: Apache-2.0
// Preloaded: a file system as some network disks are. Locks fail or lie (MNEME_LOCKS=lie: everybody
// gets one), files cannot be without a name, and renaming takes a while.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int flock(int descriptor, int operation) {
    (void)descriptor;
    (void)operation;
    const char* how = getenv("MNEME_LOCKS");
    if (how && strcmp(how, "lie") == 0) return 0;
    errno = ENOLCK;
    return -1;
}

int rename(const char* from, const char* to) {
    int (*real)(const char*, const char*);
    *(void**)&real = dlsym(RTLD_NEXT, "rename"); // as POSIX says how
    usleep(20000);
    return real(from, to);
}

static int open_by(const char* name, const char* path, int flags, mode_t mode) {
    int (*real)(const char*, int, ...);
    *(void**)&real = dlsym(RTLD_NEXT, name);
    if ((flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return real(path, flags, mode);
}

#define OPEN(name)                                \
    int name(const char* path, int flags, ...) {  \
        mode_t mode = 0;                          \
        if (flags & (O_CREAT | O_TMPFILE)) {      \
            va_list rest;                         \
            va_start(rest, flags);                \
            mode = va_arg(rest, mode_t);          \
            va_end(rest);                         \
        }                                         \
        return open_by(#name, path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
