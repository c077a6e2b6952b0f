/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * engine.h - bytes and a path in, matches out.
 *
 * One IvMatcher per thread, one IvRuleSet for all.  Per item: begin(), then
 * block() for each block in ascending order, then end().  The engine has never
 * heard of disks.
 *
 * Blocks: data[0, size) are consecutive bytes of the item that begin at offset
 * `base`.  The block owns [own_from, own_to) (item offsets); what lies outside
 * is context.  A match is reported by the one block that owns its first byte,
 * so overlapping context never reports twice, and where the seams fall does not
 * change what is found: the caller gives IV_BLOCK_BEFORE bytes of context
 * before and IV_BLOCK_AFTER after, unless the item begins or ends there.
 */
#ifndef IV_ENGINE_ENGINE_H
#define IV_ENGINE_ENGINE_H

#include "scanner/base/error.h"
#include "scanner/engine/rule.h"

typedef struct IvMatcher IvMatcher;

typedef struct {
	const uint8_t *data;
	size_t size;
	uint64_t base;	   /* item offset of data[0] */
	uint64_t own_from; /* item offsets; base <= own_from <= own_to <= base + size */
	uint64_t own_to;
} IvBlock;

typedef struct {
	const IvRule *rule;
	/* Item offsets.  The whole match, and the secret in it (the group named
	 * TOKEN/secret, else group 1, else the whole).  All 0 for a rule that is a
	 * path alone. */
	uint64_t start, end;
	uint64_t secret_start, secret_end;
	/* The secret's bytes: borrowed, valid only inside the callback.  NULL for a
	 * path alone. */
	const uint8_t *secret;
	double entropy; /* of the secret, bits per byte */
	const char *note; /* what a check adds ("passphrase-protected"), static, or NULL */
	IvSeverity severity; /* the rule's, unless a check lowered or raised it */
	uint64_t kinds;	     /* for names of these kinds (names.h); 1 where the item has one path */
} IvMatch;

typedef struct {
	void (*match)(void *user, const IvMatch *match);
	/* [off, off+len) of the item was not searched completely: a flood of
	 * anchors, a pattern that hit its match limit.  `rule` may be NULL. */
	void (*unsearched)(void *user, uint64_t off, uint64_t len, const IvRule *rule,
			   const char *reason);
} IvMatchSink;

/* Scratch memory for one thread.  The set must outlive it. */
IV_MUST_CHECK
IvMatcher *iv_matcher_new(const IvRuleSet *set, GError **error);
void iv_matcher_free(IvMatcher *matcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvMatcher, iv_matcher_free)

/* A new item.  path may be NULL (free space, gaps): then no path rule applies.
 * Reports the rules that are a path alone; of an empty item with severity info. */
void iv_matcher_begin(IvMatcher *matcher, const char *path, uint64_t size, const IvMatchSink *sink,
		      void *user);
void iv_matcher_block(IvMatcher *matcher, const IvBlock *block);
void iv_matcher_end(IvMatcher *matcher);

#endif
