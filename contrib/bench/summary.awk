# SPDX-License-Identifier: Apache-2.0
# summary: of the page's sections, the rows that have a bar, each table's by a link to its section.
BEGIN { FS = " *[|] *" }
function anchor(text) {
	text = tolower(text)
	gsub(/[^a-z0-9 -]/, "", text)
	gsub(/ /, "-", text)
	return text
}
/^## / { title = substr($0, 4) }
/^[|]/ && $5 == "bar" { heading = $2 }
/^[|]/ && $5 != "" && $5 != "bar" && $5 !~ /^-/ {
	rows = rows sprintf("| [%s](#%s): %s | %s | %s | %s | %s |\n", heading, anchor(title), $2, $3, $4, $5, $6)
	verdicts[$6]++
}
END {
	printf "## Bars\n\n%d met, %d missed, %d not measured.\n\n", verdicts["met"], verdicts["**missed**"], verdicts["not measured"]
	printf "| | ratio | figure | bar | |\n|---|---|---|---|---|\n%s\n", rows
}
