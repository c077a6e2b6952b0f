/* SPDX-License-Identifier: GPL-3.0-or-later */
/* subprocess.c - see subprocess.h */
#include "scanner/process/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/process/confine.h"
#include "scanner/process/watch.h"

/* Seconds from the end of the pipe to the end of the process. */
#define LAST_SECONDS 30u

struct IvSubprocess {
	pid_t pid;
	int fd;
	IvWatch watch;
	gint64 answer_us; /* what is left for the answer, from its first byte on */
};

/* --- in the child ------------------------------------------------------------------ */

static G_NORETURN void run_child(int fd, const char *name, IvSubprocessWork work, void *user)
{
	g_autoptr(IvAnswer) answer = iv_answer_new(fd);
	g_autoptr(GError) error = NULL;
	bool ok;

	prctl(PR_SET_NAME, name);
	signal(SIGPIPE, SIG_IGN);
	iv_confine_child(fd);
	ok = work(user, answer, &error) && iv_answer_end(answer, &error);
	if (!ok)
		ok = iv_answer_fail(answer, error);
	_exit(ok ? 0 : 1);
}

IvSubprocess *iv_subprocess_start(const char *name, IvSubprocessWork work, void *user,
				  const IvScanProgress *progress, GError **error)
{
	IvSubprocess *process;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		iv_fail_errno(error, "cannot make a pipe");
		return NULL;
	}
	pid = iv_confine_fork();
	if (pid == 0)
		run_child(ends[1], name, work, user);
	close(ends[1]);
	if (pid < 0) {
		iv_fail_errno(error, "cannot start a process");
		close(ends[0]);
		return NULL;
	}
	process = g_new0(IvSubprocess, 1);
	process->pid = pid;
	process->fd = ends[0];
	process->watch = (IvWatch){pid, progress, IV_PATIENCE_SECONDS * 1000 / IV_WATCH_MS};
	process->answer_us = IV_ANSWER_SECONDS * G_USEC_PER_SEC;
	return process;
}

/* --- in the parent ----------------------------------------------------------------- */

void iv_subprocess_hurry(IvSubprocess *process, unsigned seconds)
{
	process->watch.patience = MAX(1, seconds * 1000 / IV_WATCH_MS);
	process->answer_us = seconds * G_USEC_PER_SEC;
}

/* Wait for bytes or the end of the pipe, as long as the child lives and moves. */
static bool wait_for_more(IvSubprocess *process, GError **error)
{
	struct pollfd pipe_end = {.fd = process->fd, .events = POLLIN};
	int n;

	while ((n = poll(&pipe_end, 1, IV_WATCH_MS)) <= 0) {
		if (n < 0 && errno != EINTR)
			return iv_fail_errno(error, "its pipe cannot be read");
		if (n == 0 && !iv_watch_look(&process->watch))
			return iv_fail(error, IV_ERROR_CORRUPT,
				       "it neither works nor answers, and was ended");
	}
	return true;
}

/* What an answer takes, piece by piece: a parent that was stopped meanwhile counts
 * no more than one look. */
static bool in_time(IvSubprocess *process, gint64 since, GError **error)
{
	process->answer_us -= MIN(g_get_monotonic_time() - since, IV_WATCH_MS * 1000);
	return process->answer_us > 0 ||
	       iv_fail(error, IV_ERROR_CORRUPT, "its answer comes too slowly");
}

static bool read_answer(IvSubprocess *process, IvAnswerReader *reader, GError **error)
{
	uint8_t buf[32768];
	bool began = false;

	for (;;) {
		gint64 since = g_get_monotonic_time();
		ssize_t n;

		if (!wait_for_more(process, error))
			return false;
		n = read(process->fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 || iv_fail_errno(error, "its pipe cannot be read");
		iv_watch_heard(&process->watch);
		if (!iv_answer_feed(reader, buf, (size_t)n, error) ||
		    (began && !in_time(process, since, error)))
			return false;
		began = true;
	}
}

/* Reap the child.  One that does not end by itself is helped. */
static int end_child(pid_t pid, bool at_once)
{
	gint64 until = g_get_monotonic_time() + LAST_SECONDS * G_USEC_PER_SEC;
	int status = -1;
	pid_t r;

	while (!at_once && (r = waitpid(pid, &status, WNOHANG)) <= 0) {
		if (r < 0 && errno != EINTR)
			return -1;
		g_usleep(2000);
		at_once = g_get_monotonic_time() > until;
	}
	if (!at_once)
		return status;
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

static bool ended_well(int status, const char *noun, const char *subject, GError **error)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (WIFSIGNALED(status))
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "%s: the %s died of signal %d (%s): nothing is known about it\n"
			       "treat it as hostile, and please report this",
			       subject, noun, WTERMSIG(status), g_strsignal(WTERMSIG(status)));
	return iv_fail(error, IV_ERROR_IO, "%s: the %s ended without an answer", subject, noun);
}

/* Whatever the reason, nothing of such an answer is kept. */
bool iv_subprocess_refuse(const GError *why, const char *noun, const char *subject, GError **error)
{
	return iv_fail(error, IV_ERROR_CORRUPT,
		       "%s: the process of the %s was not believed: %s\n"
		       "nothing is known about it; treat it as hostile, and please report this",
		       subject, noun, why->message);
}

bool iv_subprocess_wait(IvSubprocess *process, const char *noun, const char *subject,
			IvAnswerTake take, void *user, GError **error)
{
	g_autoptr(IvAnswerReader) reader = iv_answer_reader_new(take, user);
	g_autoptr(GError) why = NULL;
	bool taken = read_answer(process, reader, &why);
	int status;

	close(process->fd);
	status = end_child(process->pid, !taken);
	g_free(process);
	if (!taken)
		return iv_subprocess_refuse(why, noun, subject, error);
	return ended_well(status, noun, subject, error) && iv_answer_close(reader, error);
}

/* --- one text ------------------------------------------------------------------------ */

typedef struct {
	size_t most;
	char *text;
} Text;

static bool take_text(void *user, uint8_t kind, const uint8_t *bytes, size_t len, GError **error)
{
	Text *text = user;

	if (kind != 0 || text->text != NULL || len > text->most || memchr(bytes, 0, len) != NULL ||
	    !g_utf8_validate_len((const char *)bytes, len, NULL))
		return iv_fail(error, IV_ERROR_CORRUPT, "it is not the one text that was asked for");
	text->text = g_strndup((const char *)bytes, len);
	return true;
}

char *iv_subprocess_wait_text(IvSubprocess *process, const char *noun, const char *subject,
			      size_t most, GError **error)
{
	Text text = {.most = most};

	if (!iv_subprocess_wait(process, noun, subject, take_text, &text, error))
		g_clear_pointer(&text.text, g_free);
	else if (text.text == NULL)
		iv_fail(error, IV_ERROR_IO, "%s: the %s ended without an answer", subject, noun);
	return text.text;
}
