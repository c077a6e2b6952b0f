/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ext_io.c - a libext2fs I/O manager over a source: reads only.
 *
 * libext2fs asks for one block at a time; a source may be a compressed qcow2.
 * So reads go through a small cache of aligned windows.
 */
#include "scanner/fs/ext.h"

#include <string.h>

#define WINDOW_BYTES (32u << 10)
#define WINDOWS 64u /* 2 MiB in all */

typedef struct {
	IvSource *volume;
	bool opening; /* what lies behind the end reads as zeros */
	uint64_t held[WINDOWS]; /* number of the window in this slot, or UINT64_MAX */
	uint8_t *bytes;
} ExtIo;

/* libext2fs passes a name to open(), nothing else; this carries the source. */
static _Thread_local IvSource *opening_volume;

static struct struct_io_manager manager;

static errcode_t io_open(const char *name, int flags, io_channel *out)
{
	io_channel channel;
	ExtIo *io;

	if (opening_volume == NULL || (flags & IO_FLAG_RW))
		return EXT2_ET_RO_FILSYS;
	if (ext2fs_get_memzero(sizeof(*channel), &channel) != 0)
		return EXT2_ET_NO_MEMORY;
	if (ext2fs_get_mem(strlen(name) + 1, &channel->name) != 0) {
		ext2fs_free_mem(&channel);
		return EXT2_ET_NO_MEMORY;
	}
	memcpy(channel->name, name, strlen(name) + 1);
	io = g_new0(ExtIo, 1);
	io->volume = iv_source_ref(opening_volume);
	io->opening = true;
	io->bytes = g_malloc((size_t)WINDOW_BYTES * WINDOWS);
	memset(io->held, 0xff, sizeof(io->held));
	channel->magic = EXT2_ET_MAGIC_IO_CHANNEL;
	channel->manager = &manager;
	channel->block_size = 1024;
	channel->refcount = 1;
	channel->private_data = io;
	*out = channel;
	return 0;
}

static errcode_t io_close(io_channel channel)
{
	ExtIo *io = channel->private_data;

	if (--channel->refcount > 0)
		return 0;
	iv_source_unref(io->volume);
	g_free(io->bytes);
	g_free(io);
	ext2fs_free_mem(&channel->name);
	ext2fs_free_mem(&channel);
	return 0;
}

static errcode_t io_set_blksize(io_channel channel, int size)
{
	channel->block_size = size;
	return 0;
}

/* The window that holds off, or NULL when it cannot be read as a whole. */
static const uint8_t *window(ExtIo *io, uint64_t off)
{
	uint64_t number = off / WINDOW_BYTES, start = number * WINDOW_BYTES;
	uint8_t *slot = io->bytes + (size_t)(number % WINDOWS) * WINDOW_BYTES;

	if (io->held[number % WINDOWS] == number)
		return slot;
	io->held[number % WINDOWS] = UINT64_MAX;
	if (start > io->volume->size || io->volume->size - start < WINDOW_BYTES ||
	    !iv_source_read(io->volume, start, slot, WINDOW_BYTES, NULL))
		return NULL;
	io->held[number % WINDOWS] = number;
	return slot;
}

/* Read without the cache; during opening, zeros stand for what is cut off. */
static bool read_direct(ExtIo *io, uint64_t off, uint8_t *buf, size_t len)
{
	uint64_t inside = off < io->volume->size ? io->volume->size - off : 0;

	if (inside < len && !io->opening)
		return false;
	memset(buf, 0, len);
	return inside == 0 || iv_source_read(io->volume, off, buf, MIN(inside, len), NULL);
}

static bool read_bytes(ExtIo *io, uint64_t off, uint8_t *buf, size_t len)
{
	while (len > 0) {
		size_t n = MIN(len, WINDOW_BYTES - (size_t)(off % WINDOW_BYTES));
		const uint8_t *from = window(io, off);

		if (from != NULL)
			memcpy(buf, from + off % WINDOW_BYTES, n);
		else if (!read_direct(io, off, buf, n))
			return false;
		off += n;
		buf += n;
		len -= n;
	}
	return true;
}

/* A negative count is a number of bytes, as libext2fs has it. */
static errcode_t io_read_blk64(io_channel channel, unsigned long long block, int count, void *data)
{
	uint64_t unit = (uint64_t)channel->block_size, off;
	size_t len = count < 0 ? (size_t) - (int64_t)count : (size_t)count * unit;

	if (__builtin_mul_overflow(unit, (uint64_t)block, &off) || off > UINT64_MAX - len ||
	    !read_bytes(channel->private_data, off, data, len))
		return EXT2_ET_SHORT_READ;
	return 0;
}

static errcode_t io_read_blk(io_channel channel, unsigned long block, int count, void *data)
{
	return io_read_blk64(channel, block, count, data);
}

static errcode_t io_write_blk64(io_channel channel, unsigned long long block, int count,
				const void *data)
{
	return EXT2_ET_RO_FILSYS;
}

static errcode_t io_write_blk(io_channel channel, unsigned long block, int count, const void *data)
{
	return EXT2_ET_RO_FILSYS;
}

static errcode_t io_write_byte(io_channel channel, unsigned long off, int count, const void *data)
{
	return EXT2_ET_RO_FILSYS;
}

static errcode_t io_flush(io_channel channel)
{
	return 0;
}

static struct struct_io_manager manager = {
	.magic = EXT2_ET_MAGIC_IO_MANAGER,
	.name = "imgvet source",
	.open = io_open,
	.close = io_close,
	.set_blksize = io_set_blksize,
	.read_blk = io_read_blk,
	.write_blk = io_write_blk,
	.flush = io_flush,
	.write_byte = io_write_byte,
	.read_blk64 = io_read_blk64,
	.write_blk64 = io_write_blk64,
};

errcode_t iv_ext_io_open(IvSource *volume, int flags, unsigned superblock, unsigned block_size,
			 ext2_filsys *fs)
{
	errcode_t err;

	opening_volume = volume;
	err = ext2fs_open2("volume", NULL, flags, (int)superblock, block_size, &manager, fs);
	opening_volume = NULL;
	if (err == 0)
		((ExtIo *)(*fs)->io->private_data)->opening = false;
	return err;
}

bool iv_ext_io_block(IvExt *ext, uint64_t block, void *buf)
{
	ExtIo *io = ext->fs->io->private_data;

	return block < ext->blocks &&
	       read_bytes(io, block * ext->block_size, buf, ext->block_size);
}
