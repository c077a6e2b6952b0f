/* SPDX-License-Identifier: GPL-3.0-or-later */
/* look_marks.c - see look.h: the tables by which a look sees marks */
#include "scanner/unpack/look.h"

#include <string.h>

#define GROUPS 8u
/* Zeros are that many times as frequent on a disk as other bytes. */
#define ZERO_WEIGHT 30

/* Of what each byte of a group's marks is known. */
typedef struct {
	uint8_t seven[IV_LOOK_MARK][128]; /* 1: its lower seven bits */
	uint8_t low[IV_LOOK_MARK][16];	  /* 1: its lower half */
	uint8_t high[IV_LOOK_MARK][16];	  /* 1: its upper half */
} Group;

static void add(Group *group, const IvLookMark *mark)
{
	for (unsigned n = 0; n < IV_LOOK_MARK; n++)
		for (unsigned byte = 0; byte < 256; byte++) {
			if (n < mark->n && byte != mark->bytes[n])
				continue;
			group->seven[n][byte & 127] = 1;
			group->low[n][byte & 15] = 1;
			group->high[n][byte >> 4] = 1;
		}
}

static unsigned count(const uint8_t *ones, unsigned n)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += ones[i];
	return sum;
}

/* How much of a disk a group lets pass, by seven bits of each byte or by its halves. */
static double share(const Group *group, bool halves)
{
	double all = 1;

	for (unsigned n = 0; n < IV_LOOK_MARK; n++) {
		unsigned bytes = halves ? count(group->low[n], 16) * count(group->high[n], 16)
					: 2 * count(group->seven[n], 128);
		bool zero = halves ? group->low[n][0] && group->high[n][0] : group->seven[n][0] != 0;

		all *= (bytes + (zero ? ZERO_WEIGHT - 1 : 0)) / (255.0 + ZERO_WEIGHT);
	}
	return all;
}

/* Each mark goes where it lets the least more pass; those of two bytes are in the first
 * group, which is lost to all others. */
static void place(Group *groups, const IvLookMark *mark, bool halves)
{
	unsigned best = 0;
	double least = 2;

	for (unsigned g = 1; g < GROUPS && mark->n > 2; g++) {
		Group with = groups[g];
		double more;

		add(&with, mark);
		more = share(&with, halves) - share(&groups[g], halves);
		if (more < least) {
			least = more;
			best = g;
		}
	}
	add(&groups[best], mark);
}

/* The shortest first: of what they let pass, the others make little more. */
static void make_groups(Group *groups, const IvLookMark *list, size_t n, bool halves)
{
	memset(groups, 0, GROUPS * sizeof(*groups));
	for (unsigned len = 1; len <= IV_LOOK_MARK; len++)
		for (size_t i = 0; i < n; i++)
			if (list[i].n == len)
				place(groups, &list[i], halves);
}

/* table[i] has bit g where group g has a 1. */
static void collect(uint8_t *table, unsigned n, const uint8_t *ones, unsigned group)
{
	for (unsigned i = 0; i < n; i++)
		table[i] |= (uint8_t)(ones[i] << group);
}

void iv_look_marks_make(IvLookMarks *marks, const IvLookMark *list, size_t n)
{
	Group groups[GROUPS];

	*marks = (IvLookMarks){0};
	for (unsigned byte = 0; byte < 128; byte++)
		marks->others[byte] = !iv_is_letter((uint8_t)byte);
	make_groups(groups, list, n, false);
	for (unsigned g = 0; g < GROUPS; g++)
		for (unsigned k = 0; k < IV_LOOK_MARK; k++)
			collect(marks->seven[k], 128, groups[g].seven[k], g);
	make_groups(groups, list, n, true);
	for (unsigned g = 0; g < GROUPS; g++)
		for (unsigned k = 0; k < IV_LOOK_MARK; k++) {
			collect(marks->low[k], 16, groups[g].low[k], g);
			collect(marks->high[k], 16, groups[g].high[k], g);
		}
}
