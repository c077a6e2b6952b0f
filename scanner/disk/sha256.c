/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sha256.c - which SHA-256 runs, and OpenSSL's; see sha256.h */
#include "scanner/disk/sha256.h"

#include <openssl/evp.h>
#include <string.h>

#include "scanner/base/error.h"

/* --- OpenSSL ---------------------------------------------------------------------- */

static bool always(void)
{
	return true;
}

/* A failure here means that no digest can be trusted, and there is no result
 * that could stand for it: a wrong digest would name another disk. */
static void must(int ok)
{
	if (ok != 1)
		g_error("OpenSSL cannot compute SHA-256");
}

static void hash_openssl(const uint8_t *const blocks[], uint8_t *const out[], size_t n)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	must(context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL));
	for (size_t i = 0; i < n; i++) {
		/* No algorithm: the context keeps the one it has, which is much cheaper. */
		must(EVP_DigestInit_ex(context, NULL, NULL));
		must(EVP_DigestUpdate(context, blocks[i], IV_SHA256_BLOCK));
		must(EVP_DigestFinal_ex(context, out[i], NULL));
	}
	EVP_MD_CTX_free(context);
}

const IvSha256 iv_sha256_openssl = {
	.name = "openssl",
	.force = "openssl",
	.usable = always,
	.hash = hash_openssl,
};

/* --- the choice ------------------------------------------------------------------- */

/* Fastest first: measured on Zen 5, where the first two differ by a tenth. */
static const IvSha256 *const implementations[] = {
#if defined(__x86_64__)
	&iv_sha256_sha_ni,
	&iv_sha256_avx512,
#endif
	&iv_sha256_openssl,
};

const IvSha256 *iv_sha256_choose(GError **error)
{
	const char *force = g_getenv("IMGVET_SHA256");

	for (size_t i = 0; i < G_N_ELEMENTS(implementations); i++) {
		const IvSha256 *it = implementations[i];

		if ((force == NULL || strcmp(force, it->force) == 0) && it->usable())
			return it;
	}
	iv_fail(error, IV_ERROR_USAGE,
		"IMGVET_SHA256=%s: there is no such SHA-256 on this processor\n"
		"openssl always works; without the variable the fastest one is taken",
		force);
	return NULL;
}
