/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_oss_xml.c - the XML of an object storage is whatever its server likes to send */
#include <stdint.h>

#include "share/alibaba/oss/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GPtrArray *elements = iv_oss_xml_read((const char *)data, size);

	if (elements != NULL) {
		iv_oss_xml_text(elements, "Error/Code");
		g_ptr_array_unref(elements);
	}
	return 0;
}
