/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * confine.h - what a child process gives up before its work begins, whatever the
 * work is: other processes, the network, what it inherited.
 *
 * Where the kernel allows it, the child has namespaces of its own (namespaces(7)):
 * of processes (it sees and signals none but those it starts, and they die with
 * it), of the network (it has none), of System V IPC, and, for others than root,
 * of users, which is what makes the first three possible.  Where the kernel
 * refuses, it goes on without: sandbox.h does not need them.
 *
 * In any case it holds none of its parent's descriptors but the pipe for its
 * answer, writes nothing to the terminal, gains no rights by starting programs,
 * leaves no core file, cannot be looked into, wipes what its environment calls a
 * secret, and dies with its parent.  The parent cannot be looked into by the child
 * either.
 */
#ifndef IV_PROCESS_CONFINE_H
#define IV_PROCESS_CONFINE_H

#include <sys/types.h>

/* As fork(), with namespaces where they can be had.  Only for a process with one
 * thread, which from now on no other of the same user can trace (PR_SET_DUMPABLE).  In a namespace of processes the child is the first (pid_namespaces(7)):
 * signals that it sends itself do nothing, but what it does wrong still ends it. */
pid_t iv_confine_fork(void);

/* In the child: give up the rest.  `keep` is its pipe. */
void iv_confine_child(int keep);

/* In the child: which namespaces it got: "pid net ipc user", or "none"; static. */
const char *iv_confine_namespaces(void);

#endif
