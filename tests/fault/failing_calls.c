/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * failing_calls.c - to be preloaded: the nth system call of a process tree fails.
 *
 *   FAIL_CALL=N     the Nth of the calls below fails, once, counted over all threads and
 *                   over the processes that fork from the first
 *   FAIL_ERRNO=E    with this errno (default EIO)
 *   FAIL_COUNT=FILE   write there how many there were, when the first process ends
 *
 * The calls are those that a full or broken disk makes fail: reading, writing, syncing and
 * opening files, renaming and mapping them.  Those on stdin, stdout and stderr do not count.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* In memory that forked processes share. */
static struct {
	long count, nth;
	int error;
	pid_t first;
} *plan;

static void __attribute__((constructor)) begin(void)
{
	const char *nth = getenv("FAIL_CALL"), *error = getenv("FAIL_ERRNO");

	plan = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (plan == MAP_FAILED)
		abort();
	plan->nth = nth != NULL ? strtol(nth, NULL, 10) : 0;
	plan->error = error != NULL ? (int)strtol(error, NULL, 10) : EIO;
	plan->first = getpid();
	/* A program that this one starts is counted for itself, and is none of ours. */
	unsetenv("LD_PRELOAD");
}

static void __attribute__((destructor)) end(void)
{
	const char *path = getenv("FAIL_COUNT");
	FILE *file;

	if (path == NULL || plan == NULL || getpid() != plan->first)
		return;
	file = fopen(path, "w");
	if (file == NULL)
		return;
	(void)fprintf(file, "%ld\n", plan->count);
	(void)fclose(file);
}

/* Is it this call's turn to fail? */
static int fails(void)
{
	if (plan == NULL || __atomic_add_fetch(&plan->count, 1, __ATOMIC_SEQ_CST) != plan->nth)
		return 0;
	errno = plan->error;
	return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FILE_CALL(result, name, parameters, arguments, fd)                                         \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		return (fd) > 2 && fails() ? -1 : REAL(name) arguments;                            \
	}

FILE_CALL(ssize_t, read, (int fd, void *buf, size_t n), (fd, buf, n), fd)
FILE_CALL(ssize_t, pread, (int fd, void *buf, size_t n, off_t at), (fd, buf, n, at), fd)
FILE_CALL(ssize_t, pread64, (int fd, void *buf, size_t n, off64_t at), (fd, buf, n, at), fd)
FILE_CALL(ssize_t, write, (int fd, const void *buf, size_t n), (fd, buf, n), fd)
FILE_CALL(ssize_t, pwrite, (int fd, const void *buf, size_t n, off_t at), (fd, buf, n, at), fd)
FILE_CALL(ssize_t, pwrite64, (int fd, const void *buf, size_t n, off64_t at), (fd, buf, n, at), fd)
FILE_CALL(int, fsync, (int fd), (fd), fd)
FILE_CALL(int, fdatasync, (int fd), (fd), fd)
FILE_CALL(int, ftruncate, (int fd, off_t size), (fd, size), fd)
FILE_CALL(int, ftruncate64, (int fd, off64_t size), (fd, size), fd)
FILE_CALL(off_t, lseek, (int fd, off_t at, int whence), (fd, at, whence), fd)
FILE_CALL(off64_t, lseek64, (int fd, off64_t at, int whence), (fd, at, whence), fd)
FILE_CALL(int, rename, (const char *from, const char *to), (from, to), 3)

void *mmap64(void *at, size_t size, int protection, int flags, int fd, off64_t offset)
{
	return fd > 2 && fails() ? MAP_FAILED
				 : REAL(mmap64)(at, size, protection, flags, fd, offset);
}

/* What open() and openat() become where the compiler checks their flags. */
int __openat64_2(int at, const char *path, int flags);
int __openat64_2(int at, const char *path, int flags)
{
	return fails() ? -1 : REAL(__openat64_2)(at, path, flags);
}

#define OPEN_CALL(name, first, given)                                                              \
	int name first;                                                                            \
	int name first                                                                             \
	{                                                                                          \
		mode_t mode = 0;                                                                   \
		va_list more;                                                                      \
                                                                                                   \
		va_start(more, flags);                                                             \
		if ((flags & (O_CREAT | __O_TMPFILE)) != 0)                                        \
			mode = va_arg(more, mode_t);                                               \
		va_end(more);                                                                      \
		return fails() ? -1 : REAL(name) given;                                            \
	}

OPEN_CALL(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN_CALL(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN_CALL(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode))
OPEN_CALL(openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode))
