/* SPDX-License-Identifier: GPL-3.0-or-later */
/* yaml.c - see yaml.h.  The only file that knows libyaml. */
#include "scanner/base/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/text.h"

struct IvYamlNode {
	IvYamlKind kind;
	unsigned line;
	char *text;	    /* scalars */
	GPtrArray *keys;    /* maps: IvYamlNode * */
	GPtrArray *values;  /* maps and lists: IvYamlNode * */
	GHashTable *by_key; /* maps: char * -> IvYamlNode * */
};

struct IvYaml {
	char *name;
	IvYamlNode *root;
	GPtrArray *nodes; /* owns every node */
};

/* The state of one parse: a stack of open collections, never recursion. */
typedef struct {
	IvYaml *yaml;
	yaml_parser_t parser;
	GPtrArray *open;    /* IvYamlNode *, innermost last */
	GPtrArray *pending; /* the key waiting for its value, one per open collection, or NULL */
	unsigned documents;
} Parse;

static void node_free(void *data)
{
	IvYamlNode *node = data;

	g_free(node->text);
	g_clear_pointer(&node->keys, g_ptr_array_unref);
	g_clear_pointer(&node->values, g_ptr_array_unref);
	g_clear_pointer(&node->by_key, g_hash_table_unref);
	g_free(node);
}

void iv_yaml_free(IvYaml *yaml)
{
	if (yaml == NULL)
		return;
	g_ptr_array_unref(yaml->nodes);
	g_free(yaml->name);
	g_free(yaml);
}

static bool fail_at(const char *name, unsigned line, GError **error, const char *text)
{
	return iv_fail(error, IV_ERROR_CONFIG, "%s:%u: %s", name, line, text);
}

static IvYamlNode *node_new(Parse *p, IvYamlKind kind, unsigned line)
{
	IvYamlNode *node = g_new0(IvYamlNode, 1);

	node->kind = kind;
	node->line = line;
	if (kind != IV_YAML_SCALAR)
		node->values = g_ptr_array_new();
	if (kind == IV_YAML_MAP) {
		node->keys = g_ptr_array_new();
		node->by_key = g_hash_table_new(g_str_hash, g_str_equal);
	}
	g_ptr_array_add(p->yaml->nodes, node);
	return node;
}

/* Put a finished key into the map that is being read. */
static bool take_key(Parse *p, IvYamlNode *map, IvYamlNode *key, GError **error)
{
	if (key->kind != IV_YAML_SCALAR)
		return fail_at(p->yaml->name, key->line, error, "a key must be plain text");
	if (g_hash_table_contains(map->by_key, key->text)) {
		g_autofree char *what = g_strdup_printf("the key '%s' stands here twice", key->text);

		return fail_at(p->yaml->name, key->line, error, what);
	}
	p->pending->pdata[p->pending->len - 1] = key;
	return true;
}

/* A new node: the root, a list's next element, a map's key or its value. */
static bool attach(Parse *p, IvYamlNode *node, GError **error)
{
	IvYamlNode *parent, *key;

	if (p->open->len == 0) {
		p->yaml->root = node;
		return true;
	}
	parent = p->open->pdata[p->open->len - 1];
	if (parent->kind == IV_YAML_MAP) {
		key = p->pending->pdata[p->pending->len - 1];
		if (key == NULL)
			return take_key(p, parent, node, error);
		g_ptr_array_add(parent->keys, key);
		g_hash_table_insert(parent->by_key, key->text, node);
		p->pending->pdata[p->pending->len - 1] = NULL;
	}
	g_ptr_array_add(parent->values, node);
	return true;
}

static bool open_collection(Parse *p, IvYamlKind kind, unsigned line, GError **error)
{
	IvYamlNode *node = node_new(p, kind, line);

	if (p->open->len >= IV_MAX_YAML_DEPTH)
		return fail_at(p->yaml->name, line, error, "nested too deep");
	if (!attach(p, node, error))
		return false;
	g_ptr_array_add(p->open, node);
	g_ptr_array_add(p->pending, NULL);
	return true;
}

static bool add_scalar(Parse *p, const yaml_event_t *event, unsigned line, GError **error)
{
	IvYamlNode *node = node_new(p, IV_YAML_SCALAR, line);
	const char *text = (const char *)event->data.scalar.value;

	if (strlen(text) != event->data.scalar.length)
		return fail_at(p->yaml->name, line, error, "a text may not hold a NUL byte");
	node->text = g_strdup(text);
	return attach(p, node, error);
}

static bool has_anchor(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return true;
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor != NULL;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor != NULL;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor != NULL;
	default:
		return false;
	}
}

static bool take_event(Parse *p, const yaml_event_t *event, GError **error)
{
	unsigned line = (unsigned)event->start_mark.line + 1;

	if (has_anchor(event))
		return fail_at(p->yaml->name, line, error,
			       "anchors and aliases (&name, *name) are not allowed");
	if (p->yaml->nodes->len >= IV_MAX_YAML_NODES)
		return fail_at(p->yaml->name, line, error, "too many entries in one file");
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (++p->documents > 1)
			return fail_at(p->yaml->name, line, error,
				       "a second document (---) in one file");
		return true;
	case YAML_SCALAR_EVENT:
		return add_scalar(p, event, line, error);
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(p, IV_YAML_LIST, line, error);
	case YAML_MAPPING_START_EVENT:
		return open_collection(p, IV_YAML_MAP, line, error);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		g_ptr_array_set_size(p->open, (gint)p->open->len - 1);
		g_ptr_array_set_size(p->pending, (gint)p->pending->len - 1);
		return true;
	default:
		return true;
	}
}

static bool fail_syntax(Parse *p, GError **error)
{
	g_autofree char *what = NULL;
	unsigned line = (unsigned)p->parser.problem_mark.line + 1;

	what = g_strdup_printf("not valid YAML: %s%s%s",
			       p->parser.problem != NULL ? p->parser.problem : "unreadable",
			       p->parser.context != NULL ? ", " : "",
			       p->parser.context != NULL ? p->parser.context : "");
	return fail_at(p->yaml->name, line, error, what);
}

static bool parse_events(Parse *p, GError **error)
{
	for (;;) {
		yaml_event_t event;
		bool ok, end;

		if (!yaml_parser_parse(&p->parser, &event))
			return fail_syntax(p, error);
		end = event.type == YAML_STREAM_END_EVENT;
		ok = take_event(p, &event, error);
		yaml_event_delete(&event);
		if (!ok || end)
			return ok;
	}
}

IvYaml *iv_yaml_parse(const char *name, const char *text, size_t len, GError **error)
{
	g_autoptr(IvYaml) yaml = g_new0(IvYaml, 1);
	Parse p = {.yaml = yaml};
	bool ok;

	yaml->name = iv_text_printable(name, -1);
	yaml->nodes = g_ptr_array_new_with_free_func(node_free);
	if (len > IV_MAX_YAML_BYTES) {
		iv_fail(error, IV_ERROR_CONFIG, "%s: larger than %u MiB", yaml->name,
			IV_MAX_YAML_BYTES >> 20);
		return NULL;
	}
	if (!yaml_parser_initialize(&p.parser))
		g_error("out of memory");
	yaml_parser_set_input_string(&p.parser, (const unsigned char *)text, len);
	p.open = g_ptr_array_new();
	p.pending = g_ptr_array_new();
	ok = parse_events(&p, error);
	yaml_parser_delete(&p.parser);
	g_ptr_array_unref(p.open);
	g_ptr_array_unref(p.pending);
	return ok ? g_steal_pointer(&yaml) : NULL;
}

/* Read at most IV_MAX_YAML_BYTES + 1 bytes, so that a pipe or /dev/zero ends. */
static char *read_bounded(int fd, size_t *len, GError **error, const char *name)
{
	GString *text = g_string_new(NULL);
	char buf[65536];
	ssize_t n;

	while (text->len <= IV_MAX_YAML_BYTES && (n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			iv_fail_errno(error, "cannot read %s", name);
			g_string_free(text, TRUE);
			return NULL;
		}
		g_string_append_len(text, buf, n);
	}
	*len = text->len;
	return g_string_free(text, FALSE);
}

IvYaml *iv_yaml_load(const char *path, GError **error)
{
	g_autofree char *name = iv_text_printable(path, -1);
	g_autofree char *text = NULL;
	size_t len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		iv_fail_errno(error, "cannot open %s", name);
		return NULL;
	}
	text = read_bounded(fd, &len, error, name);
	close(fd);
	return text != NULL ? iv_yaml_parse(path, text, len, error) : NULL;
}

const IvYamlNode *iv_yaml_root(const IvYaml *yaml)
{
	return yaml->root;
}

IvYamlKind iv_yaml_kind(const IvYamlNode *node)
{
	return node->kind;
}

unsigned iv_yaml_line(const IvYamlNode *node)
{
	return node->line;
}

const char *iv_yaml_text(const IvYamlNode *node)
{
	return node->text;
}

guint iv_yaml_length(const IvYamlNode *node)
{
	return node->values != NULL ? node->values->len : 0;
}

const IvYamlNode *iv_yaml_at(const IvYamlNode *node, guint i)
{
	return node->values->pdata[i];
}

const char *iv_yaml_key(const IvYamlNode *node, guint i)
{
	return ((const IvYamlNode *)node->keys->pdata[i])->text;
}

const IvYamlNode *iv_yaml_key_at(const IvYamlNode *node, guint i)
{
	return node->keys->pdata[i];
}

const IvYamlNode *iv_yaml_get(const IvYamlNode *node, const char *key)
{
	return node->kind == IV_YAML_MAP ? g_hash_table_lookup(node->by_key, key) : NULL;
}

bool iv_yaml_fail(const IvYaml *yaml, const IvYamlNode *node, GError **error, const char *format,
		  ...)
{
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	return fail_at(yaml->name, node != NULL ? node->line : 1, error, what);
}
