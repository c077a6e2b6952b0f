/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_policy.c - the text of a policy file is anybody's */
#include "share/gate/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	iv_policy_free(iv_policy_parse("fuzz.yml", (const char *)data, size, NULL));
	return 0;
}
