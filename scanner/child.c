/*
 * child.c - the scan in a process of its own.
 *
 * The child has no keys, and (see confine.h) after opening the image no way to
 * open anything else; it answers through one pipe.  What comes back is as
 * hostile as the image: it is read with a ceiling and checked like any report.
 * A crash of the child is an error of the scan, never of the caller.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/report/json.h"
#include "scanner/scanner.h"

struct IvScanChild {
	pid_t pid;
	int fd;
};

/* The first byte of an answer says what follows. */
enum { ANSWER_REPORT = 'R', ANSWER_ERROR = 'E' };

IvScanProgress *iv_scan_progress_new(void)
{
	void *shared = mmap(NULL, sizeof(IvScanProgress), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return shared != MAP_FAILED ? shared : NULL;
}

void iv_scan_progress_free(IvScanProgress *progress)
{
	if (progress != NULL)
		munmap(progress, sizeof(*progress));
}

static bool write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static bool answer(int fd, char kind, const char *text)
{
	return write_all(fd, &kind, 1) && write_all(fd, text, strlen(text));
}

static bool answer_error(int fd, const GError *error)
{
	int code = error->domain == IV_ERROR ? error->code : IV_ERROR_IO;
	g_autofree char *text = g_strdup_printf("%d %s", code, error->message);

	return answer(fd, ANSWER_ERROR, text);
}

static bool answer_report(int fd, const IvReport *report)
{
	cJSON *json = iv_report_to_json(report);
	g_autofree char *text = iv_report_text(json);
	g_autoptr(GError) error = NULL;

	cJSON_Delete(json);
	if (text != NULL)
		return answer(fd, ANSWER_REPORT, text);
	iv_fail(&error, IV_ERROR_LIMIT, "the report holds what a report cannot hold");
	return answer_error(fd, error);
}

static G_NORETURN void run_child(int fd, const char *image, const IvRuleSet *rules,
				 const IvScanOptions *options)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvReport) report = NULL;
	bool ok;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NAME, "imgvet-scan");
	signal(SIGPIPE, SIG_IGN);
	report = iv_scan(image, rules, options, &error);
	ok = report != NULL ? answer_report(fd, report) : answer_error(fd, error);
	_exit(ok ? 0 : 1);
}

IvScanChild *iv_scan_start(const char *image, const IvRuleSet *rules, const IvScanOptions *options,
			   GError **error)
{
	IvScanChild *child;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		iv_fail_errno(error, "cannot make a pipe");
		return NULL;
	}
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		run_child(ends[1], image, rules, options);
	}
	close(ends[1]);
	if (pid < 0) {
		iv_fail_errno(error, "cannot start a process for the scan");
		close(ends[0]);
		return NULL;
	}
	child = g_new0(IvScanChild, 1);
	child->pid = pid;
	child->fd = ends[0];
	return child;
}

/* Read to the end, or one byte beyond what a report file may have. */
static GString *read_answer(int fd)
{
	GString *text = g_string_new(NULL);
	char buf[65536];
	ssize_t n;

	while (text->len <= IV_MAX_REPORT_BYTES && (n = read(fd, buf, sizeof(buf))) != 0) {
		if (n > 0)
			g_string_append_len(text, buf, n);
		else if (errno != EINTR)
			break;
	}
	return text;
}

static bool ended_well(pid_t pid, const char *image, GError **error)
{
	int status;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (WIFSIGNALED(status))
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "%s: the scan died of signal %d (%s): nothing is known about it\n"
			       "treat the image as hostile, and please report this",
			       image, WTERMSIG(status), g_strsignal(WTERMSIG(status)));
	return iv_fail(error, IV_ERROR_IO, "%s: the scan ended without an answer", image);
}

static IvReport *take_error(const char *text, GError **error)
{
	char *end = NULL;
	gint64 code = g_ascii_strtoll(text, &end, 10);

	if (code < IV_ERROR_USAGE || code > IV_ERROR_REFUSED || *end != ' ')
		iv_fail(error, IV_ERROR_CORRUPT, "the scan gave an answer that is none");
	else
		iv_fail(error, (IvErrorCode)code, "%s", end + 1);
	return NULL;
}

static IvReport *take_report(const char *text, size_t len, GError **error)
{
	cJSON *json = iv_json_parse(text, len, error);
	IvReport *report = json != NULL ? iv_report_from_json(json, error) : NULL;

	cJSON_Delete(json);
	return report;
}

IvReport *iv_scan_wait(IvScanChild *child, const char *image, GError **error)
{
	g_autoptr(GString) text = read_answer(child->fd);
	pid_t pid = child->pid;

	close(child->fd);
	g_free(child);
	if (text->len > IV_MAX_REPORT_BYTES)
		kill(pid, SIGKILL);
	if (!ended_well(pid, image, error))
		return NULL;
	if (text->len > 0 && text->str[0] == ANSWER_REPORT)
		return take_report(text->str + 1, text->len - 1, error);
	return take_error(text->len > 0 ? text->str + 1 : "", error);
}
