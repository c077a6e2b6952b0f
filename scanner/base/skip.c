/* SPDX-License-Identifier: GPL-3.0-or-later */
/* skip.c - see skip.h: the table of reasons */
#include "scanner/base/skip.h"

#include <glib.h>
#include <stdatomic.h>

static const IvSkipKind kinds[IV_SKIP_COUNT] = {
	[IV_SKIP_HOLE] = {"hole", "the image says that nothing is stored there, so it reads as zeros",
			  IV_ACCOUNT_EMPTY},
	[IV_SKIP_ZERO_SLACK] = {"zero-slack", "the bytes behind a file's end are zeros",
				IV_ACCOUNT_EMPTY},
	[IV_SKIP_LINK_SAME_BYTES] = {"link-same-bytes",
				     "a further name of a file: no rule judges it in another way",
				     IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_NOT_PATH] = {"not-path", "the path is one where the rule says nothing",
			      IV_ACCOUNT_JUDGED},
	[IV_SKIP_ALLOWED] = {"allowed", "the rule's allow list says that this is no secret",
			     IV_ACCOUNT_JUDGED},
	[IV_SKIP_ENTROPY] = {"entropy", "the text is too regular to be a secret", IV_ACCOUNT_JUDGED},
	[IV_SKIP_CHECK] = {"check", "the rule's check (sum, form) says that this is no secret",
			   IV_ACCOUNT_JUDGED},
	[IV_SKIP_TWIN] = {"twin", "another rule speaks for the very same bytes",
			  IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_KNOWN_SECRET] = {"known-secret",
				  "a raw pass over the volume: the secret is reported in its file",
				  IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_SAME_CLAIM] = {"same-claim",
				"a file system that begins there has its volume already, or a magic "
				"number stands in bytes that are searched as they lie",
				IV_ACCOUNT_ELSEWHERE},
	[IV_SKIP_UNREAD] = {"unread", "a place that could not be read, or a ceiling was reached",
			    IV_ACCOUNT_UNREAD},
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

uint64_t iv_skip_counted(IvSkip reason)
{
	return atomic_load_explicit(&counters[reason], memory_order_relaxed);
}

const char *iv_skip_account_words(IvSkipAccount account)
{
	static const char *const words[] = {
		[IV_ACCOUNT_UNREAD] = "not looked at",
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
