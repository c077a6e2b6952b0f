/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_trust.c - any bytes as a role's trust policy.
 *
 * Whom it is read to let in must be accounts, each of which the document spells
 * out with "@ecs.aliyuncs.com" behind it; whatever is not an object that allows
 * something is unclear or lets nobody in.
 */
#include <stdint.h>
#include <string.h>

#include "share/alibaba/ecs/images.h"
#include "share/alibaba/call/ids.h"
#include "share/alibaba/preflight/ram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The document says so in letters, unless it escapes them. */
static void check_account(const char *document, const char *account)
{
	g_autofree char *service = g_strconcat(account, "@" IV_RAM_ECS, NULL);

	g_assert_true(iv_alibaba_account_ok(account));
	g_assert_true(strstr(document, service) != NULL || strchr(document, '\\') != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *document = g_strndup((const char *)data, size);
	g_autoptr(IvTrust) trust = iv_ram_read_trust(document);
	GHashTableIter each;
	gpointer account;

	g_assert_nonnull(trust->accounts);
	g_hash_table_iter_init(&each, trust->accounts);
	while (g_hash_table_iter_next(&each, &account, NULL))
		check_account(document, account);
	if (trust->unclear == NULL && g_hash_table_size(trust->accounts) > 0)
		g_assert_nonnull(strchr(document, '{'));
	return 0;
}
