/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_clearances.c - the text of a clearances file is anybody's */
#include "share/gate/clearance.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	iv_clearances_free(iv_clearances_parse("fuzz.yml", (const char *)data, size, NULL));
	return 0;
}
