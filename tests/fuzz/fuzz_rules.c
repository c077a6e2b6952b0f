/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_rules.c - the text of a rule file is anybody's: load it, try it, lint it */
#include "scanner/engine/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(IvRuleSet) set = iv_ruleset_parse("fuzz.yml", (const char *)data, size, NULL);

	if (set == NULL)
		return 0;
	iv_ruleset_test(set, NULL, NULL);
	iv_ruleset_lint(set, NULL, NULL);
	return 0;
}
