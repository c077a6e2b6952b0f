/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_rig.h - a server on loopback that says what a test tells it, and keeps
 * what it was asked: for what a well-behaved stand-in never does.
 */
#ifndef IV_TESTS_HTTP_RIG_H
#define IV_TESTS_HTTP_RIG_H

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	GSocketListener *listener;
	GThread *thread;
	GCancellable *stop;
	GAsyncQueue *replies; /* GBytes *: one for each connection, in order */
	GAsyncQueue *requests; /* char *: what each connection sent, headers and body */
	guint hold_ms;	       /* atomic: before the last byte of each reply */
	char *url;
} HttpRig;

/* Bytes of the body that the headers promise. */
static inline gsize http_rig_length(const char *head)
{
	g_autofree char *lower = g_ascii_strdown(head, -1);
	const char *at = strstr(lower, "\r\ncontent-length:");

	return at != NULL ? (gsize)strtoull(at + 17, NULL, 10) : 0;
}

static inline char *http_rig_read(GInputStream *in)
{
	GString *text = g_string_new(NULL);
	char bytes[8192];
	const char *end = NULL;

	while (end == NULL || text->len < (gsize)(end + 4 - text->str) + http_rig_length(text->str)) {
		gssize len = g_input_stream_read(in, bytes, sizeof bytes, NULL, NULL);

		if (len <= 0)
			break;
		g_string_append_len(text, bytes, len);
		end = strstr(text->str, "\r\n\r\n");
	}
	return g_string_free(text, FALSE);
}

static inline void http_rig_write(const HttpRig *rig, GOutputStream *out, GBytes *reply)
{
	guint hold_ms = g_atomic_int_get(&rig->hold_ms);
	gsize len, first;
	const char *bytes = g_bytes_get_data(reply, &len);

	first = hold_ms > 0 && len > 0 ? len - 1 : len;
	g_output_stream_write_all(out, bytes, first, NULL, NULL, NULL);
	g_output_stream_flush(out, NULL, NULL);
	g_usleep(hold_ms * 1000);
	g_output_stream_write_all(out, bytes + first, len - first, NULL, NULL, NULL);
}

static inline gpointer http_rig_run(gpointer data)
{
	HttpRig *rig = data;
	GSocketConnection *c;

	while ((c = g_socket_listener_accept(rig->listener, NULL, rig->stop, NULL)) != NULL) {
		GBytes *reply;

		g_async_queue_push(rig->requests,
				   http_rig_read(g_io_stream_get_input_stream(G_IO_STREAM(c))));
		reply = g_async_queue_try_pop(rig->replies);
		if (reply != NULL) {
			http_rig_write(rig, g_io_stream_get_output_stream(G_IO_STREAM(c)), reply);
			g_bytes_unref(reply);
		}
		g_io_stream_close(G_IO_STREAM(c), NULL, NULL);
		g_object_unref(c);
	}
	return NULL;
}

static inline HttpRig *http_rig_new(void)
{
	HttpRig *rig = g_new0(HttpRig, 1);
	g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
	g_autoptr(GSocketAddress) any = g_inet_socket_address_new(loopback, 0), bound = NULL;
	g_autoptr(GError) error = NULL;

	rig->listener = g_socket_listener_new();
	rig->stop = g_cancellable_new();
	rig->replies = g_async_queue_new_full((GDestroyNotify)g_bytes_unref);
	rig->requests = g_async_queue_new_full(g_free);
	g_socket_listener_add_address(rig->listener, any, G_SOCKET_TYPE_STREAM,
				      G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
	g_assert_no_error(error);
	rig->url = g_strdup_printf("http://127.0.0.1:%u",
				   g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound)));
	rig->thread = g_thread_new("rig", http_rig_run, rig);
	return rig;
}

/* The reply to the next connection that has none; "" closes it without one. */
static inline void http_rig_say(HttpRig *rig, const char *reply)
{
	g_async_queue_push(rig->replies, g_bytes_new(reply, strlen(reply)));
}

/* What the oldest connection not yet asked for sent, or NULL; to be freed. */
static inline char *http_rig_heard(HttpRig *rig)
{
	return g_async_queue_try_pop(rig->requests);
}

static inline void http_rig_free(HttpRig *rig)
{
	g_cancellable_cancel(rig->stop);
	g_thread_join(rig->thread);
	g_object_unref(rig->listener);
	g_object_unref(rig->stop);
	g_async_queue_unref(rig->replies);
	g_async_queue_unref(rig->requests);
	g_free(rig->url);
	g_free(rig);
}

#endif
