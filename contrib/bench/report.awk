# SPDX-License-Identifier: Apache-2.0
# report: a section of docs/performance.md. First file: a group's samples; second: its rows.
#
#	# | words | words over the ratio | words over the figure	begins a table
#	words | ratio | figure | unit | bar				a row
#
# ratio and figure are expressions of ways (+ - * / and brackets), worked out for each round; shown are the median and the
# quartiles. The bar is of the median: R for the ratio, F for the figure, then <=, >= or == and a number.

function quantile(p,    at, low) {
	at = 1 + (count - 1) * p
	low = int(at)
	return low >= count ? sorted[count] : sorted[low] + (at - low) * (sorted[low + 1] - sorted[low])
}
function number(x,    a, text, n) {
	a = x < 0 ? -x : x
	if (a < 1000)
		return sprintf(a >= 99.95 ? "%.0f" : a >= 9.995 ? "%.1f" : a >= 0.0005 || a == 0 ? "%.2f" : "%.4f", x)
	text = sprintf("%.0f", x)
	for (n = length(text) - 3; n > (x < 0); n -= 3)
		text = substr(text, 1, n) "," substr(text, n + 1)
	return text
}

# A sum of products of numbers, names and brackets; what a round has no sample of makes it incomplete.
function peek() { match(rest, /^ */); rest = substr(rest, RLENGTH + 1); return substr(rest, 1, 1) }
function sum(    value, operator) {
	value = product()
	while ((operator = peek()) == "+" || operator == "-") {
		rest = substr(rest, 2)
		value = operator == "+" ? value + product() : value - product()
	}
	return value
}
function product(    value, operator, by) {
	value = factor()
	while ((operator = peek()) == "*" || operator == "/") {
		rest = substr(rest, 2)
		by = factor()
		if (operator == "*")
			value *= by
		else if (by == 0)
			incomplete = 1
		else
			value /= by
	}
	return value
}
function factor(    value, word) {
	if (peek() == "(") {
		rest = substr(rest, 2)
		value = sum()
		peek()
		rest = substr(rest, 2)
		return value
	}
	match(rest, /^[A-Za-z0-9_.]+/)
	word = substr(rest, 1, RLENGTH)
	rest = substr(rest, RLENGTH + 1)
	if (word ~ /^[0-9.]+$/)
		return word + 0
	if (!((round, word) in samples)) {
		incomplete = 1
		missing = missing ? missing : word
		return 1
	}
	return samples[round, word]
}

# evaluate EXPRESSION: sorted[1..count], one a round that has all of it.
function evaluate(expression,    value, i) {
	count = 0
	for (round = 1; round <= rounds; round++) {
		rest = expression
		incomplete = 0
		value = sum()
		if (incomplete)
			continue
		for (i = ++count; i > 1 && sorted[i - 1] > value; i--)
			sorted[i] = sorted[i - 1]
		sorted[i] = value
	}
	return count
}
function shown(unit) {
	return number(quantile(0.5)) unit " (" number(quantile(0.25)) " to " number(quantile(0.75)) ")" \
		(count < rounds ? ", " count " rounds" : "")
}
function words_of_bar(bar,    part, sign) {
	split(bar, part, " ")
	sign = part[2] == "<=" ? "≤ " : part[2] == ">=" ? "≥ " : "= "
	return sign part[3] (part[1] == "R" ? " ×" : unit)
}
function verdict(bar, value,    part) {
	split(bar, part, " ")
	if (part[2] == "<=" ? value <= part[3] : part[2] == ">=" ? value >= part[3] : value == part[3])
		return "met"
	return "**missed**"
}

FNR == 1 { file++; FS = file == 1 ? "\t" : " *[|] *"; $0 = $0 }
file == 1 && /^# why/ { why[$2] = $3; next }
file == 1 && /^# / { about[substr($1, 3)] = $2; next }
file == 1 { samples[$1, $2] = $3; if ($1 > rounds) rounds = $1; next }

/^## / { print; next }
/^$/ && !introduced { introduced = 1; printf "\n%s\n", about["machine"] (rounds ? "; " about["date"] ", " rounds " rounds" : ""); next }
/^#/ { printf "\n| %s | %s | %s | bar | |\n|---|---|---|---|---|\n", $2, $3, $4; next }
/[|]/ {
	unit = $4 == "" ? "" : " " $4
	missing = ""
	figure = ratio = ""
	has_figure = $3 != "" && evaluate($3)
	if (has_figure) { figure = shown(unit); middle["F"] = quantile(0.5) }
	has_ratio = $2 != "" && evaluate($2)
	if (has_ratio) { ratio = shown(""); middle["R"] = quantile(0.5) }
	if (!has_figure && !has_ratio)
		figure = "not measured" (why[missing] ? ": " why[missing] : "")
	measured = $5 ~ /^R/ ? has_ratio : has_figure
	printf "| %s | %s | %s | %s | %s |\n", $1, ratio, figure, $5 == "" ? "" : words_of_bar($5), \
		$5 == "" ? "" : measured ? verdict($5, middle[substr($5, 1, 1)]) : "not measured"
	next
}
{ print }
END { if (about["note"]) printf "\n%s\n", about["note"] }
