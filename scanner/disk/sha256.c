/* sha256.c - which SHA-256 runs, and OpenSSL's; see sha256.h */
#include "scanner/disk/sha256.h"

#include <openssl/evp.h>
#include <string.h>

#include "scanner/base/error.h"

const uint32_t iv_sha256_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

const uint32_t iv_sha256_initial[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* 4096 bytes are 32768 = 0x8000 bits. */
const uint8_t iv_sha256_padding[64] = {[0] = 0x80, [62] = 0x80};
G_STATIC_ASSERT(IV_SHA256_BLOCK == 4096);

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
