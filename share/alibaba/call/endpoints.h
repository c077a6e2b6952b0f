/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * endpoints.h - where each service of Alibaba Cloud is, and the version of its API.
 *
 * Sources: the endpoint lists of the services' API references.  ECS,
 * ResourceSharing, STS and KMS have an address in each region; RAM has one for
 * all.  A user may name others, "SERVICE=URL" with the names of the table in
 * endpoints.c, or "URL" alone for ECS.  A loopback URL alone stands for every
 * service: it is a stand-in of the whole cloud.
 */
#ifndef IV_SHARE_ALIBABA_CALL_ENDPOINTS_H
#define IV_SHARE_ALIBABA_CALL_ENDPOINTS_H

#include "scanner/base/error.h"
#include "share/http/http.h"

typedef enum {
	IV_ALIBABA_ECS,
	IV_ALIBABA_STS,
	IV_ALIBABA_RAM,
	IV_ALIBABA_KMS,
	IV_ALIBABA_RESOURCE_SHARING,
	IV_ALIBABA_RESOURCE_DIRECTORY,
	IV_ALIBABA_OSS,	     /* the region's; buckets are names below it */
	IV_ALIBABA_METADATA, /* of the instance this runs on; plain http */
	IV_ALIBABA_SERVICES
} IvAlibabaService;

typedef struct IvAlibabaEndpoints IvAlibabaEndpoints;

/* IV_ERROR_USAGE for an invalid address or an unknown service. */
IV_MUST_CHECK
IvAlibabaEndpoints *iv_alibaba_endpoints_new(const char *region, const char *const *given,
					     GError **error);
/* The same for another region: what was given stays. */
IV_MUST_CHECK
IvAlibabaEndpoints *iv_alibaba_endpoints_in(const IvAlibabaEndpoints *endpoints, const char *region,
					    GError **error);
IvAlibabaEndpoints *iv_alibaba_endpoints_ref(IvAlibabaEndpoints *endpoints);
void iv_alibaba_endpoints_unref(IvAlibabaEndpoints *endpoints);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvAlibabaEndpoints, iv_alibaba_endpoints_unref)

/* The same with one service elsewhere. */
IV_MUST_CHECK
IvAlibabaEndpoints *iv_alibaba_endpoints_with(const IvAlibabaEndpoints *endpoints,
					      IvAlibabaService service, const char *url,
					      GError **error);
/* Did the user name an address for it, or one for everything? */
bool iv_alibaba_endpoint_given(const IvAlibabaEndpoints *endpoints, IvAlibabaService service);

/* Borrowed.  NULL for METADATA when no address was given: then it is the
 * well-known one (share/http/http.h). */
const IvEndpoint *iv_alibaba_endpoint(const IvAlibabaEndpoints *endpoints, IvAlibabaService service);
/* The API version in x-acs-version; NULL for OSS and METADATA, which have none. */
const char *iv_alibaba_version(IvAlibabaService service);
/* "ecs": what stands before the '=' of a named address, and before the ':' of a right. */
const char *iv_alibaba_service_name(IvAlibabaService service);

#endif
