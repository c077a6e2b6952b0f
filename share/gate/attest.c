/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attest.c - who says so: the signing key, and signatures of reports and origin records.  See
 * attest.h.
 *
 * Signatures are Ed25519 (RFC 8032) over the canonical bytes of what is signed, so
 * that another program can check them with any Ed25519 library.
 */
#include "share/gate/attest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "scanner/report/report.h"
#include "share/base/private_file.h"

#define ALGORITHM	"ed25519"
#define KEY_PREFIX	ALGORITHM ":"
#define KEY_BYTES	32
#define SIGNATURE_BYTES 64

struct IvKey {
	EVP_PKEY *pair;
	char *public; /* "ed25519:BASE64" */
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free_all)
static char *key_text(const uint8_t raw[KEY_BYTES])
{
	g_autofree char *base64 = g_base64_encode(raw, KEY_BYTES);

	return g_strconcat(KEY_PREFIX, base64, NULL);
}

/* GLib skips what is not base64; only text that encodes back to itself is taken. */
static bool decode_base64(const char *text, uint8_t *out, size_t want)
{
	gsize len = 0;
	g_autofree guchar *bytes = NULL;
	g_autofree char *again = NULL;

	if (strlen(text) > 4 * want)
		return false;
	bytes = g_base64_decode(text, &len);
	if (len != want)
		return false;
	again = g_base64_encode(bytes, len);
	if (strcmp(again, text) != 0)
		return false;
	memcpy(out, bytes, want);
	return true;
}

static bool parse_public(const char *text, uint8_t raw[KEY_BYTES])
{
	return g_str_has_prefix(text, KEY_PREFIX) &&
	       decode_base64(text + strlen(KEY_PREFIX), raw, KEY_BYTES);
}

bool iv_key_public_valid(const char *text)
{
	uint8_t raw[KEY_BYTES];

	return parse_public(text, raw);
}

/* --- the key --------------------------------------------------------------------- */

void iv_key_free(IvKey *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pair); /* OpenSSL wipes the private half. */
	g_free(key->public);
	g_free(key);
}

const char *iv_key_public(const IvKey *key)
{
	return key->public;
}

/* Takes the pair, also when it fails. */
static IvKey *key_new(EVP_PKEY *pair, const char *path, GError **error)
{
	g_autoptr(EVP_PKEY) owned = pair;
	uint8_t raw[KEY_BYTES];
	size_t len = sizeof(raw);
	IvKey *key;

	if (pair == NULL || EVP_PKEY_id(pair) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(pair, raw, &len) != 1 || len != KEY_BYTES) {
		iv_fail(error, IV_ERROR_CONFIG,
			"%s: this is not an Ed25519 private key in plain PEM (PKCS#8)\n"
			"make one with: imgvet key --key FILE",
			path);
		return NULL;
	}
	key = g_new0(IvKey, 1);
	key->pair = g_steal_pointer(&owned);
	key->public = key_text(raw);
	return key;
}

/* OpenSSL's question for the pass phrase of an encrypted key: none is given, so that it does not
 * ask on a terminal. */
static int no_phrase(char *buffer, int size, int writing, void *user)
{
	(void)buffer, (void)size, (void)writing, (void)user;
	return -1;
}

static IvKey *key_read(const char *path, bool *missing, GError **error)
{
	g_autoptr(BIO) bio = NULL;
	char *text = NULL;
	IvKey *key;

	if (!iv_private_read(path, "signing key", &text, missing, error))
		return NULL;
	bio = BIO_new_mem_buf(text, -1);
	key = key_new(bio ? PEM_read_bio_PrivateKey(bio, NULL, no_phrase, NULL) : NULL, path,
		      error);
	iv_text_wipe(text);
	return key;
}

IvKey *iv_key_make(const char *path, GError **error)
{
	g_autoptr(EVP_PKEY) pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	g_autoptr(BIO) bio = BIO_new(BIO_s_secmem());
	const char *bytes = NULL;
	char *text = NULL;
	long len;
	bool made;

	if (pair == NULL || bio == NULL ||
	    PEM_write_bio_PKCS8PrivateKey(bio, pair, NULL, NULL, 0, NULL, NULL) != 1) {
		iv_fail(error, IV_ERROR_IO, "cannot make a signing key: OpenSSL has no Ed25519");
		return NULL;
	}
	len = BIO_get_mem_data(bio, &bytes);
	text = g_strndup(bytes, (gsize)MAX(len, 0));
	made = iv_private_make(path, "signing key", text, error);
	iv_text_wipe(text);
	/* Another process may have been faster: the key is the one in the file. */
	return made ? key_read(path, NULL, error) : NULL;
}

/* The file that a key comes from; *given: the user named it. */
static char *key_path(const char *path, bool *given)
{
	const char *env = g_getenv("IMGVET_KEY");

	*given = true;
	if (path != NULL)
		return g_strdup(path);
	if (env != NULL && *env != '\0')
		return g_strdup(env);
	*given = false;
	return iv_config_path("signing.key");
}

char *iv_key_path(const char *path)
{
	bool given;

	return key_path(path, &given);
}

/* A key file that the user named, or that is there, cannot be used. */
static bool fail_key(const char *file, bool missing, GError **problem, GError **error)
{
	if (missing)
		return iv_fail(error, IV_ERROR_CONFIG,
			       "%s: there is no such key file\nmake it with: imgvet key --key %s",
			       file, file);
	g_propagate_error(error, g_steal_pointer(problem));
	return false;
}

IvKey *iv_key_load(const char *path, GError **error)
{
	bool given, missing = false;
	g_autofree char *file = key_path(path, &given);
	g_autoptr(GError) problem = NULL;
	IvKey *key = key_read(file, &missing, &problem);

	if (key != NULL)
		return key;
	if (missing && !given)
		return iv_key_make(file, error);
	iv_ignore(fail_key(file, missing, &problem, error));
	return NULL;
}

bool iv_key_own_public(char **public_key, GError **error)
{
	bool given, missing = false;
	g_autofree char *file = key_path(NULL, &given);
	g_autoptr(GError) problem = NULL;
	g_autoptr(IvKey) key = key_read(file, &missing, &problem);

	*public_key = key != NULL ? g_strdup(key->public) : NULL;
	if (key != NULL || (missing && !given))
		return true;
	return fail_key(file, missing, &problem, error);
}

/* --- signatures ------------------------------------------------------------------ */

static cJSON *get(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *get_text(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(get(object, name));

	return text != NULL ? text : "";
}

/* What is signed, and where its signature is kept. */
typedef struct {
	const char *name;
	const char *holder; /* the object that holds the signature; NULL: the top */
} Signed;

static const Signed a_report = {"report", "run"};
static const Signed an_origin = {"origin record", NULL};

static cJSON *holder_of(const Signed *kind, const cJSON *json)
{
	cJSON *holder = kind->holder != NULL ? get(json, kind->holder) : (cJSON *)json;

	return cJSON_IsObject(holder) ? holder : NULL;
}

/* What a signature covers: the canonical bytes without the signature. */
static char *signed_bytes(const Signed *kind, const cJSON *json)
{
	g_autoptr(cJSON) copy = cJSON_Duplicate(json, true);
	cJSON *holder = holder_of(kind, copy);

	if (holder == NULL)
		return NULL;
	cJSON_DeleteItemFromObjectCaseSensitive(holder, "signature");
	return iv_json_canonical(copy);
}

static bool sign_bytes(EVP_PKEY *pair, const char *bytes, uint8_t out[SIGNATURE_BYTES])
{
	g_autoptr(EVP_MD_CTX) context = EVP_MD_CTX_new();
	size_t len = SIGNATURE_BYTES;

	return context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, pair) == 1 &&
	       EVP_DigestSign(context, out, &len, (const uint8_t *)bytes, strlen(bytes)) == 1 &&
	       len == SIGNATURE_BYTES;
}

static bool check_bytes(const uint8_t key[KEY_BYTES], const char *bytes,
			const uint8_t signature[SIGNATURE_BYTES])
{
	g_autoptr(EVP_PKEY) public =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, KEY_BYTES);
	g_autoptr(EVP_MD_CTX) context = EVP_MD_CTX_new();

	return public != NULL && context != NULL &&
	       EVP_DigestVerifyInit(context, NULL, NULL, NULL, public) == 1 &&
	       EVP_DigestVerify(context, signature, SIGNATURE_BYTES, (const uint8_t *)bytes,
				strlen(bytes)) == 1;
}

static bool sign_json(const Signed *kind, cJSON *json, const IvKey *key, GError **error)
{
	g_autofree char *bytes = signed_bytes(kind, json);
	g_autofree char *value = NULL;
	uint8_t raw[SIGNATURE_BYTES];
	cJSON *holder = holder_of(kind, json);
	cJSON *signature;

	if (bytes == NULL)
		return iv_fail(error, IV_ERROR_CORRUPT, "the %s has no %s object to sign", kind->name,
			       kind->holder != NULL ? kind->holder : "top");
	if (!sign_bytes(key->pair, bytes, raw))
		return iv_fail(error, IV_ERROR_IO, "OpenSSL could not sign the %s", kind->name);
	value = g_base64_encode(raw, sizeof(raw));
	cJSON_DeleteItemFromObjectCaseSensitive(holder, "signature");
	signature = cJSON_AddObjectToObject(holder, "signature");
	if (cJSON_AddStringToObject(signature, "algorithm", ALGORITHM) == NULL ||
	    cJSON_AddStringToObject(signature, "key", key->public) == NULL ||
	    cJSON_AddStringToObject(signature, "value", value) == NULL)
		return iv_fail(error, IV_ERROR_IO, "no memory for the %s's signature", kind->name);
	return true;
}

static bool verify_json(const Signed *kind, const cJSON *json, char **signer, GError **error)
{
	const cJSON *signature = get(holder_of(kind, json), "signature");
	g_autofree char *bytes = NULL;
	uint8_t key[KEY_BYTES], raw[SIGNATURE_BYTES];

	*signer = NULL;
	if (signature == NULL || cJSON_IsNull(signature))
		return iv_fail(error, IV_ERROR_REFUSED, "the %s is not signed", kind->name);
	if (strcmp(get_text(signature, "algorithm"), ALGORITHM) != 0)
		return iv_fail(error, IV_ERROR_REFUSED, "the %s is not signed with " ALGORITHM,
			       kind->name);
	if (!parse_public(get_text(signature, "key"), key) ||
	    !decode_base64(get_text(signature, "value"), raw, sizeof(raw)))
		return iv_fail(error, IV_ERROR_REFUSED, "the %s's signature is malformed", kind->name);
	bytes = signed_bytes(kind, json);
	if (bytes == NULL || !check_bytes(key, bytes, raw))
		return iv_fail(
			error, IV_ERROR_REFUSED,
			"the signature does not match the %s: it was changed after it was signed",
			kind->name);
	*signer = key_text(key);
	return true;
}

bool iv_attest_sign(cJSON *report, const IvKey *key, GError **error)
{
	return sign_json(&a_report, report, key, error);
}

bool iv_attest_verify(const cJSON *report, char **signer, GError **error)
{
	return verify_json(&a_report, report, signer, error);
}

bool iv_attest_sign_origin(cJSON *origin, const IvKey *key, GError **error)
{
	return sign_json(&an_origin, origin, key, error);
}

bool iv_attest_verify_origin(const cJSON *origin, char **signer, GError **error)
{
	return verify_json(&an_origin, origin, signer, error);
}
