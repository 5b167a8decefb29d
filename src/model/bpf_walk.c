/* SPDX-License-Identifier: Apache-2.0 */
#include "model/bpf_walk.h"

#include "base/cleanup.h"

#include <linux/seccomp.h>

#define ALL_ONES 0xffffffffu

struct walk {
	const struct snug_program *program;
	SNUG_VEC(struct snug_bpf_path) open;
	unsigned steps;
	snug_bpf_leaf *leaf;
	void *to;
};

static int refuse(const struct snug_bpf_path *path, struct snug_error *err, const char *why)
{
	return snug_fail(err, SNUG_INPUT, "cannot prove what the filter does: %s (instruction %zu)",
			 why, path->pc);
}

static struct snug_bpf_value constant(uint32_t bits)
{
	return (struct snug_bpf_value){ .known = ALL_ONES, .bits = bits };
}

/* Makes constant what the path has decided since the value was loaded. */
static void settle(const struct snug_bpf_path *path, struct snug_bpf_value *value)
{
	if (value->is_field) {
		struct snug_bpf_range range = path->field[value->field];

		if (range.low == range.high)
			*value = constant(range.low);
		return;
	}
	for (uint32_t left = ~value->known, bit; left; left ^= bit) {
		bit = left & -left;
		unsigned from = value->from[__builtin_ctz(bit)];

		if (path->cube.mask[from / 64] >> from % 64 & 1) {
			value->known |= bit;
			value->bits |= path->cube.value[from / 64] >> from % 64 & 1 ? bit : 0;
		}
	}
}

static bool is_constant(const struct snug_bpf_value *value)
{
	return !value->is_field && value->known == ALL_ONES;
}

/* ---- straight-line instructions ---- */

static int load(struct snug_bpf_path *path, uint32_t offset, struct snug_bpf_value *ret,
		struct snug_error *err)
{
	const uint32_t args = offsetof(struct seccomp_data, args);

	if (offset >= sizeof(struct seccomp_data) || offset % 4)
		return refuse(path, err, "a load outside of struct seccomp_data");
	*ret = (struct snug_bpf_value){ 0 };
	if (offset == offsetof(struct seccomp_data, nr) ||
	    offset == offsetof(struct seccomp_data, arch)) {
		ret->is_field = true;
		ret->field =
			offset == offsetof(struct seccomp_data, nr) ? SNUG_BPF_NR : SNUG_BPF_TOKEN;
	} else if (offset < args) {
		return refuse(path, err, "it reads the instruction pointer");
	} else {
		/* Little-endian, as every ABI in the table: the low word comes first. */
		for (unsigned i = 0; i < 32; i++)
			ret->from[i] = (unsigned short)((offset - args) * 8 + i);
	}
	settle(path, ret);
	return 0;
}

/* Wires move up (left) or down by `by`; zeroes follow. */
static void shift(struct snug_bpf_value *a, bool left, uint32_t by)
{
	struct snug_bpf_value old = *a;

	a->bits = left ? old.bits << by : old.bits >> by;
	a->known = left ? ~(~old.known << by) : ~(~old.known >> by);
	for (unsigned i = 0; i < 32 - by; i++)
		a->from[left ? i + by : i] = old.from[left ? i : i + by];
}

static bool compute(uint32_t a, uint16_t op, uint32_t k, uint32_t *ret)
{
	switch (op) {
	case BPF_ADD:
		*ret = a + k;
		return true;
	case BPF_SUB:
		*ret = a - k;
		return true;
	case BPF_MUL:
		*ret = a * k;
		return true;
	case BPF_DIV:
		*ret = k ? a / k : 0;
		return k != 0; /* the kernel ends the program with 0; nobody divides */
	case BPF_XOR:
		*ret = a ^ k;
		return true;
	case BPF_NEG:
		*ret = -a;
		return true;
	default:
		return false;
	}
}

static int alu(struct snug_bpf_path *path, uint16_t op, uint32_t k, struct snug_error *err)
{
	struct snug_bpf_value *a = &path->a;
	uint32_t result;

	if (a->is_field)
		return refuse(path, err, "arithmetic on the architecture or a range of numbers");
	switch (op) {
	case BPF_AND:
		a->known |= ~k;
		a->bits &= k;
		return 0;
	case BPF_OR:
		a->known |= k;
		a->bits |= k;
		return 0;
	case BPF_LSH:
	case BPF_RSH:
		if (k > 31)
			return refuse(path, err, "a shift by more than 31");
		shift(a, op == BPF_LSH, k);
		return 0;
	default:
		break;
	}
	if (!is_constant(a) || !compute(a->bits, op, k, &result))
		return refuse(path, err, "arithmetic on an argument");
	*a = constant(result);
	return 0;
}

static int alu_insn(struct snug_bpf_path *path, const struct snug_insn *insn,
		    struct snug_error *err)
{
	if (insn->code == (BPF_ALU | BPF_NEG))
		return alu(path, BPF_NEG, 0, err);
	return alu(path, BPF_OP(insn->code), BPF_SRC(insn->code) == BPF_X ? path->x : insn->k, err);
}

/* A, for a register that holds constants alone. */
static int keep(struct snug_bpf_path *path, uint32_t *ret, struct snug_error *err)
{
	settle(path, &path->a);
	if (!is_constant(&path->a))
		return refuse(path, err, "an argument is put aside");
	*ret = path->a.bits;
	return 0;
}

/* What only moves values. */
static int move(struct snug_bpf_path *path, const struct snug_insn *insn, struct snug_error *err)
{
	const bool scratch = insn->code == (BPF_LD | BPF_MEM) ||
			     insn->code == (BPF_LDX | BPF_MEM) || insn->code == BPF_ST ||
			     insn->code == BPF_STX;
	uint32_t word = insn->k % BPF_MEMWORDS;

	if (scratch && word != insn->k)
		return refuse(path, err, "a scratch word past the last");
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return load(path, insn->k, &path->a, err);
	case BPF_LD | BPF_IMM:
		path->a = constant(insn->k);
		return 0;
	case BPF_LDX | BPF_IMM:
		path->x = insn->k;
		return 0;
	case BPF_LD | BPF_W | BPF_LEN:
		path->a = constant(sizeof(struct seccomp_data));
		return 0;
	case BPF_LDX | BPF_W | BPF_LEN:
		path->x = sizeof(struct seccomp_data);
		return 0;
	case BPF_LD | BPF_MEM:
		path->a = constant(path->m[word]);
		return 0;
	case BPF_LDX | BPF_MEM:
		path->x = path->m[word];
		return 0;
	case BPF_ST:
		return keep(path, &path->m[word], err);
	case BPF_STX:
		path->m[word] = path->x;
		return 0;
	case BPF_MISC | BPF_TAX:
		return keep(path, &path->x, err);
	case BPF_MISC | BPF_TXA:
		path->a = constant(path->x);
		return 0;
	default:
		return refuse(path, err, "an instruction that seccomp does not admit");
	}
}

/* ---- jumps ---- */

/* Where a comparison sends the path: one way for each of the three answers. */
struct ways {
	size_t less, equal, greater;
};

/* Leaves a copy of path to be walked from `way` on. */
static int fork_path(struct walk *walk, const struct snug_bpf_path *path, size_t way,
		     struct snug_error *err)
{
	if (snug_vec_push(&walk->open, *path) < 0)
		return snug_fail_memory(err);
	walk->open.at[walk->open.count - 1].pc = way;
	return 0;
}

/* Restricts the field; what is below, equal and above k goes its way. */
static int compare_field(struct walk *walk, const struct snug_bpf_path *path, uint32_t k,
			 struct ways ways, struct snug_error *err)
{
	struct snug_bpf_range range = path->field[path->a.field];
	const struct {
		uint64_t low, high;
		size_t way;
	} part[] = {
		{ range.low, k ? k - 1ull : 0, ways.less },
		{ k, k, ways.equal },
		{ k + 1ull, range.high, ways.greater },
	};

	for (size_t i = k ? 0 : 1; i < 3; i++) {
		struct snug_bpf_path next = *path;
		uint64_t low = part[i].low > range.low ? part[i].low : range.low;
		uint64_t high = part[i].high < range.high ? part[i].high : range.high;

		if (low > high)
			continue;
		next.field[path->a.field] =
			(struct snug_bpf_range){ (uint32_t)low, (uint32_t)high };
		if (fork_path(walk, &next, part[i].way, err) < 0)
			return -1;
	}
	return 0;
}

static void fix(struct snug_cube *cube, unsigned from, bool one)
{
	cube->mask[from / 64] |= 1ull << from % 64;
	if (one)
		cube->value[from / 64] |= 1ull << from % 64;
}

static int branch(struct walk *walk, const struct snug_bpf_path *path,
		  const struct snug_cube *within, size_t way, struct snug_error *err)
{
	struct snug_bpf_path next = *path;

	next.cube = *within;
	next.looked = true;
	return fork_path(walk, &next, way, err);
}

/*
 * From the top bit down, while all above are equal to k's: a free wire that differs from k's bit
 * decides, one that agrees goes on. What goes the way of the lesser ones keeps the path's cube, and
 * goes on the stack last, to be walked first; the others are walked after it, within it.
 */
static int compare_wires(struct walk *walk, const struct snug_bpf_path *path,
			 const struct snug_bpf_value *a, uint32_t k, struct ways ways,
			 struct snug_error *err)
{
	struct snug_cube rest = path->cube; /* equal so far */
	size_t way = ways.equal;
	bool open = false;

	for (uint32_t bit = 1u << 31; bit; bit >>= 1) {
		size_t other = k & bit ? ways.less : ways.greater;
		struct snug_cube part = rest;
		unsigned from;

		if (a->known & bit) {
			if (!((a->bits ^ k) & bit))
				continue;
			way = other;
			break;
		}
		open = true;
		from = a->from[__builtin_ctz(bit)];
		fix(&part, from, !(k & bit));
		if (other != ways.less && branch(walk, path, &part, other, err) < 0)
			return -1;
		fix(&rest, from, k & bit);
	}
	if (!open)
		return fork_path(walk, path, way, err);
	if (way != ways.less && branch(walk, path, &rest, way, err) < 0)
		return -1;
	return branch(walk, path, &path->cube, ways.less, err);
}

/* A jump on bits of a range of numbers: cut the range where the lowest of those bits changes. */
static int jump_field_set(struct walk *walk, struct snug_bpf_path *path, uint32_t k,
			  const size_t way[2], struct snug_error *err)
{
	struct snug_bpf_range *range = &path->field[path->a.field], whole = *range;
	unsigned low = k ? (unsigned)__builtin_ctz(k) : 31;
	uint64_t cut = (((uint64_t)range->low >> low) + 1) << low;

	if (!k || cut > range->high)
		return fork_path(walk, path, way[(range->low & k) != 0], err);
	/* The rest is left behind, to be cut when it is its turn: it may have billions of cuts. */
	*range = (struct snug_bpf_range){ (uint32_t)cut, whole.high };
	if (fork_path(walk, path, path->pc, err) < 0)
		return -1;
	*range = (struct snug_bpf_range){ whole.low, (uint32_t)(cut - 1) };
	return fork_path(walk, path, path->pc, err);
}

/* Every conditional jump is a comparison: JSET k asks whether A & k is above 0. */
static int jump(struct walk *walk, struct snug_bpf_path *path, const struct snug_insn *insn,
		struct snug_error *err)
{
	const size_t way[2] = { path->pc + 1 + insn->jf, path->pc + 1 + insn->jt };
	uint32_t k = BPF_SRC(insn->code) == BPF_X ? path->x : insn->k;
	struct snug_bpf_value a;
	struct ways ways;

	settle(path, &path->a);
	a = path->a;
	if (a.is_field && path->looked)
		return refuse(path, err, "it looks at an argument before the number");
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		ways = (struct ways){ way[0], way[1], way[0] };
		break;
	case BPF_JGT:
		ways = (struct ways){ way[0], way[0], way[1] };
		break;
	case BPF_JGE:
		ways = (struct ways){ way[0], way[1], way[1] };
		break;
	case BPF_JSET:
		if (a.is_field)
			return jump_field_set(walk, path, k, way, err);
		ways = (struct ways){ way[0], way[0], way[1] };
		a.known |= ~k;
		a.bits &= k;
		k = 0;
		break;
	default:
		return refuse(path, err, "a jump that seccomp does not admit");
	}
	return a.is_field ? compare_field(walk, path, k, ways, err)
			  : compare_wires(walk, path, &a, k, ways, err);
}

/* ---- the walk ---- */

static int end(struct walk *walk, struct snug_bpf_path *path, const struct snug_insn *insn,
	       struct snug_error *err)
{
	if (insn->code == (BPF_RET | BPF_K))
		return walk->leaf(walk->to, path, insn->k, err);
	settle(path, &path->a);
	if (insn->code != (BPF_RET | BPF_A) || !is_constant(&path->a))
		return refuse(path, err, "it returns what is no constant");
	return walk->leaf(walk->to, path, path->a.bits, err);
}

/* Follows one path to its end or to a fork, whose branches go to walk->open. */
static int follow(struct walk *walk, struct snug_bpf_path *path, struct snug_error *err)
{
	for (;; path->pc++) {
		const struct snug_insn *insn;
		int ret;

		if (path->pc >= walk->program->count)
			return refuse(path, err, "it runs past its end");
		insn = &walk->program->at[path->pc];
		if (++walk->steps > SNUG_PROGRAM_STEPS_MAX)
			return refuse(path, err, "too many paths");
		switch (BPF_CLASS(insn->code)) {
		case BPF_RET:
			return end(walk, path, insn, err);
		case BPF_JMP:
			if (insn->code != (BPF_JMP | BPF_JA))
				return jump(walk, path, insn, err);
			path->pc += insn->k;
			continue;
		case BPF_ALU:
			ret = alu_insn(path, insn, err);
			break;
		default:
			ret = move(path, insn, err);
			break;
		}
		if (ret < 0)
			return -1;
	}
}

static void walk_clear(struct walk *walk)
{
	snug_vec_clear(&walk->open);
}

int snug_bpf_walk(const struct snug_program *program, const struct snug_bpf_path *start,
		  snug_bpf_leaf *leaf, void *to, struct snug_error *err)
{
	SNUG_AUTO(walk_clear)
	struct walk walk = { .program = program, .leaf = leaf, .to = to };

	if (program->count == 0 || program->count > SNUG_PROGRAM_MAX)
		return snug_fail(err, SNUG_INPUT, "a filter has 1 to %u instructions, this one %zu",
				 SNUG_PROGRAM_MAX, program->count);
	if (fork_path(&walk, start, 0, err) < 0)
		return -1;
	while (walk.open.count) {
		struct snug_bpf_path path = walk.open.at[--walk.open.count];

		if (follow(&walk, &path, err) < 0)
			return -1;
	}
	return 0;
}

struct snug_bpf_path snug_bpf_start(struct snug_bpf_range token, struct snug_bpf_range nr)
{
	return (struct snug_bpf_path){
		.a = constant(0),
		.field = { [SNUG_BPF_NR] = nr, [SNUG_BPF_TOKEN] = token },
	};
}
