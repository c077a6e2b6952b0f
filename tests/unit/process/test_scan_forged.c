/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_scan_forged.c - an image that has taken over the process that scans it.
 *
 * The sandbox callback of a scan runs in the child once the image is open; here it
 * is the attacker.  It makes an honest report of the same image, forges one thing
 * in it, answers with that, and ends like a child that did its work.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/limits.h"
#include "scanner/base/write.h"
#include "scanner/disk/open.h"
#include "scanner/process/scan_answer.h"
#include "scanner/process/scan_process.h"
#include "scanner/report/parts.h"
#include "scanner/report/skips.h"
#include "tests/unit/folder.h"

#define MIB (1u << 20)

static char *image;
static IvRuleSet *rules;
static const uint8_t salt[IV_SALT_BYTES] = {1, 2, 3};

static const char rules_text[] =
	"rules:\n"
	"  - id: test.token\n"
	"    name: A token\n"
	"    severity: high\n"
	"    anchors: [EXTOK_]\n"
	"    pattern: '(EXTOK_[0-9A-F]{16})'\n"
	"    reason: It opens the door.\n"
	"    remediation: Change the lock.\n"
	"    controls: [CWE-798]\n"
	"    examples: ['EXTOK_00112233AABBCCDD']\n"
	"    negative_examples: ['EXTOK_no']\n";

static const char make_image[] =
	"truncate -s 2M disk.raw; mkdir tree; echo EXTOK_00112233AABBCCDD >tree/a; "
	"echo EXTOK_00112233AABBCCD1 >tree/b; mke2fs -q -t ext4 -d tree disk.raw; "
	"qemu-img convert -O qcow2 disk.raw disk.qcow2";

/* --- in the child that was taken over ---------------------------------------------------- */

/* The one pipe that it has. */
static int find_pipe(void)
{
	struct stat st;

	for (int fd = 3; fd < 1024; fd++)
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
		    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY)
			return fd;
	_exit(9);
}

static IvReport *honest_report(void)
{
	IvScanOptions options = {.reader = IV_READER_NATIVE, .threads = 1, .salt = salt};
	IvReport *report = iv_scan(image, rules, &options, NULL);

	if (report == NULL || report->findings->len != 2)
		_exit(8);
	return report;
}

static void say(IvAnswer *answer, IvReport *report)
{
	_exit(iv_scan_answer_say(answer, report, NULL) && iv_answer_end(answer, NULL) ? 0 : 7);
}

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

typedef void (*Forge)(IvReport *report);

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

/* --- raw streams --------------------------------------------------------------------------- */

typedef void (*Stream)(int fd, IvAnswer *answer, IvReport *report);

static void put(int fd, const void *bytes, size_t len)
{
	if (!iv_write_all(fd, bytes, len))
		_exit(6);
}

static void garbage(int fd, IvAnswer *a, IvReport *r)
{
	put(fd, "{\"schema\":1}", 12);
}

static void mute(int fd, IvAnswer *a, IvReport *r)
{
	_exit(0);
}

static void half(int fd, IvAnswer *a, IvReport *r)
{
	iv_ignore(iv_answer_add(a, 0, "", 0, NULL));
	put(fd, "\0\10\0\0", 4);
}

static void no_end(int fd, IvAnswer *a, IvReport *r)
{
	iv_ignore(iv_scan_answer_say(a, r, NULL));
}

static void only_the_end(int fd, IvAnswer *a, IvReport *r)
{
	iv_ignore(iv_answer_end(a, NULL));
}

static void behind_the_end(int fd, IvAnswer *a, IvReport *r)
{
	if (iv_scan_answer_say(a, r, NULL) && iv_answer_end(a, NULL))
		put(fd, "x", 1);
}

static void unknown_kind(int fd, IvAnswer *a, IvReport *r)
{
	iv_ignore(iv_answer_add(a, 0x7f, "", 0, NULL) && iv_answer_end(a, NULL));
}

static const IvReportPart *part_of(const char *part_name, guint8 *kind)
{
	unsigned count;
	const IvReportPart *parts = iv_report_parts(&count);

	for (*kind = 0; *kind < count; (*kind)++)
		if (strcmp(parts[*kind].name, part_name) == 0)
			return &parts[*kind];
	_exit(5);
}

/* All the parts as they should be, each given to `send`. */
static void send_parts(IvAnswer *a, IvReport *r, const char *odd, guint repeats, gsize more)
{
	unsigned count;
	const IvReportPart *parts = iv_report_parts(&count);

	for (unsigned k = 0; k < count; k++) {
		guint n = strcmp(parts[k].name, odd) == 0 ? repeats : 1;
		void *object;

		for (guint i = 0; (object = parts[k].at(r, i)) != NULL; i++) {
			g_autoptr(GByteArray) bytes = g_byte_array_new();

			iv_part_write(bytes, &parts[k], object);
			if (strcmp(parts[k].name, odd) == 0)
				g_byte_array_set_size(bytes, bytes->len + (guint)more);
			for (guint j = 0; j < n; j++)
				if (!iv_answer_add(a, (guint8)k, bytes->data, bytes->len, NULL))
					_exit(4);
		}
	}
	iv_ignore(iv_answer_end(a, NULL));
}

static void unknown_field(int fd, IvAnswer *a, IvReport *r)
{
	send_parts(a, r, "run", 1, 8);
}

static void missing_part(int fd, IvAnswer *a, IvReport *r)
{
	send_parts(a, r, "run", 0, 0);
}

static void doubled_part(int fd, IvAnswer *a, IvReport *r)
{
	send_parts(a, r, "run", 2, 0);
}

static void many_volumes(int fd, IvAnswer *a, IvReport *r)
{
	send_parts(a, r, "coverage.volumes", IV_MAX_VOLUMES + 1, 0);
}

static void late_part(int fd, IvAnswer *a, IvReport *r)
{
	guint8 kind;
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	const IvReportPart *image_part = part_of("image", &kind);

	if (!iv_scan_answer_say(a, r, NULL))
		_exit(3);
	iv_part_write(bytes, image_part, r);
	iv_ignore(iv_answer_add(a, kind, bytes->data, bytes->len, NULL) && iv_answer_end(a, NULL));
}

static void long_record(int fd, IvAnswer *a, IvReport *r)
{
	put(fd, "\5\xff\xff\xff\x7f", 5);
	for (;;)
		put(fd, image, 1);
}

/* Half a gigabyte of what could be findings. */
static void flood(int fd, IvAnswer *a, IvReport *r)
{
	g_autofree char *zeros = g_malloc0(MIB);

	memset(zeros, 0xff, 5);
	for (guint i = 0; i < 512; i++)
		put(fd, zeros, MIB);
}

/* Without the sender's own ceilings. */
static void put_part(int fd, guint8 kind, const IvReportPart *part, const void *object)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	guint8 head[5] = {kind};

	iv_part_write(bytes, part, object);
	for (guint i = 0; i < 4; i++)
		head[1 + i] = (guint8)(bytes->len >> (8 * i));
	put(fd, head, sizeof(head));
	put(fd, bytes->data, bytes->len);
}

/* The same in records that are well-formed. */
static void flood_of_notes(int fd, IvAnswer *a, IvReport *r)
{
	guint8 notes;
	g_autofree char *text = g_strnfill(200000, 'x');
	const IvReportPart *part = part_of("coverage.notes", &notes), *parts = part - notes;

	for (guint8 k = 0; k < notes; k++) {
		void *object;

		for (guint i = 0; (object = parts[k].at(r, i)) != NULL; i++)
			put_part(fd, k, &parts[k], object);
	}
	for (;;)
		put_part(fd, notes, part, &text);
}

static void sleep_for_ever(int fd, IvAnswer *a, IvReport *r)
{
	for (;;)
		pause();
}

static void close_and_sleep(int fd, IvAnswer *a, IvReport *r)
{
	if (!iv_scan_answer_say(a, r, NULL) || !iv_answer_end(a, NULL))
		_exit(3);
	put(fd, "x", 1);
	close(fd);
	for (;;)
		pause();
}

static void drip(int fd, IvAnswer *a, IvReport *r)
{
	put(fd, "\0\377\0\0\0", 5);
	for (;;) {
		put(fd, "\0", 1);
		g_usleep(50000);
	}
}

/* --- the parent ------------------------------------------------------------------------------ */

static Forge forge;
static Stream stream;

static bool attack(GError **error)
{
	int fd = find_pipe();
	g_autoptr(IvAnswer) answer = iv_answer_new(fd);
	IvReport *report = honest_report();

	if (stream != NULL) {
		stream(fd, answer, report);
		_exit(0);
	}
	forge(report);
	say(answer, report);
	return false;
}

/* The same steps as iv_scan_process_wait(), which has no hurry. */
static IvReport *scan(const char *path, unsigned hurry, GError **error)
{
	IvScanOptions options = {.reader = IV_READER_NATIVE, .threads = 1, .salt = salt,
				 .sandbox = attack};
	IvScanProcess *process = iv_scan_process_start(path, rules, &options, error);

	g_assert_no_error(*error);
	if (hurry > 0)
		iv_scan_process_hurry(process, hurry);
	return iv_scan_process_wait(process, path, NULL, error);
}

/* Long enough for a busy machine; and for those that wait to be ended. */
#define PATIENT 60u
#define HURRIED 4u

static void refused(const char *what, unsigned hurry, const char *words)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvReport) report = scan(image, hurry, &error);

	if (report != NULL)
		g_error("%s was taken", what);
	if (!g_error_matches(error, IV_ERROR, IV_ERROR_CORRUPT) ||
	    strstr(error->message, words) == NULL)
		g_error("%s: %s", what, error->message);
}

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

#define ROW(f, words)      \
	{                  \
		#f, f, words \
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

static void test_streams(void)
{
	static const struct {
		const char *name;
		Stream stream;
		const char *words;
	} rows[] = {
		ROW(garbage, "was not believed"), ROW(unknown_kind, "no known kind"),
		ROW(unknown_field, "more than its known fields"), ROW(missing_part, "run is missing"),
		ROW(doubled_part, "more than 1 of run"), ROW(late_part, "out of order"),
		ROW(many_volumes, "more than 16384"), ROW(only_the_end, "is missing"),
		ROW(behind_the_end, "behind its end"), ROW(long_record, "a record of"),
		ROW(flood, "was not believed"), ROW(flood_of_notes, "longer than"),
		ROW(close_and_sleep, "behind its end"),
	};
	static const struct {
		const char *name;
		Stream stream;
		const char *words;
	} waiting[] = {
		ROW(sleep_for_ever, "neither works nor answers"),
		ROW(drip, "too slowly"),
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		stream = rows[i].stream;
		refused(rows[i].name, PATIENT, rows[i].words);
	}
	for (guint i = 0; i < G_N_ELEMENTS(waiting); i++) {
		stream = waiting[i].stream;
		refused(waiting[i].name, HURRIED, waiting[i].words);
	}
}

static void test_broken_off(void)
{
	static const Stream rows[] = {mute, half, no_end};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;

		stream = rows[i];
		g_assert_null(scan(image, 0, &error));
		g_assert_nonnull(error);
	}
}

/* None of these made the parent large. */
static void test_memory(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
#ifndef __SANITIZE_ADDRESS__
	g_assert_cmpint(used.ru_maxrss, <, 150 * 1024);
#endif
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
	int result;

	g_test_init(&argc, &argv, NULL);
	folder_make();
	folder_sh("%s", make_image);
	image = folder_path("disk.raw");
	rules = iv_ruleset_parse("r.yml", rules_text, strlen(rules_text), NULL);
	g_assert_nonnull(rules);
	g_test_add_func("/forged/honest", test_honest);
	g_test_add_func("/forged/one-thing", test_forged);
	g_test_add_func("/forged/remains", test_remains);
	g_test_add_func("/forged/streams", test_streams);
	g_test_add_func("/forged/broken-off", test_broken_off);
	g_test_add_func("/forged/memory", test_memory);
	g_test_add_func("/forged/qcow2", test_qcow2);
	result = g_test_run();
	folder_remove();
	g_free(image);
	iv_ruleset_free(rules);
	return result;
}
