/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gram.c - see gram.h */
#include "scanner/engine/gram.h"

#include <string.h>

#include "scanner/engine/common_grams.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* log2 of the bits of the bitmap: 128 KiB, which a second-level cache holds. */
#define BITMAP_LOG 20u
/* Grams at most: above, the bitmap would let too much through. */
#define MAX_ENTRIES (1u << 17)
/* Values of a byte that are text. */
#define TEXT_BYTES 100u
#define WORD	   64u
/* Words whose text is marked in one go: 4 KiB. */
#define STRIPE 64u
/* Hits that wait for their turn: a literal may be found by its first bytes. */
#define MAX_PENDING 256u
/* Comparisons of literals per byte of data; honest bytes need a hundredth. */
#define MAX_COMPARES 4u
#define NO_ENTRY     UINT32_MAX

/* A literal under one of its grams. */
typedef struct {
	uint32_t literal;
	uint32_t next;	/* of the same gram, or NO_ENTRY */
	uint8_t offset; /* of the gram in the literal */
} Entry;

typedef struct {
	uint32_t gram, first;
} Slot;

/* What the processor decides. */
typedef struct {
	/* Bit i of masks[w]: byte 64 * w + i is text. */
	void (*text)(const uint8_t *data, size_t words, uint64_t *masks);
	/* Which of the places `runs` of a word have a gram in the bitmap?  Reads up
	 * to three bytes behind the word. */
	uint64_t (*candidates)(const uint32_t *bitmap, const uint8_t *word, uint64_t runs);
} Kernel;

struct IvGrams {
	char **literals;
	uint8_t *lens;
	GArray *entries; /* Entry */
	Slot *slots;
	guint slot_log;
	uint32_t *bitmap;
	const Kernel *kernel;
};

/* --- bytes and grams ----------------------------------------------------------------- */

static inline bool is_text(uint8_t c)
{
	return (c >= 0x20 && c < 0x7f) || (c >= '\t' && c <= '\r');
}

/* Letters folded.  Other bytes fold as well ('[' and '{'), which only lets a few
 * more through to the comparison. */
static inline uint32_t gram_at(const void *data)
{
	uint32_t gram;

	memcpy(&gram, data, sizeof(gram));
	return gram | 0x20202020u;
}

#define BITMAP_FACTOR 0x9E3779B1u

static inline uint32_t bit_of(uint32_t gram)
{
	return gram * BITMAP_FACTOR >> (32 - BITMAP_LOG);
}

static inline bool in_bitmap(const uint32_t *bitmap, uint32_t gram)
{
	uint32_t bit = bit_of(gram);

	return bitmap[bit / 32] >> bit % 32 & 1;
}

/* The slot of a gram, or the free one where it would go. */
static Slot *slot_of(const IvGrams *grams, uint32_t gram)
{
	uint32_t mask = (1u << grams->slot_log) - 1;
	uint32_t i = gram * 0x85EBCA6Bu >> (32 - grams->slot_log);

	while (grams->slots[i].first != NO_ENTRY && grams->slots[i].gram != gram)
		i = (i + 1) & mask;
	return &grams->slots[i];
}

/* --- which gram of a literal is rare --------------------------------------------------- */

/* How common two bytes in a row are in text, as 2 * log2 of their share times
 * 2^20, '0' being none; counted in 300 MB of a Debian root with development
 * tools.  Rows are the first byte, columns the second: a-z, a digit, then
 * _ - . / space : = " ', other visible bytes, white space. */
static const char common[][39] = {
	">GHF>CF=D<AJHK;I:HHKDKDEB>E@<CJD7265B8",
	"E>A>G8:<CF7E<8C99AA;F596B5>=7B:;4653?7",
	"H<B@H=8GE7DG@:J?9ECIF<87A7?@@BF>8354C6",
	"G?@CI?>BF<ECA>E@7BCAC=;7>7>@=ABE;9;9H<",
	"GCIGEGD?C;?GGJAFBKIJBEBGBBBC@FHH?@=:F=",
	"C;;<DD>9H67D;;F:5C@?D787<4>=8;BB=952>8",
	"B??;H;AAE79B@CF<6DB?D<<4>9=?9AJB8574E8",
	"G<?;G;:;E6;>@=F=3B>DB:75:5>=9=@A;665?7",
	"EDHEFDF:A@=HGKJC;CHI:C8?:C>==>EA3445B7",
	"K8BEF<:4=<?>;<?;39B;=B53379333770001?6",
	"A:?;F;C<C98@?>?>8>?@D:;6<4G=8@D>6132@7",
	"J>EDI??;IJ=E@>GB==FCEB:7D5>@<BIC:88:H9",
	"HD?@J;;;E68DD@EF3<B>A;8;=4D?:CG@:544@6",
	"H>GGIEJ=F<B@ADGA7@GJDD<;>9B@?BHE?:B:D;",
	"BFFG>CC:A;DHHKFG3JEGGBC>>9:?>AHD?468?8",
	"G=@@H>9CF5CG?;GE6GBFC=87>4B>7@B?<965A9",
	"84546445642<3:64;7=8D43354830<194100=5",
	"IAFCJAE>J8B@EFH@9EFFDB>6D8?A<CEE=897E=",
	"D=F?IB@EH8BD>?GF<AHJH>C7C8AA<GGF@;;8E<",
	"I?DAKB=IK<@DC@ID9IFFDAA:H:ABCCGF<:;8I<",
	"AFBADBA7C9:DEI<D5HEH<:8;89987=9?4433<6",
	"K8<;G988E88:C<D;8:=989:995G;;9<;775<A8",
	"C9?:A:8?E56:9?A;4B@C87>653>;7<9=6331>5",
	"?:D:A96;?4::B<;B3;BD897A<2@@9<E<6644=7",
	"A<D;?:8:?7:@BAAF<>BA::94=:;><CDC98<6B9",
	"?754B36:>63<6CC725<;;455:<9655281010?5",
	"CDB@A==>?@<A?>??8>G>;?;;8:HA<GB@=:;;F?",
	"@>AA@?@=@=;?A??@8@B@>><;:C@<03020000:3",
	"=;@<==B9><9=><>=5>?=>;8878>0A43=0193?7",
	"CADEDAC@GB@?BBAB<BEA??A@@7A41@7A00<5F?",
	"HDHDCDDDHGDIEDFF:DIGFG@D=<<126>80164>7",
	"FCDDCD@@E@ABCDDD;CEFBAB=?<@7A:;H8?D@F8",
	"<4;9:576673=974717<7554420?32<=B:2?1>;",
	"87:967767779996948<9875454<2447?2@>8>8",
	";<=;::79<=7<::9;3;==9:7:538078;@81>5CD",
	"87:988367;6;:75514=:653310716;3?233?@7",
	"BADBAC?AED@JACAB=BFE@C>?<?D8>F>G>;?>LB",
	"@=@>@>@<?=>=@==>:>D>=<<9:7>9:59C58A8DD",
};
/* The same for single bytes. */
static const char common_one[] = "QLOMQLMKPLKONPPNEOOPMMIJKGLIGLONFEGDOJ";

static guint class_of(uint8_t c)
{
	static const char marks[] = "_-./ :=\"'";
	const char *mark;

	if (g_ascii_isalpha(c))
		return (guint)g_ascii_tolower((char)c) - 'a';
	if (g_ascii_isdigit(c))
		return 26;
	mark = strchr(marks, c);
	if (mark != NULL)
		return 27 + (guint)(mark - marks);
	return g_ascii_isgraph(c) ? 36 : 37;
}

/* The set of common_grams, made while grams are chosen. */
static GHashTable *common_set(void)
{
	GHashTable *set = g_hash_table_new(g_direct_hash, g_direct_equal);

	for (const char *at = common_grams; *at != '\0'; at += 4)
		g_hash_table_add(set, GUINT_TO_POINTER(gram_at(at)));
	return set;
}

static int rareness(const IvGrams *grams, GHashTable *common_ones, const char *at)
{
	int score = g_hash_table_contains(common_ones, GUINT_TO_POINTER(gram_at(at))) ? 100 : 0;
	uint32_t first = slot_of(grams, gram_at(at))->first;

	for (guint i = 0; i < 3; i++)
		score += common[class_of((uint8_t)at[i])][class_of((uint8_t)at[i + 1])] - '0';
	for (guint i = 1; i < 3; i++)
		score -= common_one[class_of((uint8_t)at[i])] - '0';
	/* Long chains are slow, and a hostile file could walk one at every byte. */
	for (; first != NO_ENTRY; first = g_array_index(grams->entries, Entry, first).next)
		score += 2;
	return score;
}

/* Only text is looked up. */
static bool is_gram(const char *at)
{
	return is_text((uint8_t)at[0]) && is_text((uint8_t)at[1]) && is_text((uint8_t)at[2]) &&
	       is_text((uint8_t)at[3]);
}

static guint rarest(const IvGrams *grams, GHashTable *common_ones, const char *literal, guint len)
{
	int least = G_MAXINT;
	guint best = 0;

	for (guint i = 0; i + 4 <= len; i++) {
		int score = is_gram(literal + i) ? rareness(grams, common_ones, literal + i)
						 : G_MAXINT;

		if (score < least) {
			least = score;
			best = i;
		}
	}
	return best;
}

/* --- building ---------------------------------------------------------------------------- */

static void file_under(IvGrams *grams, const char *gram_bytes, Entry entry)
{
	uint32_t gram = gram_at(gram_bytes), bit = bit_of(gram);
	Slot *slot = slot_of(grams, gram);

	/* Bytes that fold together would file the same literal twice. */
	for (uint32_t i = slot->first; i != NO_ENTRY;) {
		const Entry *e = &g_array_index(grams->entries, Entry, i);

		if (e->literal == entry.literal)
			return;
		i = e->next;
	}
	entry.next = slot->first;
	slot->gram = gram;
	slot->first = grams->entries->len;
	g_array_append_val(grams->entries, entry);
	grams->bitmap[bit / 32] |= 1u << bit % 32;
}

/* Three bytes are no gram: they are filed with every byte that may follow. */
static void file_three(IvGrams *grams, guint index, const char *literal)
{
	for (guint c = 0; c < 128; c++) {
		char gram[4] = {literal[0], literal[1], literal[2], (char)c};

		if (is_text((uint8_t)c))
			file_under(grams, gram, (Entry){.literal = index});
	}
}

/* The longest row of text bytes. */
static size_t text_run(const char *literal)
{
	size_t longest = 0, run = 0;

	for (; *literal != '\0'; literal++) {
		run = is_text((uint8_t)*literal) ? run + 1 : 0;
		longest = MAX(longest, run);
	}
	return longest;
}

static bool fits(const char *const *literals, guint n, guint *entries)
{
	*entries = 0;
	for (guint i = 0; i < n; i++) {
		size_t len = strlen(literals[i]);

		if (len < 3 || len > UINT8_MAX)
			return false;
		if (text_run(literals[i]) < MIN(len, 4))
			return false;
		*entries += len == 3 ? TEXT_BYTES : 1;
		if (*entries > MAX_ENTRIES)
			return false;
	}
	return n > 0;
}

static const Kernel *best_kernel(void);

IvGrams *iv_grams_new(const char *const *literals, guint n)
{
	g_autoptr(GHashTable) common_ones = NULL;
	IvGrams *grams;
	guint entries;

	if (!fits(literals, n, &entries))
		return NULL;
	grams = g_new0(IvGrams, 1);
	common_ones = common_set();
	grams->kernel = best_kernel();
	grams->literals = g_new0(char *, n + 1);
	grams->lens = g_new(uint8_t, n);
	grams->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	grams->bitmap = g_new0(uint32_t, (1u << BITMAP_LOG) / 32);
	for (grams->slot_log = 8; 1u << grams->slot_log < 4 * entries; grams->slot_log++)
		continue;
	grams->slots = g_new(Slot, 1u << grams->slot_log);
	memset(grams->slots, 0xff, sizeof(Slot) << grams->slot_log);
	for (guint i = 0; i < n; i++) {
		guint offset;

		grams->literals[i] = g_strdup(literals[i]);
		grams->lens[i] = (uint8_t)strlen(literals[i]);
		if (grams->lens[i] == 3) {
			file_three(grams, i, literals[i]);
			continue;
		}
		offset = rarest(grams, common_ones, literals[i], grams->lens[i]);
		file_under(grams, literals[i] + offset,
			   (Entry){.literal = i, .offset = (uint8_t)offset});
	}
	return grams;
}

void iv_grams_free(IvGrams *grams)
{
	if (grams == NULL)
		return;
	g_strfreev(grams->literals);
	g_free(grams->lens);
	g_array_unref(grams->entries);
	g_free(grams->slots);
	g_free(grams->bitmap);
	g_free(grams);
}

/* --- kernels ------------------------------------------------------------------------------ */

static uint64_t text_of(const uint8_t *data, size_t n)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < n; i++)
		mask |= (uint64_t)is_text(data[i]) << i;
	return mask;
}

static uint64_t candidates_plain(const uint32_t *bitmap, const uint8_t *word, uint64_t runs)
{
	uint64_t found = 0;

	for (; runs != 0; runs &= runs - 1) {
		guint i = (guint)__builtin_ctzll(runs);

		found |= (uint64_t)in_bitmap(bitmap, gram_at(word + i)) << i;
	}
	return found;
}

#if defined(__x86_64__)

/* SSE2, which every x86-64 processor has. */
static uint64_t text_16(const uint8_t *data)
{
	__m128i v = _mm_loadu_si128((const __m128i *)data);
	/* Signed: bytes from 0x80 are negative, and so not above 0x1f. */
	__m128i shown = _mm_andnot_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)),
					 _mm_cmpgt_epi8(v, _mm_set1_epi8(0x1f)));
	__m128i blank = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8('\t' - 1)),
				      _mm_cmpgt_epi8(_mm_set1_epi8('\r' + 1), v));

	return (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(shown, blank));
}

static void text_plain(const uint8_t *data, size_t words, uint64_t *masks)
{
	for (size_t w = 0; w < words; w++, data += WORD)
		masks[w] = text_16(data) | text_16(data + 16) << 16 | text_16(data + 32) << 32 |
			   text_16(data + 48) << 48;
}

#define WIDE __attribute__((target("avx512f,avx512bw,bmi2")))

WIDE static void text_wide(const uint8_t *data, size_t words, uint64_t *masks)
{
	for (size_t w = 0; w < words; w++) {
		__m512i v = _mm512_loadu_si512(data + WORD * w);
		__m512i shown = _mm512_sub_epi8(v, _mm512_set1_epi8(0x20));

		__m512i blank = _mm512_sub_epi8(v, _mm512_set1_epi8('\t'));

		masks[w] = _mm512_cmplt_epu8_mask(shown, _mm512_set1_epi8(0x5f)) |
			   _mm512_cmplt_epu8_mask(blank, _mm512_set1_epi8('\r' - '\t' + 1));
	}
}

/* Sixteen places at once: every fourth byte of the word, four times. */
WIDE static uint64_t candidates_wide(const uint32_t *bitmap, const uint8_t *word, uint64_t runs)
{
	uint64_t found = 0;

	if (__builtin_popcountll(runs) < 8)
		return candidates_plain(bitmap, word, runs);
	for (guint k = 0; k < 4; k++) {
		__m512i gram = _mm512_or_si512(_mm512_loadu_si512(word + k),
					       _mm512_set1_epi32(0x20202020));
		__m512i bit = _mm512_srli_epi32(
			_mm512_mullo_epi32(gram, _mm512_set1_epi32((int)BITMAP_FACTOR)),
			32 - BITMAP_LOG);
		__m512i part = _mm512_i32gather_epi32(_mm512_srli_epi32(bit, 5), bitmap, 4);
		__m512i one = _mm512_sllv_epi32(_mm512_set1_epi32(1),
						_mm512_and_si512(bit, _mm512_set1_epi32(31)));

		found |= _pdep_u64(_mm512_test_epi32_mask(part, one), 0x1111111111111111u) << k;
	}
	return found & runs;
}

static const Kernel plain = {text_plain, candidates_plain};
static const Kernel wide = {text_wide, candidates_wide};

static const Kernel *best_kernel(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
			       __builtin_cpu_supports("bmi2")
		       ? &wide
		       : &plain;
}

#else

static void text_plain(const uint8_t *data, size_t words, uint64_t *masks)
{
	for (size_t w = 0; w < words; w++)
		masks[w] = text_of(data + WORD * w, WORD);
}

static const Kernel plain = {text_plain, candidates_plain};

static const Kernel *best_kernel(void)
{
	return &plain;
}

#endif

void iv_grams_plain(IvGrams *grams)
{
	grams->kernel = &plain;
}

/* --- scanning ------------------------------------------------------------------------------ */

typedef struct {
	size_t end;
	guint literal;
} Hit;

typedef struct {
	const IvGrams *grams;
	const uint8_t *data;
	size_t size;
	IvGramFunc func;
	void *user;
	size_t compares;
	guint n;
	Hit pending[MAX_PENDING]; /* by end, then literal */
} Scan;

/* Report the hits that end before `end`: no later place gives an earlier one. */
static bool report(Scan *s, size_t end)
{
	guint done = 0;

	while (done < s->n && s->pending[done].end < end) {
		if (!s->func(s->user, s->pending[done].literal, s->pending[done].end))
			return false;
		done++;
	}
	s->n -= done;
	memmove(s->pending, s->pending + done, s->n * sizeof(Hit));
	return true;
}

static bool keep(Scan *s, Hit hit)
{
	guint i = s->n;

	if (s->n == MAX_PENDING)
		return false;
	while (i > 0 && (s->pending[i - 1].end > hit.end ||
			 (s->pending[i - 1].end == hit.end && s->pending[i - 1].literal > hit.literal)))
		i--;
	memmove(s->pending + i + 1, s->pending + i, (s->n - i) * sizeof(Hit));
	s->pending[i] = hit;
	s->n++;
	return true;
}

static inline char lower(uint8_t c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool same(const uint8_t *data, const char *literal, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (lower(data[i]) != literal[i])
			return false;
	return true;
}

static bool try_entry(Scan *s, const Entry *e, size_t at)
{
	size_t len = s->grams->lens[e->literal], start = at - e->offset;

	if (at < e->offset || len > s->size - start)
		return true;
	if (!same(s->data + start, s->grams->literals[e->literal], len))
		return true;
	return keep(s, (Hit){start + len, e->literal});
}

static bool try_place(Scan *s, size_t at)
{
	uint32_t i = slot_of(s->grams, gram_at(s->data + at))->first;

	if (i == NO_ENTRY)
		return true;
	if (!report(s, at + 3))
		return false;
	while (i != NO_ENTRY) {
		const Entry *e = &g_array_index(s->grams->entries, Entry, i);

		if (++s->compares > MAX_COMPARES * s->size + 4096 || !try_entry(s, e, at))
			return false;
		i = e->next;
	}
	return true;
}

/* Bit i: a run of IV_TEXT_RUN text bytes begins at byte i of the word. */
static inline uint64_t run_starts(uint64_t word, uint64_t next)
{
	uint64_t two = word & (word >> 1 | next << (WORD - 1));

	return two & (two >> 2 | (next & next >> 1) << (WORD - 2));
}

static bool scan_word(Scan *s, size_t at, uint64_t runs)
{
	const uint32_t *bitmap = s->grams->bitmap;
	uint64_t found = at + WORD + 3 <= s->size
				 ? s->grams->kernel->candidates(bitmap, s->data + at, runs)
				 : candidates_plain(bitmap, s->data + at, runs);

	for (; found != 0; found &= found - 1)
		if (!try_place(s, at + (size_t)__builtin_ctzll(found)))
			return false;
	return true;
}

/* The text of up to STRIPE words from `at`, and of one word more (0 behind the
 * end).  Returns how many words there are. */
static size_t mark_text(const Scan *s, size_t at, uint64_t masks[STRIPE + 1])
{
	size_t left = s->size - at;
	size_t whole = MIN(left / WORD, STRIPE + 1);

	s->grams->kernel->text(s->data + at, whole, masks);
	if (whole == STRIPE + 1)
		return STRIPE;
	masks[whole] = text_of(s->data + at + WORD * whole, left % WORD);
	if (whole < STRIPE)
		masks[whole + 1] = 0;
	return MIN(whole + 1, STRIPE);
}

bool iv_grams_scan(const IvGrams *grams, const void *data, size_t size, IvGramFunc func, void *user)
{
	Scan s = {.grams = grams, .data = data, .size = size, .func = func, .user = user};
	uint64_t masks[STRIPE + 1];

	for (size_t at = 0; at < size; at += WORD * STRIPE) {
		size_t words = mark_text(&s, at, masks);

		for (size_t w = 0; w < words; w++) {
			uint64_t runs = masks[w] != 0 ? run_starts(masks[w], masks[w + 1]) : 0;

			if (runs != 0 && !scan_word(&s, at + WORD * w, runs))
				return false;
		}
	}
	return report(&s, SIZE_MAX);
}
