/* SPDX-License-Identifier: GPL-3.0-or-later */
/* landlock.c - see landlock.h */
#include "scanner/process/landlock.h"

#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
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

/* struct landlock_path_beneath_attr, and its number for landlock_add_rule(2). */
typedef struct {
	uint64_t allowed;
	int32_t folder;
} __attribute__((packed)) Below;
#define RULE_BELOW 1
#define MAY_READ   (UINT64_C(1) << 2 | UINT64_C(1) << 3) /* files, and folders */
/* Running a program, reading, and talking to devices. */
#define NO_WRITING (UINT64_C(1) << 0 | MAY_READ | UINT64_C(1) << 15)

static int version_now(void)
{
	return (int)MAX(0, syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION));
}

/* The rules of the running version, of files the rights in the mask; -1 when there
 * are none.  *files: which of these it knows. */
static int make_rules(int version, uint64_t mask, uint64_t *files)
{
	for (guint i = 0; i < G_N_ELEMENTS(versions); i++) {
		Ruleset rules = versions[i].rules;

		if (versions[i].since > version)
			continue;
		rules.files &= mask;
		*files = rules.files;
		return (int)syscall(SYS_landlock_create_ruleset, &rules, versions[i].size, 0);
	}
	return -1;
}

/* Takes the rules. */
static int enter(int rules, int version)
{
	bool held = rules >= 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		    syscall(SYS_landlock_restrict_self, rules, 0) == 0;

	if (rules >= 0)
		close(rules);
	return held ? version : 0;
}

static void allow_below(int rules, const char *folder, uint64_t rights)
{
	Below below = {rights, open(folder, O_PATH | O_CLOEXEC)};

	/* A folder that is not there is the reader's to report. */
	if (below.folder < 0)
		return;
	if (rules >= 0)
		(void)syscall(SYS_landlock_add_rule, rules, RULE_BELOW, &below, 0);
	close(below.folder);
}

int iv_landlock_enter(void)
{
	int version = version_now();
	uint64_t files;

	return enter(make_rules(version, UINT64_MAX, &files), version);
}

int iv_landlock_enter_below(const char *folder)
{
	int version = version_now();
	uint64_t files;
	int rules = make_rules(version, UINT64_MAX, &files);

	allow_below(rules, folder, MAY_READ);
	return enter(rules, version);
}

int iv_landlock_enter_apart(const char *const *writable)
{
	int version = version_now();
	/* The first version cannot allow a file to move between folders. */
	uint64_t files, mask = version > 1 ? ~NO_WRITING : 0;
	int rules = make_rules(version, mask, &files);

	for (guint i = 0; files != 0 && writable[i] != NULL; i++)
		allow_below(rules, writable[i], files);
	return enter(rules, version);
}
