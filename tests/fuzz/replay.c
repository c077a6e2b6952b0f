/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replay.c - feed every stored seed to a fuzz target once, for make check.
 *
 * Linked with a target that was built without the fuzzer.  The program's name,
 * fuzz_NAME, says where the seeds are: $TOP/tests/fuzz/seeds/NAME/, each file
 * one input.  Prints TAP; a crash is a failed test by itself.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the seeds, sorted, so that a run is the same everywhere. */
static GPtrArray *list_seeds(const char *folder)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
		g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, by_name);
	return names;
}

static bool replay(const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *data = NULL;
	gsize size;

	if (!g_file_get_contents(path, &data, &size, &error)) {
		printf("# %s\n", error->message);
		return false;
	}
	LLVMFuzzerTestOneInput((const uint8_t *)data, size);
	return true;
}

int main(int argc, char **argv)
{
	g_autofree char *program = g_path_get_basename(argv[0]);
	const char *name = g_str_has_prefix(program, "fuzz_") ? program + 5 : program;
	const char *top = g_getenv("TOP") != NULL ? g_getenv("TOP") : ".";
	g_autofree char *folder = g_build_filename(top, "tests", "fuzz", "seeds", name, NULL);
	g_autoptr(GPtrArray) seeds = list_seeds(folder);
	bool bad = seeds->len == 0;

	/* The empty input is a seed of every target. */
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (guint i = 0; i < seeds->len; i++) {
		g_autofree char *path = g_build_filename(folder, seeds->pdata[i], NULL);
		bool fine = replay(path);

		printf("%s %u - %s\n", fine ? "ok" : "not ok", i + 1, (char *)seeds->pdata[i]);
		fflush(stdout);
		bad |= !fine;
	}
	if (seeds->len == 0)
		printf("not ok 1 - there are no seeds in %s\n", folder);
	printf("1..%u\n", MAX(seeds->len, 1));
	return bad ? 1 : 0;
}
