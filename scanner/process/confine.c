/* SPDX-License-Identifier: GPL-3.0-or-later */
/* confine.c - see confine.h */
#include "scanner/process/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scanner/base/write.h"

/* --- namespaces ---------------------------------------------------------------------- */

#define APART (CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC)

/* Root needs no namespace of users, and would lose its right to open what others
 * own; everybody else needs one. */
static const struct {
	unsigned long flags;
	const char *words;
} ways[] = {
	{APART, "pid net ipc"},
	{APART | CLONE_NEWUSER, "pid net ipc user"},
};

/* ThreadSanitizer must see every fork(). */
#ifdef __SANITIZE_THREAD__
#define ONLY_FORK true
#else
#define ONLY_FORK false
#endif

static const char *namespaces = "none";

const char *iv_confine_namespaces(void)
{
	return namespaces;
}

static void write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* Without a map the child is "nobody" to itself, and to the kernel who it was. */
	iv_ignore(iv_write_all(fd, text, strlen(text)));
	close(fd);
}

/* In its namespace the user is who they were (user_namespaces(7)). */
static void map_user(uid_t uid, gid_t gid)
{
	g_autofree char *users = g_strdup_printf("%u %u 1", uid, uid);
	g_autofree char *groups = g_strdup_printf("%u %u 1", gid, gid);

	/* The files belong to root where the process cannot be looked into (proc(5)). */
	prctl(PR_SET_DUMPABLE, 1);
	write_map("/proc/self/setgroups", "deny");
	write_map("/proc/self/uid_map", users);
	write_map("/proc/self/gid_map", groups);
}

pid_t iv_confine_fork(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	uid_t uid = geteuid();
	gid_t gid = getegid();

	for (guint i = 0; !ONLY_FORK && i < G_N_ELEMENTS(ways); i++) {
		/* With no stack and no shared memory this is fork() with flags: clone(2). */
		pid_t pid = (pid_t)syscall(SYS_clone, ways[i].flags | SIGCHLD, NULL, NULL, NULL, NULL);

		if (pid == 0) {
			namespaces = ways[i].words;
			if ((ways[i].flags & CLONE_NEWUSER) != 0)
				map_user(uid, gid);
		}
		if (pid >= 0)
			return pid;
	}
	return fork();
}

/* --- what was inherited ----------------------------------------------------------------- */

/* Variables that hold secrets, by parts of their names. */
static const char *const secret_names[] = {"SECRET", "TOKEN", "PASSWORD", "ACCESS_KEY", "CREDENTIAL"};

/* The environment is memory too, and nothing that is done here needs them. */
static void wipe_environment(void)
{
	for (char **variable = environ; variable != NULL && *variable != NULL; variable++) {
		char *value = strchr(*variable, '=');

		for (guint i = 0; value != NULL && i < G_N_ELEMENTS(secret_names); i++) {
			g_autofree char *name = g_strndup(*variable, (gsize)(value - *variable));

			if (strstr(name, secret_names[i]) != NULL)
				memset(value + 1, '\0', strlen(value + 1));
		}
	}
}

static void close_range_of(unsigned from, unsigned to)
{
	long most;

	if (from > to || syscall(SYS_close_range, from, to, 0) == 0)
		return;
	/* A kernel before 5.9. */
	most = sysconf(_SC_OPEN_MAX);
	for (unsigned fd = from; fd <= to && (long)fd < most; fd++)
		close((int)fd);
}

/* What is printed from here would reach a reader of the results, or steer their
 * terminal.  Sanitizers and libguestfs's own debugging may speak. */
static void silence(void)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool debugging = g_getenv("LIBGUESTFS_DEBUG") != NULL;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	debugging = true;
#endif
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0 ||
	    (!debugging && dup2(nothing, STDERR_FILENO) < 0))
		_exit(1);
	if (nothing > STDERR_FILENO)
		close(nothing);
}

void iv_confine_child(int keep)
{
	const struct rlimit none = {0, 0};

	/* No controlling terminal to type into; what that would have stopped ends with its
	 * parent. */
	(void)setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
	silence();
	close_range_of(STDERR_FILENO + 1, (unsigned)keep - 1);
	close_range_of((unsigned)keep + 1, G_MAXUINT);
	wipe_environment();
}
