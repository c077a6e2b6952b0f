/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_magic.c - files made by the real tools are known, and what is plain is not */
#include <glib.h>
#include <string.h>

#include "scanner/unpack/magic.h"
#include "tests/unit/unpack/tools_rig.h"

/* Each makes the file "out" from "in", which holds an invented text. */
static const struct {
	IvPacked kind;
	const char *command;
} made[] = {
	{IV_PACKED_GZIP, "gzip -c in >out"},
	{IV_PACKED_GZIP, "gzip -9nc in >out"},
	{IV_PACKED_GZIP, "gzip -c /dev/null >out"},
	{IV_PACKED_BZIP2, "bzip2 -c in >out"},
	{IV_PACKED_BZIP2, "bzip2 -c /dev/null >out"},
	{IV_PACKED_XZ, "xz -c in >out"},
	{IV_PACKED_XZ, "xz --check=none -c in >out"},
	{IV_PACKED_LZMA, "xz --format=lzma -c in >out"},
	{IV_PACKED_LZMA, "xz --format=lzma -0 -c in >out"},
	{IV_PACKED_ZSTD, "zstd -qc in >out"},
	{IV_PACKED_ZSTD, "zstd -qc --ultra -20 <in >out"},
	{IV_PACKED_LZ4, "lz4 -qc in >out"},
	{IV_PACKED_LZ4, "lz4 -qlc in >out"},
	{IV_PACKED_LZO, "lzop -c in >out"},
	{IV_PACKED_ZIP, "zip -q z.zip in && mv z.zip out"},
	{IV_PACKED_ZIP, "zip -q -0 -e -P invented z.zip in && mv z.zip out"},
	{IV_PACKED_ZLIB, "git init -q g && cd g && git hash-object -w ../in >../id && "
			 "cp .git/objects/[0-9a-f]*/* ../out"},
	{IV_PACKED_GIT_PACK, "git init -q g && cd g && git hash-object -w ../in | git pack-objects -q pack >../id && "
			     "cp pack-*.pack ../out"},
	{IV_PACKED_OPENSSL, "openssl enc -aes-256-cbc -pbkdf2 -pass pass:invented -in in -out out"},
	{IV_PACKED_PKCS12, "openssl req -x509 -newkey ed25519 -nodes -keyout k -out c -subj /CN=invented -batch && "
			   "openssl pkcs12 -export -inkey k -in c -passout pass:invented -out out"},
	{IV_PACKED_LUKS, "truncate -s 32M out && cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 "
			 "--pbkdf-force-iterations 1000 out in"},
	{IV_PACKED_LUKS, "truncate -s 32M out && cryptsetup -q luksFormat --type luks1 "
			 "--pbkdf-force-iterations 1000 out in"},
	{IV_PACKED_JAVA_KEYSTORE, "command -v keytool >log || { printf '\\376\\355\\376\\355\\0\\0\\0\\2\\0\\0\\0\\1' >out; exit; }; "
				  "keytool -genkeypair -storetype jks -keyalg ec -dname CN=invented -alias a -keystore out "
				  "-storepass invented -keypass invented 2>log"},
	{IV_PACKED_PGP, "gpg --homedir . -q --batch --passphrase invented --pinentry-mode loopback -c -o out in"},
	{IV_PACKED_QCOW, "qemu-img create -q -f qcow2 out 1M"},
	{IV_PACKED_VMDK, "qemu-img create -q -f vmdk out 1M"},
	{IV_PACKED_VHDX, "qemu-img create -q -f vhdx out 8M"},
	{IV_PACKED_VDI, "qemu-img create -q -f vdi out 1M"},
	{IV_PACKED_VHD, "qemu-img create -q -f vpc out 1M"},
	{IV_PACKED_SQUASHFS, "mksquashfs in out -quiet -no-progress >log"},
	{IV_PACKED_FILESYSTEM, "truncate -s 1M out && mke2fs -q -F out"},
	{IV_PACKED_FILESYSTEM, "truncate -s 1M out && mkfs.fat out >log"},
	{IV_PACKED_DISK, "truncate -s 1M out && echo 'start=1' | sfdisk -q out"},
	{IV_PACKED_DISK, "truncate -s 4M out && printf 'label: gpt\\nstart=64\\n' | sfdisk -q out"},
	{IV_PACKED_UTF16, "iconv -t UTF-16 <in >out"},
	{IV_PACKED_UTF16, "iconv -t UTF-16LE <in >out"},
	{IV_PACKED_UTF16, "iconv -t UTF-16BE <in >out"},
	{IV_PACKED_UTF32, "iconv -t UTF-32 <in >out"},
	{IV_PACKED_UTF32, "iconv -t UTF-32LE <in >out"},
	{IV_PACKED_UTF32, "iconv -t UTF-32BE <in >out"},
	/* plain: their bytes are searched as they are */
	{IV_PACKED_NONE, "cp in out"},
	{IV_PACKED_NONE, "tar cf out in"},
	{IV_PACKED_NONE, "ar rc out in"},
	{IV_PACKED_NONE, "cp \"$(command -v sh)\" out"},
	{IV_PACKED_NONE, "printf 'x^2 is no zlib' >out"},
	{IV_PACKED_NONE, "printf 'PACK your things' >out"},
	{IV_PACKED_NONE, "head -c 65536 /dev/zero >out"},
	{IV_PACKED_NONE, ": >out"},
};

static const char *name_of(IvPacked kind)
{
	return kind == IV_PACKED_NONE ? "none" : iv_packed_name(kind);
}

static void test_tools(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(made); i++) {
		g_autoptr(GBytes) bytes = made_by(made[i].command);
		gsize len;
		const uint8_t *data = g_bytes_get_data(bytes, &len);
		IvPacked kind = iv_packed_file(data, len, len);

		if (kind != made[i].kind)
			g_error("%s: %s, not %s", made[i].command, name_of(kind), name_of(made[i].kind));
		/* Any beginning of it is safe to look at. */
		for (gsize cut = 0; cut < MIN(len, 200); cut++) {
			g_autofree uint8_t *copy = g_memdup2(data, cut);

			(void)iv_packed_file(copy, cut, cut);
		}
	}
}

/* Each kind has a name, and is of a class; no two have the same. */
static void test_names(void)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

	for (unsigned i = 0; i < IV_PACKED_COUNT; i++) {
		g_assert_true(g_hash_table_add(names, (void *)iv_packed_name((IvPacked)i)));
		g_assert_nonnull(iv_packed_class_name((IvPacked)i));
	}
}

static void test_tail(void)
{
	static const uint8_t table[] = "block\0\0\x57\xfb\x80\x8b\x24\x75\x47\xdb";

	g_assert_cmpint(iv_packed_tail(table, sizeof(table) - 1), ==, IV_PACKED_LEVELDB);
	g_assert_cmpint(iv_packed_tail(table, sizeof(table) - 2), ==, IV_PACKED_NONE);
	g_assert_cmpint(iv_packed_tail(table + 8, 7), ==, IV_PACKED_NONE);
}

int main(int argc, char **argv)
{
	int result;

	g_test_init(&argc, &argv, NULL);
	rig_open();
	g_test_add_func("/magic/tools", test_tools);
	g_test_add_func("/magic/names", test_names);
	g_test_add_func("/magic/tail", test_tail);
	result = g_test_run();
	rig_close();
	return result;
}
