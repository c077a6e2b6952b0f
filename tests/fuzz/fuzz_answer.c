/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_answer.c - what a process that reads hostile bytes says to its parent.
 *
 * Whatever comes, in whatever pieces, is refused with a reason or becomes a report
 * that can be written, whose summary steers no terminal, and that names no other
 * image, rules or host than those that were given.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scanner/base/limits.h"
#include "scanner/base/text.h"
#include "scanner/process/answer.h"
#include "scanner/process/scan_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rules_text[] = "rules:\n"
				 "  - id: test.token\n"
				 "    name: A token\n"
				 "    severity: high\n"
				 "    anchors: [EXTOK_]\n"
				 "    pattern: '(EXTOK_[0-9A-F]{16})'\n"
				 "    reason: It opens the door.\n"
				 "    examples: ['EXTOK_00112233AABBCCDD']\n";

static IvScanKnown *known(void)
{
	static IvScanKnown known;

	if (known.rules != NULL)
		return &known;
	known.rules = iv_ruleset_parse("r.yml", rules_text, strlen(rules_text), NULL);
	g_assert_nonnull(known.rules);
	known.by_id = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(known.by_id, iv_ruleset_at(known.rules, 0)->id,
			    (void *)iv_ruleset_at(known.rules, 0));
	known.image = g_strdup("d");
	known.host = iv_text_printable(g_get_host_name(), -1);
	known.salt_id = g_strdup("0123456789abcdef");
	known.format = "raw";
	known.size = 1 << 20;
	return &known;
}

static void check_report(const IvReport *report)
{
	g_autoptr(cJSON) json = iv_report_to_json(report);
	g_autofree char *canonical = iv_json_canonical(json);
	g_autofree char *summary = iv_report_summary(report, 80, false);

	g_assert_nonnull(canonical);
	g_assert_cmpstr(report->run_image, ==, "d");
	g_assert_cmpstr(report->run_host, ==, known()->host);
	g_assert_cmpuint(report->size, ==, 1 << 20);
	for (const char *p = summary; *p != '\0'; p = g_utf8_next_char(p))
		g_assert_true(*p == '\n' || !iv_text_steers(g_utf8_get_char(p)));
}

static IvFinding *finding(void)
{
	IvFinding *f = iv_finding_new();

	f->fingerprint = g_strdup("0123456789abcdef0123456789abcdef");
	f->rule = g_strdup("test.token");
	f->volume = g_strdup("disk");
	f->path = g_strdup("/etc/key");
	f->place = g_strdup("file");
	f->severity = IV_SEVERITY_HIGH;
	f->line = 1;
	f->length = 22;
	f->disk_offset = 4096;
	f->redacted = g_strdup("EXTOK************ (22)");
	f->reason = g_strdup("It opens the door. (still)");
	return f;
}

static IvReport *honest_report(const IvScanKnown *k)
{
	IvReport *r = iv_report_new();
	IvCoverageVolume *v = iv_coverage_volume(r->coverage, "disk", "ext4", "ext", 0, k->size);

	r->format = g_strdup(k->format);
	r->size = k->size;
	r->digest = g_strdup_printf("fsverity-sha256:%064d", 0);
	r->table = g_strdup("none");
	r->rules_digest = g_strdup(iv_ruleset_digest(k->rules));
	r->rules_count = 1;
	r->salt_id = g_strdup(k->salt_id);
	r->run_image = g_strdup(k->image);
	r->run_host = g_strdup(k->host);
	r->run_version = g_strdup(IV_VERSION);
	r->run_started = r->run_finished = 1;
	iv_coverage_miss(r->coverage, v, "/etc/shadow", 5, "could not be read");
	iv_coverage_note(r->coverage, "a note");
	g_ptr_array_add(r->findings, finding());
	return r;
}

/* What a child says that means well. */
static GBytes *honest_answer(void)
{
	static GBytes *bytes;
	int fd;
	off_t len;
	uint8_t *text;

	if (bytes != NULL)
		return bytes;
	fd = memfd_create("answer", MFD_CLOEXEC);
	{
		g_autoptr(IvAnswer) answer = iv_answer_new(fd);
		g_autoptr(IvReport) report = honest_report(known());

		g_assert_true(iv_scan_answer_say(answer, report, NULL) && iv_answer_end(answer, NULL));
	}
	len = lseek(fd, 0, SEEK_END);
	text = g_malloc((gsize)len);
	g_assert_cmpint(pread(fd, text, (gsize)len, 0), ==, len);
	close(fd);
	return bytes = g_bytes_new_take(text, (gsize)len);
}

/* The input bends an honest answer: the length of the pieces in which it comes, then
 * for each change a place (two bytes) and what stands there now.  A last single byte
 * cuts off so many. */
static GByteArray *bent(const uint8_t *data, size_t size)
{
	gsize len;
	const uint8_t *honest = g_bytes_get_data(honest_answer(), &len);
	GByteArray *answer = g_byte_array_new();

	g_byte_array_append(answer, honest, (guint)len);
	for (; size >= 3; data += 3, size -= 3)
		answer->data[(data[0] | data[1] << 8) % len] = data[2];
	if (size == 1)
		g_byte_array_set_size(answer, (guint)(len - MIN(len, data[0])));
	return answer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(IvScanHeard) heard = iv_scan_heard_new(known());
	g_autoptr(IvAnswerReader) reader = iv_answer_reader_new(iv_scan_heard_take, heard);
	size_t step = size > 0 ? (size_t)data[0] + 1 : 1;
	g_autoptr(GByteArray) answer = bent(data + (size > 0), size - (size > 0));
	g_autoptr(GError) error = NULL;
	g_autoptr(IvReport) report = NULL;
	bool ok = true;

	for (size_t at = 0; ok && at < answer->len; at += step)
		ok = iv_answer_feed(reader, answer->data + at, MIN(step, answer->len - at), &error);
	if (ok && iv_answer_close(reader, &error))
		report = iv_scan_heard_report(heard, &error);
	if (report != NULL)
		check_report(report);
	else
		g_assert_nonnull(error);
	g_assert_true(report != NULL || size > 1);
	return 0;
}
