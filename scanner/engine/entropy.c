/* SPDX-License-Identifier: GPL-3.0-or-later */
/* entropy.c - see entropy.h */
#include "scanner/engine/entropy.h"

#include <math.h>

double iv_entropy(const uint8_t *data, size_t len)
{
	size_t count[256] = {0};
	double bits = 0;

	for (size_t i = 0; i < len; i++)
		count[data[i]]++;
	for (int c = 0; c < 256; c++) {
		double share = (double)count[c] / (double)len;

		if (count[c] > 0)
			bits -= share * log2(share);
	}
	return bits > 0 ? bits : 0;
}
