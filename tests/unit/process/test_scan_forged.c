/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_scan_forged.c - one thing is forged in the report of a child that was taken over: see
 * forged_rig.h.  test_scan_streams.c has the answers that are no report.
 */
#include "scanner/report/skips.h"
#include "tests/unit/process/forged_rig.h"

static const IvFinding *first(const IvReport *r)
{
	return r->findings->pdata[0];
}
#define FIRST(r) ((IvFinding *)first(r))
#define VOLUME(r, i) ((IvCoverageVolume *)(r)->coverage->volumes->pdata[i])

static void set(char **field, const char *text)
{
	g_free(*field);
	*field = g_strdup(text);
}

static void nothing(IvReport *r)
{
}

static void hide(IvReport *r)
{
	g_ptr_array_set_size(r->findings, 0);
}

#define FORGE(name, what)                   \
	static void name(IvReport *r)       \
	{                                   \
		what;                       \
	}

#define HEX16 "0123456789abcdef"
#define HEX64 HEX16 HEX16 HEX16 HEX16

FORGE(format, set(&r->format, "qcow2"))
FORGE(tree, set(&r->format, "tree"))
FORGE(size, r->size += 512)
FORGE(no_digest, g_clear_pointer(&r->digest, g_free))
FORGE(odd_digest, set(&r->digest, "fsverity-sha256:0123"))
FORGE(table, set(&r->table, "dos"))
FORGE(rules_digest, set(&r->rules_digest, "sha256:" HEX64))
FORGE(rules_count, r->rules_count++)
FORGE(salt_id, set(&r->salt_id, HEX16))
FORGE(name, set(&r->run_image, "/other.raw"))
FORGE(host, set(&r->run_host, "build.example"))
FORGE(version, set(&r->run_version, "9.9"))
FORGE(future, r->run_started = r->run_finished = 1900000000)
FORGE(past, r->run_started -= 3600)
FORGE(backwards, r->run_started = r->run_finished + 1)
FORGE(no_volumes, g_ptr_array_set_size(r->coverage->volumes, 0))
FORGE(short_volume, VOLUME(r, 0)->bytes -= 4096)
FORGE(late_volume, VOLUME(r, 0)->offset = 4096; VOLUME(r, 0)->bytes -= 4096)
FORGE(long_volume, VOLUME(r, 0)->bytes += 4096)
FORGE(wrapping_volume, VOLUME(r, 0)->offset = 4096; VOLUME(r, 0)->bytes = UINT64_MAX - 4095)
FORGE(guest_reader, set(&VOLUME(r, 0)->reader, "guest"))
FORGE(tree_reader, set(&VOLUME(r, 0)->reader, "tree"))
FORGE(no_kind, set(&VOLUME(r, 0)->kind, ""))
FORGE(unread, VOLUME(r, 0)->unread = 1; VOLUME(r, 0)->complete = true)
FORGE(half_complete, VOLUME(r, 0)->complete = false; r->coverage->complete = true)
FORGE(dropped, r->coverage->misses_dropped = 1; r->coverage->complete = true)
FORGE(missed, iv_coverage_miss(r->coverage, VOLUME(r, 0), "/x", 1, "y"); r->coverage->complete = true)
FORGE(missed_volume, iv_coverage_miss(r->coverage, VOLUME(r, 0), "/x", 1, "y");
      VOLUME(r, 0)->complete = true; VOLUME(r, 0)->unread = 0)
FORGE(strange_rule, set(&FIRST(r)->rule, "test.other"))
FORGE(strange_volume, set(&FIRST(r)->volume, "p7"))
FORGE(strange_reason, set(&FIRST(r)->reason, "Nothing to see here."))
FORGE(long_reason, set(&FIRST(r)->reason, "It opens the door. No, it does not."))
FORGE(whole_secret, set(&FIRST(r)->redacted, "EXTOK_00112233AABBCCDD (22)"))
FORGE(long_prefix, set(&FIRST(r)->redacted, "EXTOK_00************ (22)"))
FORGE(other_prefix, set(&FIRST(r)->redacted, "SECRE************ (22)"))
FORGE(wrong_length, set(&FIRST(r)->redacted, "EXTOK************ (21)"))
FORGE(no_redaction, set(&FIRST(r)->redacted, ""))
FORGE(short_path, set(&FIRST(r)->path, "a"))
FORGE(far_offset, FIRST(r)->disk_offset = 2 * MIB)
FORGE(far_line, FIRST(r)->line = 1000)
FORGE(no_occurrence, FIRST(r)->occurrences = 0)
FORGE(bad_fingerprint, set(&FIRST(r)->fingerprint, HEX16))
FORGE(bad_severity, FIRST(r)->severity = (IvSeverity)9)
FORGE(huge_number, r->run_bytes = UINT64_MAX)

#define SKIP(r) ((IvReportSkip *)(r)->run_skips->pdata[0])
FORGE(strange_skip, set(&SKIP(r)->reason, "because"))
FORGE(other_account, set(&SKIP(r)->account, "judged"); set(&SKIP(r)->reason, "hole"))
FORGE(no_count, SKIP(r)->count = 0)

/* What was passed over unread, and everything complete. */
static void unread_skip(IvReport *r)
{
	IvReportSkip *skip = iv_report_skips_add(r->run_skips);

	set(&skip->reason, "unread");
	set(&skip->account, "unread");
	skip->count = 1;
	g_ptr_array_insert(r->run_skips, 0, g_ptr_array_steal_index(r->run_skips, r->run_skips->len - 1));
}

static void double_skip(IvReport *r)
{
	unread_skip(r);
	unread_skip(r);
}

/* A mistake of the attacker's that the sender would mend. */
static void disorder(IvReport *r)
{
	gpointer a = r->findings->pdata[0];

	r->findings->pdata[0] = r->findings->pdata[1];
	r->findings->pdata[1] = a;
}

static void twice(IvReport *r)
{
	set(&((IvFinding *)r->findings->pdata[1])->path, FIRST(r)->path);
	set(&((IvFinding *)r->findings->pdata[1])->fingerprint, FIRST(r)->fingerprint);
	*(IvFinding *)r->findings->pdata[1] = *FIRST(r);
}

static void many_notes(IvReport *r)
{
	for (guint i = 0; i < 2 * IV_MAX_NOTES; i++)
		g_ptr_array_add(r->coverage->notes, g_strdup("x"));
}

/* --- what the parent says -------------------------------------------------------------------- */

/* The way of the attack is the way of an honest answer. */
static void test_honest(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvReport) report = NULL;
	const IvFinding *f;

	forge = nothing, stream = NULL;
	report = scan(image, 0, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(report->findings->len, ==, 2);
	f = first(report);
	g_assert_cmpstr(f->name, ==, "A token");
	g_assert_cmpstr(f->remediation, ==, "Change the lock.");
	g_assert_cmpstr(f->controls[0], ==, "CWE-798");
	g_assert_cmpstr(f->redacted, ==, "EXTOK************ (22)");
	g_assert_true(report->coverage->complete);
}

static void test_forged(void)
{
	static const struct {
		const char *name;
		Forge forge;
		const char *words;
	} rows[] = {
		ROW(format, "image.format"), ROW(tree, "image.format"), ROW(size, "image.size"),
		ROW(no_digest, "image.digest"), ROW(odd_digest, "image[0].digest"),
		ROW(table, "image.table"), ROW(rules_digest, "rules"), ROW(rules_count, "rules"),
		ROW(salt_id, "salt"), ROW(name, "run.image"), ROW(host, "run.host"),
		ROW(version, "run.version"), ROW(future, "run.started"), ROW(past, "run.started"),
		ROW(backwards, "run.started"), ROW(no_volumes, "volume that does not"),
		ROW(short_volume, "do not cover"), ROW(late_volume, "do not cover"),
		ROW(long_volume, "outside the disk"), ROW(wrapping_volume, "outside the disk"),
		ROW(guest_reader, "reader"), ROW(tree_reader, "reader"), ROW(no_kind, "kind"),
		ROW(unread, "unread bytes"), ROW(half_complete, "although"),
		ROW(dropped, "although"), ROW(missed, "said to be complete"),
		ROW(missed_volume, "said to be complete"), ROW(strange_rule, "rule that does not"),
		ROW(strange_volume, "volume that does not"), ROW(strange_reason, "its rule does not"),
		ROW(long_reason, "its rule does not"), ROW(whole_secret, "more of its secret"),
		ROW(long_prefix, "more of its secret"), ROW(other_prefix, "more of its secret"),
		ROW(wrong_length, "more of its secret"), ROW(no_redaction, "more of its secret"),
		ROW(short_path, "no /"), ROW(far_offset, "outside the disk"),
		ROW(far_line, "on a line"), ROW(no_occurrence, "occurrences"),
		ROW(bad_fingerprint, "fingerprint"), ROW(bad_severity, "severity"),
		ROW(strange_skip, "run.skips"), ROW(other_account, "run.skips"),
		ROW(no_count, "run.skips"), ROW(double_skip, "run.skips"),
		ROW(unread_skip, "although run.skips"), ROW(disorder, "out of order"), ROW(twice, "out of order"),
	};

	stream = NULL;
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		forge = rows[i].forge;
		refused(rows[i].name, PATIENT, rows[i].words);
	}
}

/* What remains to a child: it can leave out what it found, and count bytes. */
static void test_remains(void)
{
	static const Forge lies[] = {hide, huge_number, many_notes};

	stream = NULL;
	for (guint i = 0; i < G_N_ELEMENTS(lies); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvReport) report = NULL;

		forge = lies[i];
		report = scan(image, 0, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(report->coverage->notes->len, <=, IV_MAX_NOTES);
		g_assert_cmpuint(report->run_bytes, <=, IV_MAX_JSON_INTEGER);
	}
}

/* A qcow2 image's size is its header's; the child cannot say another. */
static void test_qcow2(void)
{
	g_autofree char *path = folder_path("disk.qcow2");
	g_autofree char *raw = image;

	image = path;
	stream = NULL, forge = nothing;
	{
		g_autoptr(GError) error = NULL;
		g_autoptr(IvReport) report = scan(path, 0, &error);

		g_assert_no_error(error);
		g_assert_cmpstr(report->format, ==, "qcow2");
		g_assert_cmpuint(report->size, ==, 2 * MIB);
	}
	forge = size;
	refused("another size", PATIENT, "image.size");
	image = g_steal_pointer(&raw);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_begin();
	g_test_add_func("/forged/honest", test_honest);
	g_test_add_func("/forged/one-thing", test_forged);
	g_test_add_func("/forged/remains", test_remains);
	g_test_add_func("/forged/qcow2", test_qcow2);
	return rig_end(g_test_run());
}
