/*
 * checks_key.c - checks that decode: private keys in armour, JSON web tokens.
 *
 * A key's bytes are copied here to be decoded; every copy is wiped.
 * Formats: RFC 7468 (armour), RFC 5958 (PKCS#8), RFC 8017 A.1.2 (RSAPrivateKey),
 * RFC 5915 (ECPrivateKey), OpenSSH's PROTOCOL.key, RFC 7519 (JWT).
 */
#include "scanner/engine/checks.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "scanner/base/cursor.h"

/* Bytes of armour: a 16384-bit RSA key in PEM has 12.6 KB. */
#define MAX_ARMOUR (32u << 10)
/* Bytes of a decoded key: the shortest real one is an Ed25519 PKCS#8 of 48. */
#define MIN_KEY 40u
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

/* The length of the DER element at the cursor; false when it is not of this tag. */
static bool der_open(IvCursor *c, uint8_t tag, size_t *len)
{
	uint8_t first;

	if (iv_cursor_u8(c) != tag)
		return false;
	first = iv_cursor_u8(c);
	*len = first;
	if (first >= 0x80) {
		unsigned n = first & 0x7f;

		if (n == 0 || n > 3)
			return false;
		for (*len = 0; n > 0; n--)
			*len = *len << 8 | iv_cursor_u8(c);
	}
	return !c->bad && *len <= c->size - c->pos;
}

/* SEQUENCE { INTEGER version, ... } of the whole length; encrypted PKCS#8 is
 * SEQUENCE { SEQUENCE { OID ... } ... }. */
static bool is_der_key(const Bytes *key, bool encrypted)
{
	IvCursor c = iv_cursor(key->data, key->len);
	size_t outer, inner;

	if (!der_open(&c, 0x30, &outer) || outer + 8 < key->len - c.pos)
		return false;
	return der_open(&c, encrypted ? 0x30 : 0x02, &inner) && (encrypted || inner <= 2);
}

/* "openssh-key-v1\0", string cipher, string kdf, ... */
static bool is_openssh_key(const Bytes *key, bool *encrypted)
{
	static const char magic[] = "openssh-key-v1";
	IvCursor c = iv_cursor(key->data, key->len);
	const uint8_t *at = iv_cursor_take(&c, sizeof(magic));
	uint32_t len;

	if (at == NULL || memcmp(at, magic, sizeof(magic)) != 0)
		return false;
	len = iv_cursor_be32(&c);
	at = iv_cursor_take(&c, len);
	if (at == NULL)
		return false;
	*encrypted = len != 4 || memcmp(at, "none", 4) != 0;
	return true;
}

typedef struct {
	const uint8_t *label, *body;
	size_t label_len, body_len;
} Armour;

static bool find_armour(const uint8_t *text, size_t len, Armour *armour)
{
	const uint8_t *begin = memmem(text, len, "-----BEGIN ", 11), *dashes, *end;

	if (begin == NULL)
		return false;
	begin += 11;
	dashes = memmem(begin, (size_t)(text + len - begin), "-----", 5);
	if (dashes == NULL || dashes - begin > 64)
		return false;
	end = memmem(dashes + 5, (size_t)(text + len - dashes) - 5, "-----END ", 9);
	if (end == NULL)
		return false;
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

static bool believe_key(const Armour *armour, const Bytes *key, bool *encrypted)
{
	if (key->len < MIN_KEY)
		return false;
	if (has(armour->label, armour->label_len, "OPENSSH"))
		return is_openssh_key(key, encrypted);
	if (*encrypted && !has(armour->label, armour->label_len, "ENCRYPTED"))
		return key->len % 8 == 0; /* a whole number of cipher blocks */
	if (has(armour->label, armour->label_len, "SSH2"))
		return key->len > 4 && memcmp(key->data, "\x3f\x6f\xf9\xeb", 4) == 0;
	return is_der_key(key, *encrypted);
}

static bool check_pgp(const Armour *armour)
{
	/* The packets may be locked or not; the armour and its length suffice. */
	return armour->body_len >= 200;
}

bool iv_check_private_key(IvJudgement *j)
{
	Armour armour;
	Bytes key = {0};
	bool encrypted, ok;

	if (j->len > MAX_ARMOUR || !find_armour(j->secret, j->len, &armour) ||
	    !has(armour.label, armour.label_len, "PRIVATE KEY"))
		return false;
	if (has(armour.label, armour.label_len, "PGP"))
		return check_pgp(&armour);
	encrypted = has(armour.label, armour.label_len, "ENCRYPTED") ||
		    has(armour.body, armour.body_len, "ENCRYPTED");
	skip_headers(&armour);
	ok = decode(armour.body, armour.body_len, &key) && believe_key(&armour, &key, &encrypted);
	wipe(&key);
	if (ok && encrypted) {
		j->note = "passphrase-protected";
		j->severity = MIN(j->severity, IV_SEVERITY_HIGH);
	}
	return ok;
}

/* --- JSON web tokens -------------------------------------------------------------- */

/* Decode one part to a JSON object; NULL when it is none. */
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
