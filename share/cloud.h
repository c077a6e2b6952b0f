/*
 * cloud.h - what a cloud offers to share.c.  No word of any one cloud stands
 * here: a new cloud is a folder beside alibaba/ that fills this table.
 *
 * A cloud object belongs to one account, one region and one thread.  Every
 * call has its attempts, waits and deadline behind this interface, except one:
 * a call that changes something and whose answer got lost is not repeated
 * there, because only the caller can look first what it did (trace->again).
 */
#ifndef IV_SHARE_CLOUD_H
#define IV_SHARE_CLOUD_H

#include <glib.h>
#include <stdbool.h>

/* --- an image as the cloud knows it ------------------------------------------------ */

typedef struct {
	char *id;
	char *name;	  /* printable */
	char *state;	  /* the cloud's word, printable: "Available", "Creating" */
	char *owner;	  /* the cloud's word for whose it is, printable: "self", "others" */
	bool available;	  /* in the state that may be shared */
	bool own;	  /* of this account */
	bool is_public;	  /* everybody in the region can use it */
	bool encrypted;	  /* any of its disks */
	bool marketplace; /* derived from a paid image of a marketplace */
} IvCloudImage;

IvCloudImage *iv_cloud_image_new(void);
void iv_cloud_image_free(IvCloudImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCloudImage, iv_cloud_image_free)

/* Who has access. */
typedef struct {
	GHashTable *accounts; /* set of char * */
	bool everybody;	      /* shared with a group: nobody can say with whom */
} IvReceiverList;

IvReceiverList *iv_receiver_list_new(void);
void iv_receiver_list_free(IvReceiverList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvReceiverList, iv_receiver_list_free)

/* --- what is known about one call afterwards, also when it failed --------------------- */

typedef struct {
	unsigned attempts;
	bool unsure;	  /* a change may have been made although the call failed */
	bool again;	  /* look what is there now, then the call is worth repeating */
	char *code;	  /* the cloud's error code, printable, or NULL */
	char *request_id; /* of the last answer, printable, or NULL */
} IvCloudTrace;

void iv_cloud_trace_clear(IvCloudTrace *trace);

/* --- the calls ------------------------------------------------------------------------ */

typedef struct IvCloud IvCloud;

typedef enum {
	IV_CLOUD_IMAGE,	    /* look the image up */
	IV_CLOUD_RECEIVERS, /* who has access */
	IV_CLOUD_ADD,	    /* give access */
} IvCloudCall;

typedef struct {
	const char *name; /* for people */
	guint batch;	  /* accounts that one add call takes */

	/* The call as its documentation writes it: "ActionName Key=value ...". */
	char *(*text)(const IvCloud *cloud, IvCloudCall call, const char *image_id,
		      const char *const *accounts);

	/* NULL without an error: there is no such image in this account and region. */
	bool (*image)(IvCloud *cloud, const char *image_id, IvCloudImage **image,
		      IvCloudTrace *trace, GError **error);
	/* The whole list, all pages. */
	IvReceiverList *(*receivers)(IvCloud *cloud, const char *image_id, IvCloudTrace *trace,
				     GError **error);
	/* At most `batch` accounts. */
	bool (*add)(IvCloud *cloud, const char *image_id, const char *const *accounts,
		    IvCloudTrace *trace, GError **error);
	void (*free)(IvCloud *cloud);
} IvCloudOps;

struct IvCloud {
	const IvCloudOps *ops;
};

void iv_cloud_free(IvCloud *cloud);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCloud, iv_cloud_free)

#endif
