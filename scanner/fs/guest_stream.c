/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guest_stream.c - all files of a mounted file system in one tar: see guest.h.  A
 * call per file would cost milliseconds each.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "scanner/fs/guest.h"
#include "scanner/fs/tarstream.h"

typedef struct {
	guestfs_h *g;
	char target[32]; /* /dev/fd/N: the pipe's end for writing */
	int fd;
	bool ok;
	char *fault;
} Sender;

/* Runs in a thread of its own while the pipe is read here. */
static gpointer send_tar(gpointer data)
{
	Sender *sender = data;
	sigset_t pipe_signal;

	/* Error handlers belong to a thread, and the default one prints. */
	guestfs_set_error_handler(sender->g, NULL, NULL);
	/* The reader may leave first; that is an error of the call, not our end. */
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
	sender->ok = guestfs_tar_out_opts(sender->g, "/", sender->target,
					  GUESTFS_TAR_OUT_OPTS_NUMERICOWNER, 1,
					  GUESTFS_TAR_OUT_OPTS_XATTRS, 1, -1) == 0;
	if (!sender->ok)
		sender->fault = g_strdup(guestfs_last_error(sender->g));
	close(sender->fd);
	return NULL;
}

/* Let the sender finish: it stops at the next block, but only if the pipe does
 * not hold it up. */
static void drain(int fd)
{
	uint8_t waste[65536];
	ssize_t n;

	do
		n = read(fd, waste, sizeof(waste));
	while (n > 0 || (n < 0 && errno == EINTR));
}

bool iv_guest_stream(IvGuest *guest, uint64_t max_file, const IvFsSink *sink, void *user,
		     GPtrArray *links, GError **error)
{
	Sender sender = {.g = guest->g};
	g_autofree char *reason = NULL;
	bool whole = false, ok;
	GThread *thread;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return iv_fail_errno(error, "cannot make a pipe to the appliance");
	sender.fd = ends[1];
	g_snprintf(sender.target, sizeof(sender.target), "/dev/fd/%d", ends[1]);
	thread = g_thread_new("guest-tar", send_tar, &sender);
	ok = iv_tar_walk(ends[0], max_file, sink, user, links, &whole, error);
	if (!whole)
		guestfs_user_cancel(guest->g);
	drain(ends[0]);
	g_thread_join(thread);
	close(ends[0]);
	if (ok && (!whole || !sender.ok)) {
		if (sender.fault != NULL)
			sender.fault[strcspn(sender.fault, "\n")] = '\0';
		reason = g_strdup_printf("the appliance did not deliver every file: %s",
					 sender.fault != NULL ? sender.fault
							      : "the stream broke off");
		sink->unread(user, NULL, 0, reason);
	}
	g_free(sender.fault);
	return ok;
}
