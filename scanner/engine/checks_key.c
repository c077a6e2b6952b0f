/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * checks_key.c - checks that decode: private keys in armour, JSON web tokens.
 *
 * A key's bytes are copied here to be decoded; every copy is wiped.
 * Formats: RFC 7468 and RFC 1421 (armour), OpenSSH's PROTOCOL.key, RFC 7519 (JWT).
 */
#include "scanner/engine/checks.h"

#include <string.h>

#include "scanner/base/cjson.h"
#include "scanner/base/cursor.h"

/* Base64 characters of a key: the shortest real one, Ed25519 in PKCS#8, has 64
 * (of 48 bytes).  An excerpt with dots must have as many as a whole P-256 key. */
#define MIN_BODY 60u
#define MIN_EXCERPT 184u
#define MAX_JWT_PART (16u << 10)

typedef struct {
	uint8_t *data;
	size_t len;
} Bytes;

static void wipe(Bytes *bytes)
{
	if (bytes->data != NULL)
		explicit_bzero(bytes->data, bytes->len);
	g_clear_pointer(&bytes->data, g_free);
}

static int base64_value(uint8_t c)
{
	if (g_ascii_isupper(c))
		return c - 'A';
	if (g_ascii_islower(c))
		return c - 'a' + 26;
	if (g_ascii_isdigit(c))
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* Decode base64 or base64url; white space and quotes between the lines, and
 * "\n" spelled out (a key inside JSON), are skipped.  False: not base64. */
static bool decode(const uint8_t *text, size_t len, Bytes *out)
{
	uint32_t bits = 0;
	unsigned have = 0;
	bool ended = false;

	out->data = g_malloc(len + 1);
	out->len = 0;
	for (size_t i = 0; i < len; i++) {
		int value = base64_value(text[i]);

		if (text[i] == '\\' && i + 1 < len && strchr("nrt", text[i + 1]) != NULL) {
			i++;
			continue;
		}
		if (g_ascii_isspace(text[i]) || strchr("\"',+\\#*|>", text[i]) != NULL) {
			if (text[i] != '+')
				continue;
		}
		if (text[i] == '=') {
			ended = true;
			continue;
		}
		if (value < 0 || ended)
			return false;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out->data[out->len++] = (uint8_t)(bits >> have);
		}
	}
	return true;
}

/* --- private keys ----------------------------------------------------------------- */

typedef struct {
	const uint8_t *label, *body;
	size_t label_len, body_len;
} Armour;

/* The armour's end may be missing: a key cut off behind its body is a key. */
static bool find_armour(const uint8_t *text, size_t len, Armour *armour)
{
	const uint8_t *begin = memmem(text, len, "-----BEGIN ", 11), *dashes, *end;
	const uint8_t *stop = text + len;

	if (begin == NULL)
		return false;
	begin += 11;
	dashes = memmem(begin, (size_t)(stop - begin), "-----", 5);
	if (dashes == NULL || dashes - begin > 64)
		return false;
	end = memmem(dashes + 5, (size_t)(stop - dashes) - 5, "-----END", 8);
	if (end == NULL)
		end = stop;
	*armour = (Armour){.label = begin,
			   .label_len = (size_t)(dashes - begin),
			   .body = dashes + 5,
			   .body_len = (size_t)(end - dashes) - 5};
	return true;
}

static bool has(const uint8_t *text, size_t len, const char *word)
{
	return memmem(text, len, word, strlen(word)) != NULL;
}

/* RFC 1421 headers ("Proc-Type: 4,ENCRYPTED") end at an empty line, which may
 * be spelled "\n\n"; OpenPGP's armour has headers and a checksum too. */
static void skip_headers(Armour *armour)
{
	static const char *const blanks[] = {"\n\n", "\r\n\r\n", "\\n\\n", "\\r\\n\\r\\n"};

	if (memchr(armour->body, ':', armour->body_len) == NULL)
		return;
	for (guint i = 0; i < G_N_ELEMENTS(blanks); i++) {
		const uint8_t *at =
			memmem(armour->body, armour->body_len, blanks[i], strlen(blanks[i]));

		if (at == NULL)
			continue;
		at += strlen(blanks[i]);
		armour->body_len -= (size_t)(at - armour->body);
		armour->body = at;
		return;
	}
}

/* What a body is made of, line ends spelled out ("\n") left out. */
typedef struct {
	size_t base64; /* characters of the alphabet */
	size_t common; /* how often the commonest of them stands there */
	bool cut;      /* "...": the author left something out */
} Body;

static Body measure_body(const uint8_t *text, size_t len)
{
	size_t count[256] = {0};
	Body body = {.cut = has(text, len, "...") || has(text, len, "\xe2\x80\xa6")};

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 1 < len && strchr("nrt", text[i + 1]) != NULL) {
			i++;
			continue;
		}
		if (base64_value(text[i]) < 0)
			continue;
		body.base64++;
		count[text[i]]++;
		body.common = MAX(body.common, count[text[i]]);
	}
	return body;
}

/* A placeholder cannot be taken for a key: too short, filled with one
 * character, or an excerpt with dots.  All else is believed, even where the
 * structure inside is broken: half a key, or one that was edited, still tells
 * the receiver too much, and a wrong "no" is worse than a wrong "yes" here. */
static bool is_plausible(const Body *body)
{
	return body->base64 >= (body->cut ? MIN_EXCERPT : MIN_BODY) &&
	       body->common * 5 <= body->base64 * 4;
}

/* "openssh-key-v1\0", string cipher, string kdf, ...: is there a passphrase? */
static bool is_locked_openssh(const Bytes *key)
{
	static const char magic[] = "openssh-key-v1";
	IvCursor c = iv_cursor(key->data, key->len);
	const uint8_t *at = iv_cursor_take(&c, sizeof(magic));
	uint32_t len;

	if (at == NULL || memcmp(at, magic, sizeof(magic)) != 0)
		return false;
	len = iv_cursor_be32(&c);
	at = iv_cursor_take(&c, len);
	return at != NULL && (len != 4 || memcmp(at, "none", 4) != 0);
}

static bool is_locked(const Armour *armour, const Armour *inner)
{
	Bytes key = {0};
	bool locked;

	if (has(armour->label, armour->label_len, "ENCRYPTED") ||
	    has(armour->body, (size_t)(inner->body - armour->body), "ENCRYPTED"))
		return true;
	if (!has(armour->label, armour->label_len, "OPENSSH"))
		return false;
	locked = decode(inner->body, inner->body_len, &key) && is_locked_openssh(&key);
	wipe(&key);
	return locked;
}

bool iv_check_private_key(IvJudgement *j)
{
	Armour armour, inner;
	Body body;

	if (!find_armour(j->secret, j->len, &armour) ||
	    !has(armour.label, armour.label_len, "PRIVATE KEY"))
		return false;
	inner = armour;
	skip_headers(&inner);
	body = measure_body(inner.body, inner.body_len);
	if (!is_plausible(&body))
		return false;
	if (is_locked(&armour, &inner)) {
		j->note = "passphrase-protected";
		j->severity = MIN(j->severity, IV_SEVERITY_HIGH);
	}
	return true;
}

/* --- JSON web tokens -------------------------------------------------------------- */

/* Decode one part to a JSON object; NULL when it is not one. */
static cJSON *jwt_part(const uint8_t *text, size_t len)
{
	Bytes bytes = {0};
	cJSON *json = NULL;

	if (len == 0 || len > MAX_JWT_PART)
		return NULL;
	if (decode(text, len, &bytes))
		json = cJSON_ParseWithLength((const char *)bytes.data, bytes.len);
	wipe(&bytes);
	if (cJSON_IsObject(json))
		return json;
	cJSON_Delete(json);
	return NULL;
}

bool iv_check_jwt(IvJudgement *j)
{
	const uint8_t *end = j->secret + j->len;
	const uint8_t *one = memchr(j->secret, '.', j->len);
	const uint8_t *two = one != NULL ? memchr(one + 1, '.', (size_t)(end - one) - 1) : NULL;
	cJSON *header, *payload;
	bool ok;

	if (two == NULL)
		return false;
	header = jwt_part(j->secret, (size_t)(one - j->secret));
	payload = jwt_part(one + 1, (size_t)(two - one) - 1);
	ok = payload != NULL && cJSON_IsString(cJSON_GetObjectItemCaseSensitive(header, "alg"));
	cJSON_Delete(header);
	cJSON_Delete(payload);
	return ok;
}
