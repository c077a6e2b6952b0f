/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xml.h - the XML of the object storage's answers, as a flat list.
 *
 * Only elements with text are known: no document types, no entities but the
 * five of XML itself, and ceilings on nesting, elements and text
 * (share/base/limits.h).  Attributes are skipped.
 */
#ifndef IV_SHARE_ALIBABA_OSS_XML_H
#define IV_SHARE_ALIBABA_OSS_XML_H

#include <glib.h>
#include <stdbool.h>

/* One IvPair (sign.h) for each element in the order in which they begin: the
 * name is its path ("ListPartsResult/Part/Size"), the value its text, or NULL
 * when it holds other elements.  NULL for everything that is not one whole
 * document within the ceilings. */
GPtrArray *iv_oss_xml_read(const char *bytes, gsize len);

/* Text of the first element of that path, or NULL. */
const char *iv_oss_xml_text(const GPtrArray *elements, const char *path);

/* A whole number in decimal digits and nothing else. */
bool iv_oss_number(const char *text, guint64 most, guint64 *number);

#endif
