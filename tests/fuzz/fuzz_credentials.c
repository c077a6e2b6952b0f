/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_credentials.c - any bytes as the aliyun tool's profiles and as the SDKs'
 * credentials file.  A provider or a reason comes of it, never both or neither
 * where something was asked for by name; fixed credentials are such as can go
 * into a header line.
 */
#include <stdint.h>
#include <string.h>

#include "share/alibaba/credentials/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_word(const char *word)
{
	for (; word != NULL && *word != '\0'; word++)
		g_assert_true(g_ascii_isgraph(*word));
}

static void check(IvCredentialProvider *provider, const GError *error)
{
	g_assert_true(provider == NULL || error == NULL);
	for (const IvCredentialProvider *r = provider; r != NULL; r = r->base) {
		g_assert_nonnull(r->origin);
		g_assert_true(r->kind != IV_PROVIDER_FIXED || r->fixed != NULL);
		if (r->fixed == NULL)
			continue;
		check_word(r->fixed->key_id);
		check_word(r->fixed->secret);
		check_word(r->fixed->token);
	}
	iv_provider_free(provider);
}

/* As share/alibaba/credentials/provider.c gives a file's text: a NUL behind it, all of it wiped afterwards. */
static char *copy_of(const uint8_t *data, size_t size)
{
	char *text = g_malloc0(size + 2);

	memcpy(text, data, size);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) named = NULL, current = NULL, section = NULL;
	g_autofree char *ini = copy_of(data, size);
	IvCredentialProvider *provider = iv_provider_profile_read(copy_of(data, size), size, "p", &named);

	g_assert_true(provider != NULL || named != NULL);
	check(provider, named);
	provider = iv_provider_profile_read(copy_of(data, size), size, NULL, &current);
	g_assert_true(provider != NULL || current != NULL);
	check(provider, current);
	check(iv_provider_file_read(ini, "default", "FILE", &section), section);
	return 0;
}
