/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cloud.h - what a cloud offers to the sharing half.  Nothing here is specific to one cloud: a new
 * cloud is a folder beside share/alibaba/ that fills the table IvCloudOps, and a row in
 * share/clouds.c.
 *
 * A cloud object belongs to one account, one region and one thread.  Every call has its attempts,
 * waits and deadline behind this interface, except one: a call that changes something and whose
 * answer got lost is not repeated there, because only the caller can check first what it did
 * (trace->again).
 *
 * No call leaves without a line in the ledger before it: the recorder (share/ledger/recorder.h) is
 * asked by the cloud's call layer itself, not by its callers.
 */
#ifndef IV_SHARE_CLOUD_CLOUD_H
#define IV_SHARE_CLOUD_CLOUD_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/error.h"
#include "share/ledger/recorder.h"

/* --- an image as the cloud knows it ------------------------------------------------ */

typedef struct {
	char *snapshot; /* id, or "" */
	char *device;	/* printable, or "" */
	guint size_gib; /* 0: not known */
	bool system;	/* the system disk, not a data disk */
	bool encrypted;
	bool unclear; /* the cloud does not say whether it is encrypted */
} IvCloudDisk;

typedef struct {
	char *id;
	char *name;	  /* printable */
	char *state;	  /* the cloud's word, printable: "Available", "Creating" */
	char *owner;	  /* the cloud's word for whose it is, printable: "self", "others" */
	bool available;	  /* in the state that may be shared */
	bool own;	  /* of this account */
	bool is_public;	  /* everybody in the region can use it */
	bool shared;	  /* the cloud says that it is shared with somebody already */
	bool encrypted;	  /* any of its disks */
	bool marketplace; /* derived from a paid image of a marketplace */
	GPtrArray *disks; /* IvCloudDisk *, as the cloud lists them */
} IvCloudImage;

IvCloudImage *iv_cloud_image_new(void);
IvCloudDisk *iv_cloud_image_add_disk(IvCloudImage *image, const char *snapshot, const char *device);
void iv_cloud_image_free(IvCloudImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCloudImage, iv_cloud_image_free)

/* Who has access by account. */
typedef struct {
	GHashTable *accounts; /* set of char * */
	bool everybody;	      /* shared with a group: nobody can say with whom */
} IvReceiverList;

IvReceiverList *iv_receiver_list_new(void);
void iv_receiver_list_free(IvReceiverList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvReceiverList, iv_receiver_list_free)

/* --- whose account makes the calls ---------------------------------------------------- */

typedef struct {
	char *account; /* main account id */
	char *kind;    /* the cloud's word, printable: "RAMUser" */
	char *name;    /* the cloud's full name of the identity (ARN), printable */
	char *origin;  /* where the credentials came from, for people */
	gint64 expires;/* seconds since the epoch; 0: they do not expire */
} IvCloudIdentity;

IvCloudIdentity *iv_cloud_identity_new(void);
void iv_cloud_identity_free(IvCloudIdentity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCloudIdentity, iv_cloud_identity_free)

/* --- the calls ------------------------------------------------------------------------ */

typedef struct IvCloud IvCloud;

/* How ids are written; each answers without any connection. */
typedef struct {
	bool (*image_id_ok)(const char *id);
	bool (*region_ok)(const char *region);
	bool (*account_ok)(const char *account);
	bool (*organization_ok)(const char *unit);
	/* "a custom image's id is m- and letters or digits" ... */
	const char *image_id_hint, *region_hint, *account_hint, *organization_hint;
	const char *first_region; /* where to ask which regions there are */
} IvCloudShapes;

/* What a preflight is about. */
typedef struct {
	const char *image_id, *region;
	const IvCloudImage *image; /* NULL: there is none */
	const char *const *accounts;	  /* that would receive it, or NULL */
	const char *const *organizations; /* or NULL */
} IvCloudQuestion;

struct IvPreflight; /* preflight.h */

typedef enum {
	IV_CLOUD_ADD,	 /* give access to accounts */
	IV_CLOUD_REMOVE, /* take it back */
} IvCloudChange;

typedef struct {
	const char *name; /* for people */
	guint batch;	  /* accounts that one add or remove call takes */
	guint quota;	  /* accounts of one image unless more were granted; 0: not known */

	/* --- accounts --- */

	/* The change as its documentation writes it, "ActionName Key=value ...":
	 * what a dry run shows. */
	char *(*text)(const IvCloud *cloud, IvCloudChange change, const char *image_id,
		      const char *const *accounts);
	/* NULL without an error: there is no such image in this account and region. */
	bool (*image)(IvCloud *cloud, const char *image_id, IvCloudImage **image,
		      IvCallTrace *trace, GError **error);
	/* The whole list, all pages. */
	IvReceiverList *(*receivers)(IvCloud *cloud, const char *image_id, IvCallTrace *trace,
				     GError **error);
	/* At most `batch` accounts. */
	bool (*change)(IvCloud *cloud, IvCloudChange change, const char *image_id,
		       const char *const *accounts, IvCallTrace *trace, GError **error);

	/* Let everybody in the region use an image of this account, or only the accounts that have
	 * it.  Changes nothing else; publish_text() describes it, as text() does change(). */
	bool (*publish)(IvCloud *cloud, const char *image_id, bool on, IvCallTrace *trace,
			GError **error);
	char *(*publish_text)(const IvCloud *cloud, const char *image_id, bool on);

	/* Add this cloud's own lines (preflight.h) about an image that is there and is this
	 * account's: MARKETPLACE, ENCRYPTION and KEY_*.  What the credentials may not read becomes
	 * a line that says so; an error stops the whole command. */
	bool (*preflight)(IvCloud *cloud, const IvCloudQuestion *question,
			  struct IvPreflight *preflight, GError **error);

	/* --- who and where --- */

	IvCloudIdentity *(*identity)(IvCloud *cloud, GError **error);
	/* Every region the account can use: char *, sorted. */
	GPtrArray *(*regions)(IvCloud *cloud, GError **error);
	/* The same account in another region, with the same credentials, for another
	 * thread if need be. */
	IvCloud *(*in_region)(IvCloud *cloud, const char *region, GError **error);
	/* Every own image of the region, in any state: IvCloudImage *. */
	GPtrArray *(*images)(IvCloud *cloud, GError **error);

	/* Bytes of images here and back (transfer.h); NULL: not offered. */
	const struct IvTransferOps *transfer;

	/* Sharing with units of an organization (organization.h); NULL: not offered. */
	const struct IvOrganizationOps *organization;

	void (*free)(IvCloud *cloud);
} IvCloudOps;

struct IvCloud {
	const IvCloudOps *ops;
	const IvCallRecorder *recorder; /* NULL: calls are not recorded (an audit that changes
					 * nothing and records itself) */
};

void iv_cloud_free(IvCloud *cloud);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCloud, iv_cloud_free)

/* --- how to open one (share/clouds.h) ---------------------------------------------- */

typedef struct {
	const char *region;
	const char *profile; /* of the cloud's own command line tools, or NULL: the usual order */
	/* Addresses other than the region's own: "URL", or "SERVICE=URL" in the
	 * cloud's names of services; NULL: none.  A loopback URL stands for all. */
	const char *const *endpoints;
	gint64 deadline; /* of all calls together, monotonic microseconds; 0: none */
	const IvCallRecorder *recorder; /* outlives the cloud; NULL: none */
	/* Use the credentials that this one found, so that one command uses one set; NULL: look for
	 * credentials. */
	const struct IvCloud *like;
} IvCloudOptions;

#endif
