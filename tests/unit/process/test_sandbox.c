/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sandbox.c - what a confined process can still do, and what it cannot */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/process/sandbox.h"

static gpointer count(gpointer data)
{
	return GINT_TO_POINTER(GPOINTER_TO_INT(data) + 1);
}

/* In the child.  The exit code says which step went wrong. */
static int try_everything(void)
{
	g_autoptr(GError) error = NULL;
	int open_before = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char *const argv[] = {(char *)"/bin/true", NULL};
	g_autofree char *memory = NULL;
	char byte;

	if (!iv_sandbox_enter(&error))
		return 1;
	if (pread(open_before, &byte, 1, 0) != 1)
		return 2;
	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EPERM)
		return 3;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
		return 4;
	if (execv("/bin/true", argv) != -1 || errno != EPERM)
		return 5;
	if (fork() != -1)
		return 6;
	if (kill(getppid(), 0) != -1)
		return 7;
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		 0) != MAP_FAILED)
		return 8;
	memory = g_malloc(64 << 20);
	memset(memory, 1, 64 << 20);
	if (GPOINTER_TO_INT(g_thread_join(g_thread_new("t", count, GINT_TO_POINTER(41)))) != 42)
		return 9;
	if (unlink("/nowhere") != -1 || errno != EPERM)
		return 10;
	return 0;
}

static void test_confined(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(try_everything());
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFEXITED(status));
	g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sandbox/limits", test_confined);
	return g_test_run();
}
