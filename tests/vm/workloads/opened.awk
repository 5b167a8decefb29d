# SPDX-License-Identifier: Apache-2.0
# opened: strace's lines → "ACCESS PATH" of each file that was opened or run, as rules have them.
#
#	12 openat(AT_FDCWD</>, "/etc/x", O_RDONLY|O_CLOEXEC) = 3</etc/x>
#
# The path after "=" is the kernel's own, symlinks resolved; that of an execve is as it was called. Up to the first
# execve it is strace's own work.

/ execve\(/ && !begun { begun = 1; next }
!begun { next }
/ execve\(".*\) = 0$/ {
	path = $0
	sub(/^[^"]*"/, "", path)
	sub(/".*/, "", path)
	print "x", path
}
/ open(at2?)?\(/ {
	at = match($0, / = [0-9]+<.*>$/)
	if (!at)
		next
	path = substr($0, at)
	sub(/^ = [0-9]+</, "", path)
	sub(/>$/, "", path)
	# -y says of devices which they are, of the deleted that they are.
	sub(/<char [0-9:]*>$/, "", path)
	sub(/ \(deleted\)$/, "", path)
	sub(/>\(deleted\)$/, "", path)
	access = /O_RDWR/ ? "rw" : /O_WRONLY/ ? "w" : "r"
	if (/O_PATH/ || path !~ /^\//)
		next
	print access, path
}
