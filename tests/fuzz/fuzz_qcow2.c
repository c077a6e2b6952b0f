/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a qcow2: opened and read, or refused; what the file holds besides is told in
 * printable words.  Never a crash or a hang.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scanner/disk/open.h"

#define MOST_READ (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_some(IvSource *disk)
{
	static uint8_t buf[65536];

	for (uint64_t at = 0; at < MIN(disk->size, MOST_READ); at += sizeof(buf)) {
		uint64_t len = MIN(sizeof(buf), disk->size - at);
		bool zero;

		if (!iv_source_read(disk, at, buf, (size_t)len, NULL))
			continue;
		if (!iv_source_extent(disk, at, &len, &zero, NULL))
			continue;
		/* What is known to be zeros must read as zeros. */
		for (uint64_t i = 0; zero && i < MIN(len, MIN(sizeof(buf), disk->size - at)); i++)
			if (buf[i] != 0)
				abort();
	}
}

static void tell_beside(IvDisk *disk, size_t size)
{
	g_autoptr(IvBeside) beside = iv_disk_beside(disk);

	for (guint i = 0; i < beside->parts->len; i++) {
		const IvBesidePart *part = beside->parts->pdata[i];

		/* No more bytes than the file has sectors. */
		if (!g_utf8_validate(part->what, -1, NULL) || part->bytes > size + 511)
			abort();
		for (const char *c = part->what; *c != '\0'; c++)
			if ((unsigned char)*c < ' ')
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("disk.qcow2", MFD_CLOEXEC);
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	IvDiskOptions options = {.format = "qcow2"};
	g_autoptr(IvDisk) disk = NULL;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	disk = iv_disk_open(path, &options, NULL);
	if (disk != NULL) {
		read_some(disk->source);
		tell_beside(disk, size);
	}
	close(fd);
	return 0;
}
