/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sandbox.c - see sandbox.h.  The only file that knows libseccomp. */
#include "scanner/process/sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "scanner/process/confine.h"
#include "scanner/process/landlock.h"

/* Sanitizers need far more memory than what they watch. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* What is in force, for iv_sandbox_words(). */
static struct {
	bool seccomp, no_capabilities;
	int landlock;
	uint64_t memory; /* asked for; the ceiling itself once entered */
} state;

/* --- seccomp --------------------------------------------------------------------------- */

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
	/* signals of its own; tgkill has a rule of its own */
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	/* clocks and random numbers */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday),
	SCMP_SYS(getrandom), SCMP_SYS(uname),
};

/* What a walk of a folder needs besides. */
static const int allowed_in_folders[] = {
	SCMP_SYS(openat),    SCMP_SYS(newfstatat), SCMP_SYS(fstatfs),	SCMP_SYS(getdents64),
	SCMP_SYS(readlinkat), SCMP_SYS(fcntl),	   SCMP_SYS(flistxattr), SCMP_SYS(llistxattr),
	SCMP_SYS(fgetxattr), SCMP_SYS(lgetxattr),
};

/* A system call that is allowed for some values of one argument. */
typedef struct {
	int call;
	struct scmp_arg_cmp when;
} Some;

static int allow_some(scmp_filter_ctx filter)
{
	const Some some[] = {
		/* no memory that can be executed */
		{SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
		{SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
		/* new threads, never new processes */
		{SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)},
		/* signals for the own threads */
		{SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid())},
		/* names of threads */
		{SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME)},
	};
	int r = 0;

	for (guint i = 0; r == 0 && i < G_N_ELEMENTS(some); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, some[i].call, 1, some[i].when);
	return r;
}

static int allow_all(scmp_filter_ctx filter, const int *calls, guint n)
{
	int r = 0;

	for (guint i = 0; r == 0 && i < n; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return r;
}

static int fill(scmp_filter_ctx filter, bool folder)
{
	int r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

	/* Another ABI's numbers would mean other calls.  Killing one thread only would
	 * leave the rest waiting for it. */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (r == 0)
		r = allow_all(filter, allowed, G_N_ELEMENTS(allowed));
	if (r == 0 && folder)
		r = allow_all(filter, allowed_in_folders, G_N_ELEMENTS(allowed_in_folders));
	if (r == 0)
		r = allow_some(filter);
	/* The flags of clone3() lie in memory, where a filter cannot see them: "not
	 * there" makes the C library use clone(). */
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return r != 0 ? r : seccomp_load(filter);
}

static bool enter_seccomp(bool folder, GError **error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = filter != NULL ? fill(filter, folder) : -ENOMEM;

	if (filter != NULL)
		seccomp_release(filter);
	state.seccomp = r == 0;
	if (r == 0)
		return true;
	return iv_fail(error, IV_ERROR_UNSUPPORTED,
		       "this kernel offers no sandbox for the scanner (seccomp: %s)\n"
		       "--no-sandbox scans without; do that only for images you trust",
		       g_strerror(-r));
}

/* --- what stands behind it --------------------------------------------------------------- */

/* capabilities(7): to read any file, and to do so without a trace in its times; and the
 * attributes that are shown to nobody else (xattr(7), "trusted").  What else that last one
 * allows needs calls that the filter refuses. */
#define TO_READ (1u << CAP_DAC_READ_SEARCH | 1u << CAP_FOWNER | 1u << CAP_SYS_ADMIN)

/* Of the rights that there are, root's own among them, keep these. */
static bool keep_capabilities(uint32_t kept)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (syscall(SYS_capget, &header, sets) != 0)
		return false;
	sets[0].permitted &= kept;
	sets[0].effective = sets[0].permitted;
	sets[0].inheritable = 0;
	sets[1] = (struct __user_cap_data_struct){0};
	return syscall(SYS_capset, &header, sets) == 0;
}

/* Bytes of writable memory (getrlimit(2): RLIMIT_DATA): the sixth number of
 * statm in proc(5), data and stack in pages. */
static uint64_t data_now(void)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) words = NULL;

	if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
		return 0;
	words = g_strsplit(text, " ", -1);
	if (g_strv_length(words) < 6)
		return 0;
	return g_ascii_strtoull(words[5], NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void limit(int what, uint64_t value)
{
	const struct rlimit both = {value, value};

	setrlimit(what, &both);
}

static void limit_resources(void)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_MSGQUEUE, 0);
	limit(RLIMIT_MEMLOCK, 0);
	if (SANITIZED)
		state.memory = 0;
	if (state.memory > 0) {
		state.memory += data_now();
		limit(RLIMIT_DATA, state.memory);
	}
}

void iv_sandbox_memory(uint64_t bytes)
{
	state.memory = bytes;
}

bool iv_sandbox_enter(GError **error)
{
	limit_resources();
	state.landlock = iv_landlock_enter();
	state.no_capabilities = keep_capabilities(0);
	return enter_seccomp(false, error);
}

static const char *text_or_tmp(const char *folder)
{
	return folder != NULL ? folder : "/tmp";
}

bool iv_sandbox_enter_folder(const char *folder, GError **error)
{
	limit_resources();
	state.landlock = iv_landlock_enter_below(folder);
	(void)keep_capabilities(TO_READ);
	return enter_seccomp(true, error);
}

void iv_sandbox_enter_apart(void)
{
	/* Where libguestfs keeps its appliance, its sockets and its overlays (guestfs(3),
	 * "ENVIRONMENT VARIABLES"), and qemu its devices. */
	const char *const writable[] = {
		"/dev",
		"/tmp",
		"/var/tmp",
		g_get_tmp_dir(),
		g_get_user_runtime_dir(),
		text_or_tmp(g_getenv("LIBGUESTFS_TMPDIR")),
		text_or_tmp(g_getenv("LIBGUESTFS_CACHEDIR")),
		NULL,
	};

	state.landlock = iv_landlock_enter_apart(writable);
}

char *iv_sandbox_words(void)
{
	g_autofree char *size = iv_text_size(state.memory);
	GString *words = g_string_new(NULL);

	g_string_append(words, state.seccomp ? "seccomp" : "no seccomp");
	if (state.landlock > 0)
		g_string_append_printf(words, ", Landlock %d", state.landlock);
	g_string_append_printf(words, ", namespaces %s", iv_confine_namespaces());
	if (state.no_capabilities)
		g_string_append(words, ", no capabilities");
	if (state.seccomp && state.memory > 0)
		g_string_append_printf(words, ", at most %s of memory", size);
	return g_string_free(words, FALSE);
}
