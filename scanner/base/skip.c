/* SPDX-License-Identifier: GPL-3.0-or-later */
/* skip.c - see skip.h: the table of reasons */
#include "scanner/base/skip.h"

#include <glib.h>
#include <stdatomic.h>
#include <string.h>

static const IvSkipKind kinds[IV_SKIP_COUNT] = {
	[IV_SKIP_UNREAD] = {"unread", "a place could not be read, or a ceiling was reached",
			    IV_ACCOUNT_UNREAD},
	[IV_SKIP_NOT_OPENED] = {"not-opened",
				"packed, encrypted or encoded: searched as stored bytes, not opened",
				IV_ACCOUNT_STORED},

	[IV_SKIP_LINK_SAME_BYTES] = {"link-same-bytes",
				     "a further name of a file: no rule judges it in another way",
				     IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_LINK_ATTRIBUTE] = {"link-attribute",
				    "an attribute of a file with several names: searched under the "
				    "first",
				    IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_MET_AGAIN] = {"met-again",
			       "a file or folder that was met before: searched where it was met "
			       "first",
			       IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_OWNED] = {"owned", "a file's bytes are no free space: searched in the file",
			   IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_NOT_CONTENT] = {"not-content",
				 "blocks of a file that it never wrote, or behind its end: searched "
				 "as free space or metadata",
				 IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_INTERNAL] = {"internal",
			      "the file system's own inode (journal, quota): searched as metadata",
			      IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_UNUSED] = {"unused",
			    "an empty row of a table (inodes, names, partitions): searched as bytes "
			    "of the table",
			    IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_RAW_VOLUME] = {"raw-volume",
				"no files belong here (gap, swap, boot code, zeros): searched as raw "
				"bytes",
				IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_SAME_CLAIM] = {"same-claim",
				"a file system that begins there has its volume already, or a magic "
				"number stands in bytes that are searched as they lie",
				IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_SEAM] = {"seam", "a match at a block's edge: the block where it begins reports it",
			  IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_OUTRANKED] = {"outranked", "a rule that knows more speaks for these bytes",
			       IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_TWIN] = {"twin", "another rule speaks for the very same bytes",
			  IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_KNOWN_SECRET] = {"known-secret",
				  "a raw pass over the volume: the secret is reported in its file",
				  IV_ACCOUNT_ELSEWHERE},

	[IV_SKIP_HOLE] = {"hole", "the image says that nothing is stored there, so it reads as zeros",
			  IV_ACCOUNT_EMPTY},
	[IV_SKIP_ZERO_SLACK] = {"zero-slack", "the bytes behind a file's end are zeros",
				IV_ACCOUNT_EMPTY},
	[IV_SKIP_OLD_TABLE] = {"old-table", "a container's old table of places, no other bytes",
			       IV_ACCOUNT_EMPTY},
	[IV_SKIP_SPECIAL_FILE] = {"special-file", "a device, socket or fifo has no bytes of its own",
				  IV_ACCOUNT_EMPTY},
	[IV_SKIP_KERNEL_VIEW] = {"kernel-view",
				 "a mounted view of the kernel (proc, sys): nothing of it is on a disk",
				 IV_ACCOUNT_EMPTY},

	[IV_SKIP_WEAK_CLAIM] = {"weak-claim",
				"a signature that no kernel mounts by, beside one that it does: the "
				"bytes are the other's",
				IV_ACCOUNT_JUDGED},
	[IV_SKIP_HELPER_RULE] = {"helper-rule", "the rule only helps others, and reports nothing",
				 IV_ACCOUNT_JUDGED},
	[IV_SKIP_OTHER_PATH] = {"other-path", "the rule is about other paths", IV_ACCOUNT_JUDGED},
	[IV_SKIP_NOT_PATH] = {"not-path", "the path is one where the rule says nothing",
			      IV_ACCOUNT_JUDGED},
	[IV_SKIP_EMPTY_MATCH] = {"empty-match", "the pattern matched no bytes", IV_ACCOUNT_JUDGED},
	[IV_SKIP_ENTROPY] = {"entropy", "the text is too regular to be a secret", IV_ACCOUNT_JUDGED},
	[IV_SKIP_ALLOWED] = {"allowed", "the rule's allow list says that this is no secret",
			     IV_ACCOUNT_JUDGED},
	[IV_SKIP_CHECK] = {"check", "the rule's check (sum, form) says that this is no secret",
			   IV_ACCOUNT_JUDGED},
};

static atomic_uint_least64_t counters[IV_SKIP_COUNT];

void iv_skip(IvSkip reason, uint64_t count)
{
	g_return_if_fail((unsigned)reason < IV_SKIP_COUNT);
	atomic_fetch_add_explicit(&counters[reason], count, memory_order_relaxed);
}

const IvSkipKind *iv_skip_kind(IvSkip reason)
{
	return &kinds[reason];
}

const IvSkipKind *iv_skip_find(const char *id)
{
	for (unsigned i = 0; i < IV_SKIP_COUNT; i++)
		if (strcmp(kinds[i].id, id) == 0)
			return &kinds[i];
	return NULL;
}

uint64_t iv_skip_counted(IvSkip reason)
{
	return atomic_load_explicit(&counters[reason], memory_order_relaxed);
}

const char *iv_skip_account_name(IvSkipAccount account)
{
	static const char *const names[] = {
		[IV_ACCOUNT_UNREAD] = "unread",
		[IV_ACCOUNT_STORED] = "stored",
		[IV_ACCOUNT_ELSEWHERE] = "elsewhere",
		[IV_ACCOUNT_EMPTY] = "empty",
		[IV_ACCOUNT_JUDGED] = "judged",
	};

	return names[account];
}

const char *iv_skip_account_words(IvSkipAccount account)
{
	static const char *const words[] = {
		[IV_ACCOUNT_UNREAD] = "not looked at",
		[IV_ACCOUNT_STORED] = "searched as stored",
		[IV_ACCOUNT_ELSEWHERE] = "searched elsewhere",
		[IV_ACCOUNT_EMPTY] = "nothing there",
		[IV_ACCOUNT_JUDGED] = "looked at, no secret",
	};

	return words[account];
}

void iv_skips_reset(void)
{
	for (unsigned i = 0; i < IV_SKIP_COUNT; i++)
		atomic_store_explicit(&counters[i], 0, memory_order_relaxed);
}
