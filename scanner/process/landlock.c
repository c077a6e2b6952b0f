/* SPDX-License-Identifier: GPL-3.0-or-later */
/* landlock.c - see landlock.h */
#include "scanner/process/landlock.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self  446
#endif

/* struct landlock_ruleset_attr as it is since version 6; older kernels know the
 * beginning of it. */
typedef struct {
	uint64_t files, ports, scopes;
} Ruleset;

#define ASK_VERSION 1u /* LANDLOCK_CREATE_RULESET_VERSION */
#define BITS(n)	    ((UINT64_C(1) << (n)) - 1)

/* What each version brought: how much of the structure, and how many rights. */
static const struct {
	int since;
	size_t size;
	Ruleset rules;
} versions[] = {
	{6, sizeof(Ruleset), {BITS(16), BITS(2), BITS(2)}},
	{5, offsetof(Ruleset, scopes), {BITS(16), BITS(2), 0}},
	{4, offsetof(Ruleset, scopes), {BITS(15), BITS(2), 0}},
	{3, offsetof(Ruleset, ports), {BITS(15), 0, 0}},
	{2, offsetof(Ruleset, ports), {BITS(14), 0, 0}},
	{1, offsetof(Ruleset, ports), {BITS(13), 0, 0}},
};

int iv_landlock_enter(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	long rules = -1;
	bool held;

	for (guint i = 0; i < G_N_ELEMENTS(versions) && rules < 0; i++)
		if (versions[i].since <= version)
			rules = syscall(SYS_landlock_create_ruleset, &versions[i].rules,
					versions[i].size, 0);
	if (rules < 0)
		return 0;
	held = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_landlock_restrict_self, (int)rules, 0) == 0;
	close((int)rules);
	return held ? (int)version : 0;
}
