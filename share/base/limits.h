/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limits.h - every ceiling of the calls to a cloud, with its unit and its reason.
 *
 * A ceiling that is reached is an error (IV_ERROR_CLOUD), never a shorter list.
 */
#ifndef IV_SHARE_BASE_LIMITS_H
#define IV_SHARE_BASE_LIMITS_H

/* --- one HTTP exchange ------------------------------------------------------- */

/* Bytes of an answer's body: a page of 100 accounts or images is under 300 KiB. */
#define IV_HTTP_MAX_BODY (4u << 20)
/* Bytes of all header lines of an answer. */
#define IV_HTTP_MAX_HEADERS (64u << 10)
/* Milliseconds until connected (TLS included), and for the whole exchange. */
#define IV_HTTP_CONNECT_MS 10000u
#define IV_HTTP_TOTAL_MS 30000u
/* Bytes that must move in each stall time of a streamed body: a slower connection is of no use for
 * gigabytes. */
#define IV_HTTP_STALL_BYTES 4096
/* Characters of a body that a debug line shows. */
#define IV_HTTP_DEBUG_BODY 4096u

/* --- one call with its retries ------------------------------------------------- */

/* Attempts of one call. */
#define IV_CALL_ATTEMPTS 6u
/* Milliseconds of one call with all its attempts and waits. */
#define IV_CALL_DEADLINE_MS 120000u
/* Milliseconds to wait before the second attempt when the cloud names no time;
 * doubled each time up to the second value. */
#define IV_CALL_WAIT_MS 400u
#define IV_CALL_WAIT_MAX_MS 8000u
/* Characters of the cloud's own words that a message repeats. */
#define IV_CALL_WORDS 400u

/* --- objects in a cloud's storage -------------------------------------------------- */

/* Bytes that one request of a download asks for: a retry goes on inside it. */
#define IV_OBJECT_RANGE (64u << 20)
/* Bytes after which a download notes how far it came; more are lost to a crash. */
#define IV_OBJECT_NOTE (8u << 20)
/* Bytes of one part of an upload, and the most parts: larger files get larger parts. */
#define IV_OBJECT_PART (16u << 20)
#define IV_OBJECT_MAX_PARTS 10000u
/* Bytes of one object: what 10,000 parts of 5 GiB can make. */
#define IV_OBJECT_MAX_SIZE ((guint64)IV_OBJECT_MAX_PARTS * 5 << 30)
/* Milliseconds in which something must move while a body is under way. */
#define IV_OBJECT_STALL_MS 60000u
/* An answer in XML: nesting, elements (a page has 1,000 entries of about ten),
 * and bytes of one text. */
#define IV_XML_MAX_DEPTH 8u
#define IV_XML_MAX_ELEMENTS 20000u
#define IV_XML_MAX_TEXT 8192u

/* --- credentials ----------------------------------------------------------------- */

/* Bytes of a file that credentials are read from: a hundred profiles are 64 KiB. */
#define IV_CREDENTIAL_FILE (1u << 20)
/* Profiles that name each other as their source. */
#define IV_CREDENTIAL_CHAIN 8u
/* Seconds before they expire that new ones are fetched, and how long to wait before asking again
 * when that failed. */
#define IV_CREDENTIAL_EARLY (15 * 60)
#define IV_CREDENTIAL_PAUSE 60
/* Seconds that credentials of an assumed role are asked for. */
#define IV_CREDENTIAL_SECONDS 3600u
/* Milliseconds until the metadata service takes a connection, and for an exchange
 * with it: it is on the instance itself, or not there. */
#define IV_METADATA_CONNECT_MS 1000u
#define IV_METADATA_TOTAL_MS 3000u

/* --- lists ---------------------------------------------------------------------- */

/* Regions of one account: about 30 today. */
#define IV_CLOUD_MAX_REGIONS 500u
/* Own images of one region: the usual quota is 100, and can be raised. */
#define IV_CLOUD_MAX_IMAGES 10000u
/* Pages of a list that is paged with tokens, which announce no count. */
#define IV_CLOUD_MAX_PAGES 50u
/* Bytes of a document inside an answer (a role's policy): the service's own limit is 2 KiB. */
#define IV_CLOUD_MAX_DOCUMENT (64u << 10)

/* Tasks of one region: finished ones are kept for a while. */
#define IV_CLOUD_MAX_TASKS 20000u

/* --- bringing images here and back ------------------------------------------------ */

/* Milliseconds between two looks at a task: the first, and the longest. */
#define IV_TASK_POLL_MS 500u
#define IV_TASK_POLL_MAX_MS 10000u

/* Milliseconds until an attached disk has appeared in the system. */
#define IV_DEVICE_MS 60000u

/* --- sharing -------------------------------------------------------------------- */

/* Accounts of one request; a cloud's quota is about 50 for each image. */
#define IV_SHARE_MAX_ACCOUNTS 1000u
/* Units of an organization in one request: few, as each is a part of a company. */
#define IV_SHARE_MAX_UNITS 100u
/* Accounts that already have access: pages are read up to here. */
#define IV_SHARE_MAX_RECEIVERS 20000u
/* Times that a batch is sent when answers get lost on the way. */
#define IV_SHARE_ROUNDS 4u
/* Times that the list is read when an added account is not in it yet, and the
 * milliseconds between two readings. */
#define IV_SHARE_VERIFY_READS 3u
#define IV_SHARE_VERIFY_WAIT_MS 700u

/* Milliseconds that associations of an image to units of an organization are waited for
 * (seconds is usual), and between two looks: the first, and the longest. */
#define IV_SHARE_ASSOCIATION_MS 180000u
#define IV_SHARE_ASSOCIATION_POLL_MS 300u
#define IV_SHARE_ASSOCIATION_POLL_MAX_MS 5000u
/* Folders and accounts of one unit that are counted; beyond, its reach is not known. */
#define IV_SHARE_MAX_FOLDERS 500u
#define IV_SHARE_MAX_MEMBERS 20000u

/* Milliseconds that undoing a failed share has, whatever the deadline. */
#define IV_SHARE_UNDO_MS 60000u

/* --- looking at everything that is shared ------------------------------------------ */

/* Calls at once: the quotas of reading calls are per account and region, and a
 * console beside it has to work on. */
#define IV_SHARES_THREADS 8u
/* Images that one thread takes at a time. */
#define IV_SHARES_CHUNK 4u
/* Milliseconds that all threads pause for each attempt that one of them had to repeat. */
#define IV_SHARES_CALM_MS 300u

#endif
