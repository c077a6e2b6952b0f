/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sandbox.c - see sandbox.h.  The only file that knows libseccomp. */
#include "scanner/process/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>

#include "scanner/base/error.h"

/* What a search of open descriptors needs, by purpose. */
static const int allowed[] = {
	/* the image and the pipe to the parent */
	SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(readv), SCMP_SYS(lseek),
	SCMP_SYS(fstat), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(fadvise64),
	/* memory; mmap and mprotect have rules of their own */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* threads */
	SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(gettid), SCMP_SYS(getpid), SCMP_SYS(exit),
	SCMP_SYS(exit_group), SCMP_SYS(restart_syscall), SCMP_SYS(membarrier),
	/* signals of its own */
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack), SCMP_SYS(tgkill),
	/* clocks and random numbers */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday),
	SCMP_SYS(getrandom), SCMP_SYS(uname), SCMP_SYS(prctl),
};

static int allow_memory(scmp_filter_ctx filter, int call)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* fstat() of the C library is newfstatat() with an empty path.  (With a path it
 * would tell sizes and dates of other files, never their content.) */
static int allow_fstat(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
				SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH));
}

/* New threads, never new processes.  The flags of clone3() lie in memory, where
 * a filter cannot see them: "not there" makes the C library use clone(). */
static int allow_threads(scmp_filter_ctx filter)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				 SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));

	return r != 0 ? r : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int fill(scmp_filter_ctx filter)
{
	int r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

	for (guint i = 0; r == 0 && i < G_N_ELEMENTS(allowed); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (r == 0)
		r = allow_fstat(filter);
	if (r == 0)
		r = allow_memory(filter, SCMP_SYS(mmap));
	if (r == 0)
		r = allow_memory(filter, SCMP_SYS(mprotect));
	if (r == 0)
		r = allow_threads(filter);
	return r != 0 ? r : seccomp_load(filter);
}

bool iv_sandbox_enter(GError **error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = filter != NULL ? fill(filter) : -ENOMEM;

	if (filter != NULL)
		seccomp_release(filter);
	if (r == 0)
		return true;
	return iv_fail(error, IV_ERROR_UNSUPPORTED,
		       "this kernel offers no sandbox for the scanner (seccomp: %s)\n"
		       "--no-sandbox scans without; do that only for images you trust",
		       g_strerror(-r));
}
