/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clouds.c - which clouds there are: the one file that includes from their folders.  See
 * clouds.h. */
#include "share/alibaba/alibaba.h"
#include "share/cloud/cloud.h"
#include "share/clouds.h"

/* One cloud today.  With a second one this becomes a table, and IvCloudOptions
 * gets the name of the row (docs/clouds.md). */

IvCloud *iv_cloud_open(const IvCloudOptions *options, GError **error)
{
	return iv_alibaba_open(options, error);
}

char *iv_cloud_usual_region(const char *profile)
{
	return iv_alibaba_usual_region(profile);
}

const IvCloudShapes *iv_cloud_shapes(void)
{
	return &iv_alibaba_shapes;
}

bool iv_cloud_endpoints_ok(const char *const *endpoints, GError **error)
{
	return iv_alibaba_endpoints_ok(endpoints, error);
}
