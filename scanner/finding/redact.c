/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redact.c - see redact.h */
#include "scanner/finding/redact.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>
#include <sys/random.h>

#include "scanner/base/text.h"

/* A shorter secret shows no prefix: too little would be left to guess. */
#define SHORTEST_WITH_PREFIX 16
#define LONGEST_PREFIX	     8
/* The longest armour line that is shown: "-----BEGIN " + label + "-----". */
#define LONGEST_ARMOUR 64
#define MASK	       "************"

/* Words that end the label of a well-known armour (RFC 7468, RFC 4880, RFC
 * 4716).  A made-up label might itself be the secret, so others stay hidden. */
static const char *const armour_ends[] = {
	" KEY", " KEY BLOCK", " CERTIFICATE", " MESSAGE", " PARAMETERS",
};

static bool well_known_label(const char *label, size_t len)
{
	for (size_t i = 0; i < G_N_ELEMENTS(armour_ends); i++) {
		size_t end = strlen(armour_ends[i]);

		if (len >= end && memcmp(label + len - end, armour_ends[i], end) == 0)
			return true;
	}
	return false;
}

/* Length of a leading armour line ("-----BEGIN EC PRIVATE KEY-----", or with
 * four dashes and blanks as RFC 4716 has it), or 0. */
static size_t armour_length(const char *s, size_t len)
{
	size_t dashes = 0, blank, label, end, close;

	while (dashes < len && dashes < 6 && s[dashes] == '-')
		dashes++;
	if (dashes != 4 && dashes != 5)
		return 0;
	blank = dashes == 4 ? 1 : 0; /* between the dashes and the words */
	if (len < dashes + blank + 6 || (blank && s[dashes] != ' ') ||
	    memcmp(s + dashes + blank, "BEGIN ", 6) != 0)
		return 0;
	/* The label keeps its leading blank, which the table's words begin with. */
	label = end = dashes + blank + 5;
	while (end < len && end < LONGEST_ARMOUR &&
	       (g_ascii_isupper(s[end]) || g_ascii_isdigit(s[end]) || s[end] == ' '))
		end++;
	if (end - label < blank + 1 || !well_known_label(s + label, end - label - blank))
		return 0;
	close = end;
	while (close < len && close - end < dashes && s[close] == '-')
		close++;
	return close - end == dashes ? close : 0;
}

/* How many first bytes may be seen: what the format fixes, never more than a
 * quarter, and only letters and punctuation. */
static size_t visible_letters(const char *secret, uint64_t len, size_t prefix_len)
{
	size_t limit = (size_t)MIN(MIN(prefix_len, len / 4), LONGEST_PREFIX), n = 0;

	if (len < SHORTEST_WITH_PREFIX)
		return 0;
	while (n < limit && (g_ascii_isalpha(secret[n]) || g_ascii_ispunct(secret[n])))
		n++;
	return n;
}

static size_t visible_prefix(const uint8_t *secret, size_t len, size_t prefix_len)
{
	return memchr(secret, '\n', len) == NULL
		       ? visible_letters((const char *)secret, len, prefix_len)
		       : 0;
}

char *iv_redact(const uint8_t *secret, size_t len, size_t prefix_len)
{
	size_t armour, prefix;

	if (len == 0)
		return g_strdup("");
	armour = armour_length((const char *)secret, len);
	if (armour > 0)
		return g_strdup_printf("%.*s (%zu)", (int)armour, (const char *)secret, len);
	prefix = visible_prefix(secret, len, prefix_len);
	return g_strdup_printf("%.*s" MASK " (%zu)", (int)prefix, (const char *)secret, len);
}

static bool begins_with_fixed(const char *text, size_t prefix, const char *const *fixed)
{
	if (prefix == 0)
		return true;
	for (guint i = 0; fixed != NULL && fixed[i] != NULL; i++)
		if (strlen(fixed[i]) >= prefix && g_ascii_strncasecmp(text, fixed[i], prefix) == 0)
			return true;
	return false;
}

bool iv_redacted_fits(const char *text, uint64_t len, const char *const *fixed)
{
	g_autofree char *end = g_strdup_printf(" (%" G_GUINT64_FORMAT ")", len);
	size_t shown, mask = strlen(MASK);

	if (len == 0)
		return *text == '\0';
	if (!g_str_has_suffix(text, end))
		return false;
	shown = strlen(text) - strlen(end);
	if (shown <= len && armour_length(text, shown) == shown)
		return true;
	if (shown < mask || memcmp(text + shown - mask, MASK, mask) != 0)
		return false;
	shown -= mask;
	return visible_letters(text, len, shown) == shown && begins_with_fixed(text, shown, fixed);
}

/* A library that cannot hash leaves nothing sensible to do: like a failed
 * allocation it ends the program, which is never a pass. */
static void must(bool ok, const char *what)
{
	if (!ok)
		g_error("OpenSSL cannot %s", what);
}

/* Fetched once and kept: a fetch may read OpenSSL's configuration, which a
 * sandboxed process cannot. */
static EVP_MAC *hmac(void)
{
	static gsize once;
	static EVP_MAC *mac;

	if (g_once_init_enter(&once)) {
		mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
		must(mac != NULL, "compute an HMAC");
		g_once_init_leave(&once, 1);
	}
	return mac;
}

char *iv_fingerprint(const uint8_t salt[IV_SALT_BYTES], const char *rule, const char *path,
		     const uint8_t *secret, size_t len)
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(hmac());
	char sha256[] = "SHA256";
	OSSL_PARAM params[] = {OSSL_PARAM_utf8_string("digest", sha256, sizeof(sha256) - 1),
			       OSSL_PARAM_END};
	uint8_t mac[EVP_MAX_MD_SIZE];
	size_t mac_len = 0;
	char *text;

	must(ctx != NULL && EVP_MAC_init(ctx, salt, IV_SALT_BYTES, params) &&
		     EVP_MAC_update(ctx, (const uint8_t *)rule, strlen(rule) + 1) &&
		     EVP_MAC_update(ctx, (const uint8_t *)path, strlen(path) + 1) &&
		     (len == 0 || EVP_MAC_update(ctx, secret, len)) &&
		     EVP_MAC_final(ctx, mac, &mac_len, sizeof(mac)) && mac_len == 32,
	     "compute an HMAC");
	EVP_MAC_CTX_free(ctx);
	text = iv_text_hex(mac, 16);
	OPENSSL_cleanse(mac, sizeof(mac));
	return text;
}

char *iv_salt_id(const uint8_t salt[IV_SALT_BYTES])
{
	static const char domain[] = "imgvet salt";
	uint8_t input[sizeof(domain) - 1 + IV_SALT_BYTES], hash[EVP_MAX_MD_SIZE];

	(void)hmac(); /* so that a later sandbox finds it ready */
	memcpy(input, domain, sizeof(domain) - 1);
	memcpy(input + sizeof(domain) - 1, salt, IV_SALT_BYTES);
	must(EVP_Digest(input, sizeof(input), hash, NULL, EVP_sha256(), NULL), "compute a digest");
	OPENSSL_cleanse(input, sizeof(input));
	return iv_text_hex(hash, 8);
}

void iv_salt_new(uint8_t salt[IV_SALT_BYTES])
{
	if (getentropy(salt, IV_SALT_BYTES) != 0)
		g_error("the system has no random bytes to give");
}
