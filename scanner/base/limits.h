/*
 * limits.h - every ceiling of the scanner, with its unit and its reason.
 *
 * A ceiling that is reached is never silence: it becomes coverage (what was
 * not looked at) or an error, never "clean".
 */
#ifndef IV_BASE_LIMITS_H
#define IV_BASE_LIMITS_H

/* --- configuration files --------------------------------------------------- */

/* Bytes of one YAML file: the largest public rule file is under 200 KiB. */
#define IV_MAX_YAML_BYTES (4u << 20)
/* Nodes and nesting depth of one YAML file. */
#define IV_MAX_YAML_NODES 200000u
#define IV_MAX_YAML_DEPTH 32u

/* --- searching -------------------------------------------------------------- */

/* Bytes of an item that one block owns: 256 KiB to 1 MiB are equally fast. */
#define IV_BLOCK_OWN (512u << 10)
/* Bytes of context kept before a block's own bytes (look-behind, assignments). */
#define IV_BLOCK_BEFORE (4u << 10)
/* Bytes of context after them: the longest window a rule may ask for, plus the
 * window before its anchor. */
#define IV_BLOCK_AFTER (20u << 10)
/* A hole of this many bytes ends a run of data; shorter ones are read as zeros. */
#define IV_HOLE_SKIP (64u << 10)
/* Bytes of one item that one worker searches before another takes over. */
#define IV_SEGMENT_BYTES (64u << 20)

#endif
