/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limits.h - every ceiling of the scanner, with its unit and its reason.
 *
 * A ceiling that is reached is never silence: it becomes coverage (what was
 * not looked at) or an error, never "clean".
 */
#ifndef IV_BASE_LIMITS_H
#define IV_BASE_LIMITS_H

#include <stdint.h>

/* --- configuration files --------------------------------------------------- */

/* Bytes of one YAML file: the largest public rule file is under 200 KiB. */
#define IV_MAX_YAML_BYTES (4u << 20)
/* Nodes and nesting depth of one YAML file. */
#define IV_MAX_YAML_NODES 200000u
#define IV_MAX_YAML_DEPTH 32u
/* Definitions of one rule file; how deep they nest; how often one pattern or list
 * uses them, and the bytes it grows to (ours: 1 KiB, a list of 150 words). */
#define IV_MAX_PIECES	   1000u
#define IV_MAX_PIECE_DEPTH 8u
#define IV_MAX_PIECE_STEPS 4096u
#define IV_MAX_PIECE_BYTES (64u << 10)
/* Blanks of one keyword, each of which is written in four ways. */
#define IV_MAX_KEYWORD_BLANKS 4u
/* Bytes of the rules of one file with defaults and definitions filled in: our
 * largest has 0.5 MiB. */
#define IV_MAX_RULE_FILE_BYTES (32u << 20)

/* --- searching -------------------------------------------------------------- */

/* Bytes of an item that one block owns: 256 KiB to 1 MiB are equally fast. */
#define IV_BLOCK_OWN (512u << 10)
/* Bytes before and after an anchor that a rule may ask for: a PEM block of an
 * 8192-bit RSA key has 6.4 KB, a JSON object with a key 2 KB. */
#define IV_MAX_RULE_BEFORE (4u << 10)
#define IV_MAX_RULE_AFTER (10u << 10)
/* Bytes of context kept before a block's own bytes, and after them: what makes
 * matches independent of where blocks begin (scanner/engine/matcher_state.h). */
#define IV_BLOCK_BEFORE (8u << 10)
#define IV_BLOCK_AFTER (20u << 10)
/* A hole of this many bytes ends a run of data; shorter ones are read as zeros. */
#define IV_HOLE_SKIP (64u << 10)
/* Bytes of one item that one worker searches before another takes over. */
#define IV_SEGMENT_BYTES (64u << 20)
/* Segments, and parts of regions, that wait for a worker; the reader pauses above
 * this.  With their items about 40 MB. */
#define IV_MAX_WAITING 65536u
/* Bytes of memory of items that wait for a worker or are in work: an item may hold an
 * attribute of 64 KiB, or a path of 16 KiB. */
#define IV_MAX_WAITING_BYTES (32u << 20)
/* The same of parts that are gathered. */
#define IV_MAX_GATHERED_BYTES (8u << 20)
/* Parts that are gathered before their regions are searched: more of them meet in
 * one region, fewer let the workers begin sooner. */
#define IV_PARTS_GATHERED 12288u
/* Worker threads: each costs about 3 MB of buffers. */
#define IV_MAX_THREADS 256u
/* Matches of one item (or segment) that become findings: a reviewer reads no
 * more of one file, and a hostile one must not fill the memory. */
#define IV_MAX_ITEM_HITS 1000u
/* Kinds of names of one file that rules tell apart, a bit each.  Real files have one
 * or two, however many names; beyond it a name is a miss. */
#define IV_MAX_NAME_KINDS 64u
/* Bytes that a block's tries to unpack what may be packed read and write, 1 KiB for each
 * try besides: 5 ms.  Beyond it a mark counts as what it says. */
#define IV_MAX_TRIED_BYTES (1u << 20)
/* Beginnings of packed files that a volume's raw pass knows again: 200 bytes each. */
#define IV_MAX_KNOWN_PACKED (1u << 17)
/* Bytes of memory for what waits until all its names are known: files with hard links,
 * their attributes, and names.  200,000 usual files with two names. */
#define IV_MAX_LINK_BYTES (64u << 20)
/* Bytes of memory for the further names of files that a tar stream tells of: they wait
 * until its end.  200,000 usual ones. */
#define IV_MAX_TAR_LINK_BYTES (32u << 20)
/* Findings of one file and its attributes under all its names together, beyond each
 * secret once: nobody reads more.  Then comes each name once; the rest is counted. */
#define IV_MAX_NAME_FINDINGS 1000u
/* Findings of one report, and bytes of memory for them: a usual one takes 800, and as
 * much again several times while the report is written, read and checked. */
#define IV_MAX_FINDINGS 40000u
#define IV_MAX_FINDING_BYTES (32u << 20)
/* Secrets of a volume's files that a raw pass behind them leaves out, 100 bytes each:
 * beyond it they are reported twice. */
#define IV_MAX_KNOWN_SECRETS 262144u

/* --- disks ------------------------------------------------------------------ */

/* Bytes of a virtual disk: four times the largest disk that clouds offer.  The
 * digest's bookkeeping (6 KiB for each 8 GiB that are no hole) is 192 MiB then. */
#define IV_MAX_DISK_BYTES (UINT64_C(1) << 48)
/* Bytes of a qcow2 image's active L1 table: QEMU refuses larger ones too. */
#define IV_MAX_QCOW2_L1_BYTES (32u << 20)
/* Bytes of L2 tables, and of decompressed clusters, that one image keeps: both
 * are caches, so this is memory against rereading. */
#define IV_QCOW2_L2_CACHE_BYTES	     (8u << 20)
#define IV_QCOW2_CLUSTER_CACHE_BYTES (16u << 20)
/* Snapshots, and bitmaps, of a qcow2 file that are named one by one: QEMU makes more,
 * people do not, and a report lists no more misses. */
#define IV_MAX_QCOW2_KEPT 1000u
/* Bytes of their tables that are read to learn what only they refer to: those of
 * 16 TiB of snapshots with clusters of 64 KiB. */
#define IV_MAX_QCOW2_KEPT_BYTES (UINT64_C(2) << 30)
/* Bytes of a qcow2 file that are surveyed at once, with a map of 16 MiB, and how often
 * (each goes through all tables): files of 4 TiB. */
#define IV_QCOW2_WINDOW_BYTES (UINT64_C(64) << 30)
#define IV_MAX_QCOW2_WINDOWS  64u
/* log2 of the bytes of history that a zstd frame may ask us to keep: twice the
 * largest cluster, and far more than QEMU's writer asks for. */
#define IV_MAX_ZSTD_WINDOW_LOG 22

/* --- the ext reader ----------------------------------------------------------- */

/* Block groups of one file system: 128 TiB with blocks of 4 KiB. */
#define IV_MAX_EXT_GROUPS (1u << 20)
/* Bytes of memory for what is scattered in each set of blocks or inodes: owned
 * by files (beyond it bytes are searched twice), used as metadata and inodes
 * seen (beyond it: unread), tables and unwritten runs (beyond it: mislabelled). */
#define IV_MAX_EXT_OWNED_BYTES (96u << 20)
#define IV_MAX_EXT_NODES_BYTES (48u << 20)
#define IV_MAX_EXT_SEEN_BYTES (32u << 20)
#define IV_MAX_EXT_LABEL_BYTES (16u << 20)
/* Bytes for inodes of which more names are expected (hard links), and for blocks of
 * attributes that many inodes share. */
#define IV_MAX_EXT_LINK_BYTES (48u << 20)
/* Attributes of such blocks that are emitted for further inodes: so many for each of
 * these inodes on the average (people's files have two), and some more. */
#define IV_MAX_EXT_ATTR_AGAIN 8u
#define IV_MAX_EXT_ATTR_SPARE (64u << 10)
/* Bytes of one path: the kernel opens 4 KiB at once, deeper trees step by step. */
#define IV_MAX_EXT_PATH_BYTES (16u << 10)
/* Directories that wait to be read, and entries of one that are sorted at once. */
#define IV_MAX_EXT_PENDING (1u << 20)
#define IV_MAX_EXT_BATCH (1u << 16)
/* Bytes of one attribute value in an inode of its own: Linux allows 64 KiB. */
#define IV_MAX_EXT_XATTR_BYTES (1u << 20)
/* Runs of free space or metadata in one item. */
#define IV_MAX_EXT_ITEM_RUNS 4096u

/* --- partition tables -------------------------------------------------------- */

/* Entries of a GPT: 128 is usual, sgdisk can make more; each costs a volume. */
#define IV_MAX_GPT_ENTRIES 1024u
/* Bytes of one GPT entry: 128 times a power of two; more than 128 is not in use. */
#define IV_MAX_GPT_ENTRY_BYTES 4096u
/* Ranges of one disk that are asked what they are, and volumes that come of it: each costs
 * some milliseconds.  A disk has ten; 1024 partitions are the most that a GPT gives. */
#define IV_MAX_RANGES 4096u
/* Tables inside partitions inside partitions, and file systems in the free space of file
 * systems: a disk image in a volume, or deleted from one, is one step. */
#define IV_MAX_TABLE_DEPTH 3u
/* File systems that begin inside one range, and places that look like one and are asked. */
#define IV_MAX_HIDDEN	     64u
#define IV_MAX_HIDDEN_ASKED 1024u
/* Places in the free space of one volume that look so at first sight: noise has some
 * 10 in each GB, which one look at each settles. */
#define IV_MAX_HIDDEN_SEEN 65536u
/* Bytes of both ends of a range that libblkid is shown: the last place where it looks is
 * 2 MiB and a block (VMFS); at the end 1.6 MiB (RAID of Promise controllers). */
#define IV_OPINION_HEAD_BYTES (UINT64_C(2304) << 10)
#define IV_OPINION_TAIL_BYTES (UINT64_C(2) << 20)
/* Logical partitions of an MBR disk: Linux itself names at most 255 partitions. */
#define IV_MAX_MBR_LOGICAL 256u

/* --- reports ----------------------------------------------------------------- */

/* Bytes of one report file: a finding takes about 1 KiB, so this is half a
 * million of them; no person or gate could judge more. */
#define IV_MAX_REPORT_BYTES (512u << 20)
/* Bytes of one origin record: about 2 KiB, more with many requests. */
#define IV_MAX_ORIGIN_BYTES (256u << 10)
/* Nesting depth of a report's JSON: the schema needs 5. */
#define IV_MAX_JSON_DEPTH 32u
/* Largest integer of a report, 2^53 - 1: what every JSON reader keeps exactly.
 * In bytes that is 8 PiB; the clouds' largest disk is 64 TiB. */
#define IV_MAX_JSON_INTEGER ((1ll << 53) - 1)
/* Places listed as not looked at; more are counted, not listed. */
#define IV_MAX_MISSES 1000u
/* Volumes of one report: a full GPT has 1024 partitions, and a gap for each. */
#define IV_MAX_VOLUMES 16384u
/* Remarks of one report: one or two for each volume that has something odd. */
#define IV_MAX_NOTES 4096u

/* --- the answer of a child process -------------------------------------------- */

/* Bytes of one record of an answer: a path may have IV_MAX_TREE_PATH_BYTES, and
 * four for each of them where it is not printable. */
#define IV_MAX_RECORD_BYTES (256u << 10)
/* Bytes of a whole answer: 40000 findings take about 15 MiB.  The caller's memory
 * is some five times this at most: model, JSON, and the text that it signs. */
#define IV_MAX_ANSWER_BYTES (32u << 20)
/* Seconds from the first byte of an answer to its end: it takes a few. */
#define IV_ANSWER_SECONDS 300u
/* Seconds without any sign of life of a child (processor time, progress, bytes of
 * an answer), after which it is ended.  A scan of the slowest disk reads within
 * that; what waits longer waits for ever. */
#define IV_PATIENCE_SECONDS 600u
/* Bytes of writable memory that a child may get once the image is open: what the
 * ceilings of this page add up to, and as much again; and more for each thread (a
 * stack of 8 MiB, buffers, the allocator's own). */
#define IV_CHILD_BYTES	      (UINT64_C(1536) << 20)
#define IV_CHILD_THREAD_BYTES (UINT64_C(32) << 20)
/* Milliseconds of processor time that are a sign of life: a sleeper that wakes now
 * and then uses less, reading and hashing 100 MB uses more. */
#define IV_ALIVE_MS 50u

/* Volumes times kinds of what is packed that a report lists; behind them kinds are counted
 * for the whole image.  With their places 32 MB. */
#define IV_MAX_PACKED 4096u
/* Places that are named of each, and bytes of one: a reader looks at a few. */
#define IV_MAX_PACKED_PLACES	  8u
#define IV_MAX_PACKED_PLACE_BYTES 1024u

/* --- a directory of the host -------------------------------------------------- */

/* Bytes of one path below the root: far beyond what people make, and it ends
 * every walk. */
#define IV_MAX_TREE_PATH_BYTES (32u << 10)
/* Runs of one sparse file; behind them holes are read as the zeros they are. */
#define IV_MAX_TREE_RUNS 65536u
/* Bytes of the names, and of one value, of a file's extended attributes: what
 * Linux allows (XATTR_LIST_MAX, XATTR_SIZE_MAX). */
#define IV_MAX_XATTR_LIST_BYTES	 (64u << 10)
#define IV_MAX_XATTR_VALUE_BYTES (64u << 10)

#endif
