/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON: a bounded parser, a lossless document, a writer. The only place that knows yajl.
 *
 * A document keeps the source text. Reading it walks nodes; changing it records edits, and render
 * copies every byte that no edit touched: members that snug does not know, their order, white
 * space and how numbers are spelt survive. RFC 8259, UTF-8, no byte-order mark; refused with
 * file, line, column and JSON path: comments, duplicate keys, NUL in strings, text after the
 * document, and whatever passes the limits below.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNUG_JSON_BYTES_MAX ((size_t)64 << 20) /* a document: a recording of many files */
#define SNUG_JSON_DEPTH_MAX 64		       /* nested arrays and objects */
#define SNUG_JSON_NODES_MAX ((size_t)1 << 21)  /* values in a document */

enum snug_json_type {
	SNUG_JSON_NULL,
	SNUG_JSON_BOOL,
	SNUG_JSON_NUMBER,
	SNUG_JSON_STRING,
	SNUG_JSON_ARRAY,
	SNUG_JSON_OBJECT,
};

struct snug_json;      /* a document: owns its text, nodes and edits */
struct snug_json_node; /* a value in it; lives as long as its document */

/*
 * Parses len bytes (copied). `file` names the source in errors (copied; NULL: none).
 * Errors: SNUG_INPUT with line, column, path; SNUG_SYSTEM out of memory.
 *
 * What snug or root wrote is parsed here; whatever others can shape by the reader that the program
 * has set (self/guest.h: a process of its own), and here where none is set.
 *
 * There are two readers, which agree (tests/property/json/test_adopt.c): a plain one, and yajl's,
 * which knows what is wrong. snug_json_parse_own() asks the latter where the former takes nothing.
 */
int snug_json_parse_own(struct snug_json **ret, const char *text, size_t len, const char *file,
			struct snug_error *err) SNUG_CHECKED;
int snug_json_parse_yajl(struct snug_json **ret, const char *text, size_t len, const char *file,
			 struct snug_error *err) SNUG_CHECKED;
int snug_json_parse(struct snug_json **ret, const char *text, size_t len, const char *file,
		    struct snug_error *err) SNUG_CHECKED;
typedef int snug_json_reader(struct snug_json **ret, const char *text, size_t len, const char *file,
			     struct snug_error *err);
void snug_json_set_reader(snug_json_reader *reader); /* NULL: none */

/*
 * What a parser says of a text: a value, where it lies (item: its key, or itself), and in which
 * container. In pre-order. That is all that another process need tell, for it can be checked.
 */
struct snug_json_place {
	uint32_t start, end, item;
	uint32_t parent; /* the container's number; UINT32_MAX: none */
	uint32_t type;
};
size_t snug_json_place_count(const struct snug_json *doc);
void snug_json_places(const struct snug_json *doc, struct snug_json_place *ret);
/*
 * The document that text is, if it is that of these places: the plain reader walks the text,
 * character for character, with the limits of a parse, and what it finds has to be what is told.
 * SNUG_SYSTEM: it is not, so who parsed it does not do what it is there for.
 */
int snug_json_adopt(struct snug_json **ret, const char *text, size_t len, const char *file,
		    const struct snug_json_place *places, size_t count,
		    struct snug_error *err) SNUG_CHECKED;
void snug_json_free(struct snug_json *doc); /* NULL is fine */
void snug_json_freep(struct snug_json **doc);

/* Reading. Nodes show the document as it was parsed, whatever was edited since. */
const struct snug_json_node *snug_json_root(const struct snug_json *doc);
enum snug_json_type snug_json_type(const struct snug_json_node *node);
const char *snug_json_type_name(enum snug_json_type type); /* "an object", "a string", … */

/* Children of an array or object, in order; NULL when there is none (node is a scalar, or NULL). */
const struct snug_json_node *snug_json_first(const struct snug_json_node *node);
const struct snug_json_node *snug_json_next(const struct snug_json_node *child);
size_t snug_json_count(const struct snug_json_node *node);
/* The child's member name, decoded, NUL-terminated; NULL in an array and for the root. */
const char *snug_json_key(const struct snug_json_node *child);
/* The member called key (exact bytes), NULL if absent or if object is NULL or not an object. */
const struct snug_json_node *snug_json_member(const struct snug_json_node *object, const char *key);
/* The string that object has under key, decoded; NULL where there is none, or something else. */
const char *snug_json_text(const struct snug_json_node *object, const char *key);
/* The bytes of the source that are this value. Not NUL-terminated. */
const char *snug_json_source(const struct snug_json_node *node, size_t *ret_len);
/* Do two values (of any documents) say the same: all but white space, member order and the spelling
 * of strings and numbers included? */
bool snug_json_same(const struct snug_json_node *a, const struct snug_json_node *b);
/* "$.linux.seccomp.syscalls[3]"; a key that is no identifier is quoted: $.annotations["a.b"]. */
void snug_json_path(const struct snug_json_node *node, struct snug_buf *ret);

/* Values. A wrong type or a number out of range: SNUG_INPUT that names the place. */
int snug_json_string(const struct snug_json_node *node, const char **ret,
		     struct snug_error *err) SNUG_CHECKED; /* decoded, owned by the document */
int snug_json_u64(const struct snug_json_node *node, uint64_t *ret,
		  struct snug_error *err) SNUG_CHECKED; /* an integer 0 … 2^64-1, no fraction */
int snug_json_i64(const struct snug_json_node *node, int64_t *ret,
		  struct snug_error *err) SNUG_CHECKED;
int snug_json_bool(const struct snug_json_node *node, bool *ret,
		   struct snug_error *err) SNUG_CHECKED;
int snug_json_expect(const struct snug_json_node *node, enum snug_json_type type,
		     struct snug_error *err) SNUG_CHECKED;

/* SNUG_INPUT at this node: file, line, column and path filled in. Returns -1. */
int snug_json_fail(const struct snug_json_node *node, struct snug_error *err, const char *fmt, ...)
	SNUG_PRINTF(3, 4);

/*
 * Go's encoding/json matches member names without regard to case (and folds U+017F to s, U+212A
 * to k), and the last one wins; C runtimes match bytes. So "Seccomp" beside or instead of
 * "seccomp" means one thing to runc and another to crun. Fails (SNUG_INPUT) if object has a member
 * that folds to one of names (NULL-terminated) without being it. Not an object: 0.
 */
int snug_json_refuse_folded(const struct snug_json_node *object, const char *const *names,
			    struct snug_error *err) SNUG_CHECKED;

/*
 * Editing. `json` is JSON text (checked; any layout); render lays it out in the document's own
 * style: its indentation unit and line ends, or on one line where the document is on one line.
 * One edit a node: editing a node again, or one inside an edited node, replaces the edit. A value
 * that means the same as the one that is there (member order and spelling of numbers included) is
 * no edit: the bytes stay. In a document of several lines, what was on one line stays on it while
 * it fits (100 columns).
 */
int snug_json_replace(struct snug_json *doc, const struct snug_json_node *node, const char *json,
		      struct snug_error *err) SNUG_CHECKED;
/* Replaces the member called key, or appends it to object. */
int snug_json_set(struct snug_json *doc, const struct snug_json_node *object, const char *key,
		  const char *json, struct snug_error *err) SNUG_CHECKED;
/* Puts an element at an array's front or end. */
int snug_json_prepend(struct snug_json *doc, const struct snug_json_node *array, const char *json,
		      struct snug_error *err) SNUG_CHECKED;
int snug_json_append(struct snug_json *doc, const struct snug_json_node *array, const char *json,
		     struct snug_error *err) SNUG_CHECKED;
/* Takes out a member or element with its comma. The root cannot be removed (assertion). */
int snug_json_remove(struct snug_json *doc, const struct snug_json_node *node,
		     struct snug_error *err) SNUG_CHECKED;
bool snug_json_is_edited(const struct snug_json *doc);
/* The document with its edits. Without edits: the source, byte for byte. */
int snug_json_render(const struct snug_json *doc, struct snug_buf *ret,
		     struct snug_error *err) SNUG_CHECKED;

/*
 * Writing new JSON, compact, into a buffer (its sticky failure covers memory). Commas and quoting
 * are the writer's; strings are escaped as RFC 8259 wants (only what must be), bytes that are not
 * UTF-8 become U+FFFD. Misuse (a value where a key belongs) is an assertion.
 *
 *     struct snug_json_writer w = { .out = &buf };
 *     snug_json_open(&w, '{');
 *     snug_json_put_key(&w, "names"); snug_json_open(&w, '['); snug_json_put_string(&w, "read");
 *     snug_json_close(&w); snug_json_close(&w);
 */
struct snug_json_writer {
	struct snug_buf *out;
	unsigned depth;
	char stack[SNUG_JSON_DEPTH_MAX]; /* '{' or '[' */
	bool filled[SNUG_JSON_DEPTH_MAX];
	bool after_key;
};

void snug_json_open(struct snug_json_writer *w, char bracket); /* '{' or '[' */
void snug_json_close(struct snug_json_writer *w);
void snug_json_put_key(struct snug_json_writer *w, const char *key);
void snug_json_put_string(struct snug_json_writer *w, const char *text);
void snug_json_put_u64(struct snug_json_writer *w, uint64_t number);
void snug_json_put_bool(struct snug_json_writer *w, bool value);
void snug_json_put_null(struct snug_json_writer *w);
void snug_json_put_raw(struct snug_json_writer *w, const char *json, size_t len); /* a value */
/* The length of the UTF-8 sequence at the head of len bytes (1 to 4), 0 if it is none. len > 0. */
size_t snug_json_utf8(const char *text, size_t len);
/* The common pairs: "key": value. */
void snug_json_pair_string(struct snug_json_writer *w, const char *key, const char *text);
void snug_json_pair_u64(struct snug_json_writer *w, const char *key, uint64_t number);
void snug_json_pair_bool(struct snug_json_writer *w, const char *key, bool value);

/*
 * Lays JSON text out for people: two spaces a level, a value that fits on the line (100 columns)
 * and nests at most one level stays on it, lists of scalars are filled line by line. Ends with a
 * newline. This is how snug writes its own files. text must be valid JSON.
 */
int snug_json_pretty(const char *text, size_t len, struct snug_buf *ret,
		     struct snug_error *err) SNUG_CHECKED;
