/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kinds.c - see kinds.h: the table of names */
#include "scanner/unpack/kinds.h"

typedef struct {
	const char *name;
	IvPackedClass class;
} Kind;

static const Kind kinds[IV_PACKED_COUNT] = {
	[IV_PACKED_ZIP] = {"zip", IV_PACKED_IS_ARCHIVE},
	[IV_PACKED_7Z] = {"7z", IV_PACKED_IS_ARCHIVE},
	[IV_PACKED_RAR] = {"rar", IV_PACKED_IS_ARCHIVE},
	[IV_PACKED_CAB] = {"cab", IV_PACKED_IS_ARCHIVE},
	[IV_PACKED_LHA] = {"lha", IV_PACKED_IS_ARCHIVE},
	[IV_PACKED_XAR] = {"xar", IV_PACKED_IS_ARCHIVE},
	[IV_PACKED_WIM] = {"wim", IV_PACKED_IS_ARCHIVE},
	[IV_PACKED_RPM] = {"rpm", IV_PACKED_IS_ARCHIVE},
	[IV_PACKED_DEB] = {"deb", IV_PACKED_IS_ARCHIVE},
	[IV_PACKED_GZIP] = {"gzip", IV_PACKED_IS_COMPRESSED},
	[IV_PACKED_BZIP2] = {"bzip2", IV_PACKED_IS_COMPRESSED},
	[IV_PACKED_XZ] = {"xz", IV_PACKED_IS_COMPRESSED},
	[IV_PACKED_LZMA] = {"lzma", IV_PACKED_IS_COMPRESSED},
	[IV_PACKED_LZIP] = {"lzip", IV_PACKED_IS_COMPRESSED},
	[IV_PACKED_ZSTD] = {"zstd", IV_PACKED_IS_COMPRESSED},
	[IV_PACKED_LZ4] = {"lz4", IV_PACKED_IS_COMPRESSED},
	[IV_PACKED_LZO] = {"lzo", IV_PACKED_IS_COMPRESSED},
	[IV_PACKED_COMPRESS] = {"compress", IV_PACKED_IS_COMPRESSED},
	[IV_PACKED_ZLIB] = {"zlib", IV_PACKED_IS_COMPRESSED},
	[IV_PACKED_SNAPPY] = {"snappy", IV_PACKED_IS_COMPRESSED},
	[IV_PACKED_KERNEL] = {"kernel", IV_PACKED_IS_COMPRESSED},
	[IV_PACKED_PDF] = {"pdf", IV_PACKED_IS_DOCUMENT},
	[IV_PACKED_OLE] = {"ole", IV_PACKED_IS_DOCUMENT},
	[IV_PACKED_QCOW] = {"qcow", IV_PACKED_IS_IMAGE},
	[IV_PACKED_VMDK] = {"vmdk", IV_PACKED_IS_IMAGE},
	[IV_PACKED_VHD] = {"vhd", IV_PACKED_IS_IMAGE},
	[IV_PACKED_VHDX] = {"vhdx", IV_PACKED_IS_IMAGE},
	[IV_PACKED_VDI] = {"vdi", IV_PACKED_IS_IMAGE},
	[IV_PACKED_ISO] = {"iso9660", IV_PACKED_IS_IMAGE},
	[IV_PACKED_SQUASHFS] = {"squashfs", IV_PACKED_IS_IMAGE},
	[IV_PACKED_CRAMFS] = {"cramfs", IV_PACKED_IS_IMAGE},
	[IV_PACKED_EROFS] = {"erofs", IV_PACKED_IS_IMAGE},
	[IV_PACKED_DISK] = {"disk", IV_PACKED_IS_IMAGE},
	[IV_PACKED_FILESYSTEM] = {"filesystem", IV_PACKED_IS_IMAGE},
	[IV_PACKED_GIT_PACK] = {"git-pack", IV_PACKED_IS_STORE},
	[IV_PACKED_JOURNAL] = {"journal", IV_PACKED_IS_STORE},
	[IV_PACKED_LEVELDB] = {"leveldb", IV_PACKED_IS_STORE},
	[IV_PACKED_MOZLZ4] = {"mozlz4", IV_PACKED_IS_STORE},
	[IV_PACKED_HIBERNATION] = {"hibernation", IV_PACKED_IS_STORE},
	[IV_PACKED_LUKS] = {"luks", IV_PACKED_IS_ENCRYPTED},
	[IV_PACKED_AGE] = {"age", IV_PACKED_IS_ENCRYPTED},
	[IV_PACKED_PGP] = {"pgp", IV_PACKED_IS_ENCRYPTED},
	[IV_PACKED_OPENSSL] = {"openssl", IV_PACKED_IS_ENCRYPTED},
	[IV_PACKED_JAVA_KEYSTORE] = {"java-keystore", IV_PACKED_IS_ENCRYPTED},
	[IV_PACKED_PKCS12] = {"pkcs12", IV_PACKED_IS_ENCRYPTED},
	[IV_PACKED_KEEPASS] = {"keepass", IV_PACKED_IS_ENCRYPTED},
	[IV_PACKED_ANSIBLE_VAULT] = {"ansible-vault", IV_PACKED_IS_ENCRYPTED},
	[IV_PACKED_UTF16] = {"utf-16", IV_PACKED_IS_ENCODED},
	[IV_PACKED_UTF32] = {"utf-32", IV_PACKED_IS_ENCODED},
	[IV_PACKED_BASE64] = {"base64", IV_PACKED_IS_ENCODED},
	[IV_PACKED_BASE32] = {"base32", IV_PACKED_IS_ENCODED},
	[IV_PACKED_HEX] = {"hex", IV_PACKED_IS_ENCODED},
};

/* Those of scanner/finding/packed.c, which has the words for people. */
static const char *const classes[] = {
	[IV_PACKED_IS_ARCHIVE] = "archive",	[IV_PACKED_IS_COMPRESSED] = "compressed",
	[IV_PACKED_IS_DOCUMENT] = "document",	[IV_PACKED_IS_IMAGE] = "image",
	[IV_PACKED_IS_STORE] = "store",		[IV_PACKED_IS_ENCRYPTED] = "encrypted",
	[IV_PACKED_IS_ENCODED] = "encoded",
};

const char *iv_packed_name(IvPacked kind)
{
	return kinds[kind].name;
}

IvPackedClass iv_packed_class(IvPacked kind)
{
	return kinds[kind].class;
}

const char *iv_packed_class_name(IvPacked kind)
{
	return classes[kinds[kind].class];
}
