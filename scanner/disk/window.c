/* window.c - a part of a source as a source; see source.h */
#include "scanner/disk/source.h"

#include "scanner/base/error.h"

typedef struct {
	IvSource base;
	IvSource *parent;
	uint64_t start; /* of the window, in the parent's bytes */
} Window;

static bool window_read(IvSource *source, uint64_t off, void *buf, size_t len, GError **error)
{
	Window *window = (Window *)source;

	return iv_source_read(window->parent, window->start + off, buf, len, error);
}

static bool window_extent(IvSource *source, uint64_t off, uint64_t *len, bool *zero,
			  GError **error)
{
	Window *window = (Window *)source;

	return iv_source_extent(window->parent, window->start + off, len, zero, error);
}

static void window_free(IvSource *source)
{
	iv_source_unref(((Window *)source)->parent);
	g_free(source);
}

static const IvSourceOps window_ops = {
	.read = window_read,
	.extent = window_extent,
	.free = window_free,
};

IvSource *iv_window_new(IvSource *parent, uint64_t off, uint64_t size, GError **error)
{
	Window *window;

	if (off > parent->size || size > parent->size - off) {
		iv_fail(error, IV_ERROR_CORRUPT,
			"the range of %" G_GUINT64_FORMAT " bytes at byte %" G_GUINT64_FORMAT
			" leaves the %" G_GUINT64_FORMAT " bytes around it",
			size, off, parent->size);
		return NULL;
	}
	window = g_new0(Window, 1);
	iv_source_init(&window->base, &window_ops, size);
	window->parent = iv_source_ref(parent);
	window->start = off;
	return &window->base;
}
