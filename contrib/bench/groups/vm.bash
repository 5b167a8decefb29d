# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # T, bin, id and the rest are run's; ways and rows are for it
# vm: oci-seccomp-bpf-hook itself beside snug, in the emulated VM with kernel headers and bcc (contrib/bench/vm-image).
# contrib/bench/guest measures, in there.

title='oci-seccomp-bpf-hook itself, in the VM'
readonly BOOT_AND_ROUNDS=1500 # seconds that all may take
rounds=$ROUNDS_LONG
ways=()

fetch() { "$here/vm-image"; }

# All samples come from one run of the VM: there are no rounds here.
prepare() {
	SNUG_VM_IMAGE=$repo/build/vm-bench SNUG_BUILD=$SNUG_BUILD "$repo/contrib/vm/run" --memory 3072 --timeout "$BOOT_AND_ROUNDS" -- \
		contrib/bench/guest "$rounds" > "$T/said" && grep -q '^[0-9]' "$T/said"
}

rows() {
	cat << 'ROWS'
# | `runc run` to the container's first instruction | times snug's hook | takes
no hook | | start_none | ms |
`snug-hook prestart`, the first: it loads the recorder | | start_snug | ms |
`snug-hook prestart`, another container being learned | start_warm / start_snug | start_warm | ms |
oci-seccomp-bpf-hook 1.2.8, which compiles its recorder | start_peer / start_snug | start_peer | ms | R >= 20
# | nginx, wrk with 4 connections | of its requests while nobody learns | requests a second
nobody learns | | nginx_none | |
recorded by snug's hooks, files too | nginx_snug / nginx_none | nginx_snug | |
recorded by `snug learn --no-files` | nginx_syscalls / nginx_none | nginx_syscalls | |
recorded by oci-seccomp-bpf-hook, which knows calls alone | nginx_peer / nginx_none | nginx_peer | |
snug beside oci-seccomp-bpf-hook, calls alone | nginx_syscalls / nginx_peer | nginx_syscalls - nginx_peer | | R >= 1
snug beside oci-seccomp-bpf-hook, files too | nginx_snug / nginx_peer | nginx_snug - nginx_peer | | R >= 1

The VM is emulated (qemu's TCG), so no time in it is a real one; that is why there are ratios. The hook gives its compiler 10 seconds,
which do not suffice there, and then refuses the container: so what it starts itself (`-r PID -o FILE`) is started in its way, and waited for without
that limit. Its Go program's own start, a second one, is left out.
ROWS
}
