/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sandbox.c - what a confined process can still do, and what it cannot: each
 * attempt in a child of its own, as the scanner's */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scanner/base/limits.h"
#include "scanner/process/landlock.h"
#include "scanner/process/sandbox.h"
#include "scanner/process/subprocess.h"

#define X32 0x40000000L

static int self; /* opened before */
static pid_t parent;

/* An attempt: 0 when it was refused as it should be, else anything. */
typedef int (*Attempt)(void);

/* Refused with EPERM. */
static int eperm(long result)
{
	return result == -1 && errno == EPERM ? 0 : 1;
}

/* --- what is refused ------------------------------------------------------------------- */

static int open_file(void)
{
	return eperm(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int open_old(void)
{
	return eperm(syscall(SYS_open, "/etc/passwd", O_RDONLY));
}

static int look_at_path(void)
{
	struct stat st;
	char buf[512];

	return eperm(stat("/etc/passwd", &st)) + eperm(lstat("/etc/passwd", &st)) +
	       eperm(fstatat(self, "", &st, AT_EMPTY_PATH)) +
	       eperm(syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &st, AT_EMPTY_PATH)) +
	       eperm(syscall(SYS_statx, AT_FDCWD, "/etc/passwd", 0, 0, buf)) +
	       eperm(access("/etc/passwd", R_OK)) + eperm(readlink("/proc/self/exe", buf, 8));
}

static int network(void)
{
	int ends[2];

	return eperm(socket(AF_INET, SOCK_STREAM, 0)) + eperm(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

static int run_program(void)
{
	char *const argv[] = {(char *)"/bin/true", NULL};

	return eperm(execv("/bin/true", argv));
}

static int new_process(void)
{
	return eperm(syscall(SYS_fork)) + eperm(syscall(SYS_vfork)) +
	       eperm(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL));
}

static int kill_others(void)
{
	return eperm(kill(parent, 0)) + eperm(kill(1, SIGTERM)) + eperm(kill(-1, 0)) +
	       eperm(syscall(SYS_tgkill, parent, parent, SIGKILL)) +
	       eperm(syscall(SYS_tgkill, getpid() + 1, getpid() + 1, 0)) +
	       eperm(syscall(SYS_tkill, parent, SIGKILL)) +
	       eperm(syscall(SYS_rt_sigqueueinfo, parent, SIGKILL, NULL)) +
	       eperm(syscall(SYS_pidfd_open, parent, 0)) + eperm(syscall(SYS_pidfd_send_signal, 3, 9, 0, 0));
}

static int spy(void)
{
	char byte;
	struct {
		void *at;
		size_t len;
	} here = {&byte, 1};

	return eperm(ptrace(PTRACE_ATTACH, parent, NULL, NULL)) + eperm(ptrace(PTRACE_TRACEME, 0, 0, 0)) +
	       eperm(syscall(SYS_process_vm_readv, parent, &here, 1, &here, 1, 0));
}

static int code_of_its_own(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	void *plain = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return (at != MAP_FAILED) + (plain == MAP_FAILED) +
	       eperm(mprotect(plain, 4096, PROT_READ | PROT_EXEC)) +
	       eperm(syscall(SYS_memfd_create, "x", 0)) + eperm(syscall(SYS_userfaultfd, 0));
}

static int change_itself(void)
{
	static const int options[] = {PR_SET_DUMPABLE, PR_SET_PDEATHSIG, PR_SET_PTRACER, PR_SET_MM,
				      PR_CAPBSET_DROP, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER,
				      PR_SET_NO_NEW_PRIVS};
	int wrong = 0;

	for (guint i = 0; i < G_N_ELEMENTS(options); i++)
		wrong += eperm(prctl(options[i], 1, 0, 0, 0));
	return wrong + (prctl(PR_SET_NAME, "thread") != 0);
}

static int other_doors(void)
{
	struct io_uring_params params = {0};

	return eperm(syscall(SYS_io_uring_setup, 1, &params)) + eperm(syscall(SYS_bpf, 0, NULL, 0)) +
	       eperm(syscall(SYS_unshare, 0)) + eperm(syscall(SYS_setns, 3, 0)) +
	       eperm(syscall(SYS_mount, "", "/", "", 0, NULL)) + eperm(chroot("/")) + eperm(unlink("/x")) +
	       eperm(syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI */, "x")) + eperm(truncate("/x", 0)) +
	       eperm(syscall(SYS_dup, self)) + eperm(syscall(SYS_sendfile, 1, self, NULL, 1)) +
	       eperm(syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0)) +
	       eperm(syscall(SYS_keyctl, 0, 0)) + eperm(setuid(0)) + eperm(syscall(SYS_prlimit64, 0, 0, 0, 0));
}

/* --- what is allowed ----------------------------------------------------------------------- */

static gpointer count(gpointer data)
{
	return GINT_TO_POINTER(GPOINTER_TO_INT(data) + 1);
}

static int work_on(void)
{
	g_autofree char *memory = g_malloc(64 << 20);
	struct stat st;
	char byte;

	memset(memory, 1, 64 << 20);
	return (pread(self, &byte, 1, 0) != 1) + (syscall(SYS_fstat, self, &st) != 0) +
	       (lseek(self, 0, SEEK_END) <= 0) + (getpid() <= 0) +
	       (GPOINTER_TO_INT(g_thread_join(g_thread_new("t", count, GINT_TO_POINTER(41)))) != 42);
}

/* --- what ends it ---------------------------------------------------------------------------- */

static int call_x32(void)
{
	return (int)syscall(X32 | SYS_getpid) + 1;
}

static int call_x32_in_a_thread(void)
{
	g_thread_join(g_thread_new("t", (GThreadFunc)(void *)call_x32, NULL));
	return 1;
}

#ifdef __x86_64__
/* i386: number 20 is getpid() there. */
static int call_i386(void)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
	return (int)result + 1;
}
#endif

#ifndef __SANITIZE_ADDRESS__ /* whose memory has no ceiling */
static int bomb(void)
{
	for (size_t size = 64 << 20;;) {
		char *more = g_malloc(size); /* aborts when there is none */

		memset(more, 1, size);
	}
	return 1;
}
#endif

/* --- running them ------------------------------------------------------------------------------ */

static bool try_confined(void *user, IvAnswer *answer, GError **error)
{
	Attempt attempt = *(Attempt *)user;
	g_autofree char *text = NULL;

	self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	iv_sandbox_memory(IV_CHILD_BYTES / 4);
	if (!iv_sandbox_enter(error))
		return false;
	text = g_strdup_printf("%d", attempt());
	return iv_answer_add(answer, 0, text, strlen(text), error);
}

static char *run(Attempt attempt, GError **error)
{
	IvSubprocess *process = iv_subprocess_start("test", try_confined, &attempt, NULL, error);

	g_assert_no_error(*error);
	iv_subprocess_hurry(process, 20);
	return iv_subprocess_wait_text(process, "test", "it", 16, error);
}

static void test_refused(void)
{
	static const struct {
		const char *name;
		Attempt attempt;
	} rows[] = {
		{"open", open_file},	   {"the old open", open_old}, {"a path", look_at_path},
		{"network", network},	   {"a program", run_program}, {"fork", new_process},
		{"signals", kill_others},  {"spying", spy},	       {"code", code_of_its_own},
		{"prctl", change_itself},  {"others", other_doors},    {"its work", work_on},
	};

	parent = getpid();
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = run(rows[i].attempt, &error);

		if (g_strcmp0(text, "0") != 0)
			g_error("%s: %s", rows[i].name, error != NULL ? error->message : text);
	}
}

static void test_deadly(void)
{
	static const struct {
		const char *name, *words;
		Attempt attempt;
	} rows[] = {
		{"x32", "signal 31", call_x32},
		{"x32 in a thread", "signal 31", call_x32_in_a_thread},
#ifdef __x86_64__
		{"i386", "signal 31", call_i386},
#endif
#ifndef __SANITIZE_ADDRESS__
		{"a memory bomb", "died of signal", bomb},
#endif
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = run(rows[i].attempt, &error);

		if (text != NULL || strstr(error->message, rows[i].words) == NULL)
			g_error("%s: %s", rows[i].name, text != NULL ? text : error->message);
	}
}

/* Landlock alone, as the second lock. */
static bool only_landlock(void *user, IvAnswer *answer, GError **error)
{
	int version = iv_landlock_enter();
	g_autofree char *text = NULL;
	int wrong = 0;

	if (version > 0)
		wrong += open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES;
	text = g_strdup_printf("%d", wrong);
	return iv_answer_add(answer, 0, text, strlen(text), error);
}

static void test_landlock(void)
{
	g_autoptr(GError) error = NULL;
	IvSubprocess *process = iv_subprocess_start("test", only_landlock, NULL, NULL, &error);
	g_autofree char *text = iv_subprocess_wait_text(process, "test", "it", 16, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, "0");
}

/* Who reads a folder: below it, only to read, and nothing else. */
static char *folder;

static bool only_a_folder(void *user, IvAnswer *answer, GError **error)
{
	int here = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), wrong = 0;
	bool locked = iv_landlock_enter_below(folder) > 0;
	g_autofree char *text = NULL;

	if (!iv_sandbox_enter_folder(folder, error))
		return false;
	wrong += openat(here, "inside", O_RDONLY | O_CLOEXEC) < 0 ? 1 : 0;
	wrong += locked && openat(here, "inside", O_RDWR | O_CLOEXEC) >= 0 ? 2 : 0;
	wrong += locked && openat(here, "new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ? 4 : 0;
	wrong += locked && openat(here, "../../etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 ? 8 : 0;
	wrong += locked && open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 ? 16 : 0;
	wrong += (network() + run_program() + new_process() + kill_others() + spy()) > 0 ? 32 : 0;
	wrong += eperm(unlinkat(here, "inside", 0)) + eperm(fchmod(here, 0777)) > 0 ? 64 : 0;
	text = g_strdup_printf("%d", wrong);
	return iv_answer_add(answer, 0, text, strlen(text), error);
}

static void test_folder(void)
{
	g_autofree char *inside = NULL, *text = NULL;
	g_autoptr(GError) error = NULL;
	IvSubprocess *process;

	folder = g_dir_make_tmp("imgvet-folder-XXXXXX", NULL);
	inside = g_build_filename(folder, "inside", NULL);
	g_assert_true(g_file_set_contents(inside, "x", 1, NULL));
	process = iv_subprocess_start("test", only_a_folder, NULL, NULL, &error);
	text = iv_subprocess_wait_text(process, "test", "it", 16, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, "0");
	g_assert_cmpint(unlink(inside), ==, 0);
	g_assert_cmpint(rmdir(folder), ==, 0);
	g_free(folder);
}

static bool say_words(void *user, IvAnswer *answer, GError **error)
{
	g_autofree char *words = NULL;

	if (!iv_sandbox_enter(error))
		return false;
	words = iv_sandbox_words();
	return iv_answer_add(answer, 0, words, strlen(words), error);
}

static void test_words(void)
{
	g_autoptr(GError) error = NULL;
	IvSubprocess *process = iv_subprocess_start("test", say_words, NULL, NULL, &error);
	g_autofree char *text = iv_subprocess_wait_text(process, "test", "it", 256, &error);

	g_assert_no_error(error);
	g_assert_true(g_str_has_prefix(text, "seccomp, "));
	g_assert_nonnull(strstr(text, "no capabilities"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sandbox/refused", test_refused);
	g_test_add_func("/sandbox/deadly", test_deadly);
	g_test_add_func("/sandbox/landlock", test_landlock);
	g_test_add_func("/sandbox/folder", test_folder);
	g_test_add_func("/sandbox/words", test_words);
	return g_test_run();
}
