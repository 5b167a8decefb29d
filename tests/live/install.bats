#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# install, uninstall: an engine's own configuration, below a root of the test's; afterwards every byte,
# mode and folder is what it was. (What the engines make of it is asked in the VM.)

bats_require_minimum_version 1.5.0
load helpers

setup() {
	need root jq busybox
	live_setup
	# Programs that nobody else can change, with a wrapper beside them.
	mkdir "$T/bin"
	cp "$REPO/$SNUG_BUILD/snug" "$REPO/$SNUG_BUILD/snug-hook" "$T/bin/"
	[ -e "$REPO/$SNUG_BUILD/snug-runtime" ] || printf '#!/bin/sh\nexec "$@"\n' > "$T/bin/snug-runtime"
	[ ! -e "$REPO/$SNUG_BUILD/snug-runtime" ] || cp "$REPO/$SNUG_BUILD/snug-runtime" "$T/bin/"
	chmod 755 "$T/bin/snug-runtime"
	# shellcheck disable=SC2034 # snug() runs it
	SNUG=$T/bin/snug
	R=$T/store
	mkdir -p "$R/etc" "$R/run/snug" "$R/var/lib"
}
teardown() { live_teardown; }

ENGINES=(podman docker containerd crio runc crun)

# tree: each file below the root with type, mode, target and digest. /run is not kept.
tree() {
	(cd "$R" && find . -path ./run -prune -o -printf '%P %y %m %U:%G %l\n' | sort
		find . -path ./run -prune -o -type f -print0 | sort -z | xargs -0 -r sha256sum)
}

put() { # PATH: stdin goes there
	mkdir -p "$(dirname "$R/$1")"
	cat > "$R/$1"
}

debian_containerd() {
	put etc/containerd/config.toml <<- 'EOF'
		version = 2

		[plugins]
		  [plugins."io.containerd.grpc.v1.cri"]
		    [plugins."io.containerd.grpc.v1.cri".cni]
		      bin_dir = "/usr/lib/cni"
		      conf_dir = "/etc/cni/net.d"
		  [plugins."io.containerd.internal.v1.opt"]
		    path = "/var/lib/containerd"
	EOF
}

@test "every engine: install, again, uninstall: the tree is what it was" {
	local engine
	for engine in "${ENGINES[@]}"; do
		tree > "$T/before"
		run -0 snug install "$engine"
		tree > "$T/installed"
		run ! cmp -s "$T/before" "$T/installed"
		run -0 snug install "$engine"
		[ "$output" = "$engine: installed already, unchanged" ]
		tree | cmp - "$T/installed"
		run -0 snug uninstall "$engine"
		tree | diff - "$T/before"
		run -1 snug uninstall "$engine"
		[[ $output == *"not installed"* ]]
	done
}

@test "all engines at once, uninstalled in the order of installing: nothing is left" {
	local engine
	tree > "$T/before"
	for engine in "${ENGINES[@]}"; do snug install "$engine" > /dev/null; done
	for engine in "${ENGINES[@]}"; do snug uninstall "$engine" > /dev/null; done
	tree | diff - "$T/before"
}

@test "--dry-run shows the change and makes none" {
	local engine
	tree > "$T/before"
	for engine in "${ENGINES[@]}"; do
		run -0 snug install "$engine" --dry-run
		[[ $output == *"would be installed"* ]]
		tree | diff - "$T/before"
	done
	snug install docker > /dev/null
	tree > "$T/before"
	run -0 snug uninstall docker --dry-run
	[[ $output == *"would be uninstalled"* ]]
	tree | diff - "$T/before"
}

@test "podman: hooks.d files of version 1.0.0, for Podman's stages, with absolute paths and --root" {
	local stage file
	snug install podman > /dev/null
	for stage in precreate createRuntime poststop; do
		file=$R/etc/containers/oci/hooks.d/snug-$stage.json
		jq -e --arg stage "$stage" --arg hook "$T/bin/snug-hook" --arg root "$R" \
			'. == {version: "1.0.0", hook: {path: $hook, args: ["snug-hook", "--root", $root, $stage]},
				when: {always: true}, stages: [$stage]}' "$file"
		[ "$(stat -c %a "$file")" = 644 ]
	done
}

@test "podman, crio: --allow-trace-syscall goes to the hooks that learn" {
	local engine folder
	tree > "$T/before"
	for engine in podman:containers/oci/hooks.d crio:crio/snug-hooks.d; do
		folder=$R/etc/${engine#*:}
		snug install "${engine%:*}" --allow-trace-syscall /srv/traces > /dev/null
		jq -es 'map(.hook.args[4:]) == [["--allow-trace-syscall", "/srv/traces"], ["--allow-trace-syscall", "/srv/traces"]]' \
			"$folder"/snug-{createRuntime,poststop}.json
		run ! grep -q trace "$folder/snug-precreate.json"
		snug uninstall "${engine%:*}" > /dev/null
	done
	tree | diff - "$T/before"
	run -2 snug install podman --allow-trace-syscall traces
	run -2 snug install docker --allow-trace-syscall /srv/traces
}

@test "podman: reads the folder, by a file of snug's where it would not" {
	local dropin=$R/etc/containers/containers.conf.d/99-snug.conf
	put etc/containers/containers.conf <<< $'[engine]\nruntime = "crun"\nhooks_dir = ["/etc/acme"]'
	tree > "$T/before"
	snug install podman > /dev/null
	[ "$(sed -n '/^hooks_dir/,$p' "$dropin")" = "hooks_dir = [
	\"/etc/acme\",
	\"$R/etc/containers/oci/hooks.d\",
]" ]
	grep -qx '\[engine\]' "$dropin"
	run -0 snug install podman
	[[ $output == *already* ]]
	snug uninstall podman > /dev/null
	tree | diff - "$T/before"
	# One that names it needs none, and one that has the last word is named.
	put etc/containers/containers.conf.d/50-acme.conf <<< "engine.hooks_dir = ['$R/etc/containers/oci/hooks.d']"
	snug install podman > /dev/null
	[ ! -e "$dropin" ]
	snug uninstall podman > /dev/null
	put etc/containers/containers.conf.d/99-zzz.conf <<< $'[engine]\nhooks_dir = []'
	run -3 snug install podman
	[[ $output == *99-zzz.conf*"sorts before"* ]]
}

@test "podman: of the files among its settings those that it reads count, and no others" {
	local folder=$R/etc/containers/containers.conf.d name
	local dropin=$folder/99-snug.conf said="[engine]
hooks_dir = [\"$R/etc/containers/oci/hooks.d\"]"
	# What Podman does not read says neither that it reads our folder, nor what comes last.
	for name in 50-hooks.conf.disabled zz.conf.bak zz conf zz.conf~; do put "etc/containers/containers.conf.d/$name" <<< "$said"; done
	snug install podman --hooks-only > /dev/null
	grep -qF "	\"$R/etc/containers/oci/hooks.d\"," "$dropin"
	snug uninstall podman > /dev/null
	# And a hidden one it reads.
	put etc/containers/containers.conf.d/.acme.conf <<< $'[engine]\nhooks_dir = ["/etc/acme"]'
	snug install podman --hooks-only > /dev/null
	grep -qxF '	"/etc/acme",' "$dropin"
	snug uninstall podman > /dev/null
	put etc/containers/containers.conf.d/zz.conf <<< "$said"
	run -3 snug install podman --hooks-only
	[[ $output == *zz.conf*"sorts before"* ]]
}

@test "podman: snug-runtime stands in for the runtimes that are there, under their own names" {
	local dropin=$R/etc/containers/containers.conf.d/99-snug.conf folder=$R/usr/local/lib/snug/podman
	printf '#!/bin/sh\n' | put usr/bin/crun
	chmod 755 "$R/usr/bin/crun"
	tree > "$T/before"
	snug install podman > /dev/null
	[ "$(readlink "$folder/snug-crun")" = "$T/bin/snug-runtime" ]
	[ ! -e "$folder/snug-runc" ]
	[ "$(sed -n '/runtimes/,$p' "$dropin")" = "[engine.runtimes]
crun = [\"$folder/snug-crun\"]" ]
	grep -q '^hooks_dir' "$dropin"
	# Another runtime comes: installing again brings it in.
	cp "$R/usr/bin/crun" "$R/usr/bin/runc"
	snug install podman > /dev/null
	grep -qx "runc = \\[\"$folder/snug-runc\"\\]" "$dropin"
	rm "$R/usr/bin/runc"
	snug uninstall podman > /dev/null
	tree | diff - "$T/before"
	# Without: hooks alone. And where somebody has said already what crun is, it is left to him.
	snug install podman --hooks-only > /dev/null
	run ! grep runtimes "$dropin"
	[ ! -e "$folder" ]
	snug uninstall podman > /dev/null
	put etc/containers/containers.conf.d/50-acme.conf <<< $'[engine.runtimes]\ncrun = ["/opt/crun"]'
	run -3 snug install podman
	[[ $output == *50-acme.conf:*"runtime crun"*--hooks-only* ]]
	snug install podman --hooks-only > /dev/null
	run -2 snug install docker --hooks-only
}

@test "crio: no precreate, and the folders that it had stay" {
	put etc/crio/crio.conf <<- 'EOF'
		[crio.runtime]
		hooks_dir = [
		  "/usr/share/containers/oci/hooks.d", # the usual one
		  '/etc/acme/hooks.d',
		]
	EOF
	tree > "$T/before"
	snug install crio > /dev/null
	run ! grep -rq precreate "$R/etc/crio"
	[ "$(grep -c '^	"' "$R/etc/crio/crio.conf.d/99-snug.conf")" = 3 ]
	grep -qF '"/etc/acme/hooks.d"' "$R/etc/crio/crio.conf.d/99-snug.conf"
	[ "$(grep '^	"' "$R/etc/crio/crio.conf.d/99-snug.conf" | tail -n 1)" = "	\"$R/etc/crio/snug-hooks.d\"," ]
	jq -es 'map(.stages[0]) == ["createRuntime", "poststop"]' "$R"/etc/crio/snug-hooks.d/*.json
	snug uninstall crio > /dev/null
	tree | diff - "$T/before"
}

@test "crio: a file that has the last word on hooks_dir is named" {
	put etc/crio/crio.conf.d/99-zzz.conf <<< $'[crio.runtime]\nhooks_dir = []'
	tree > "$T/before"
	run -3 snug install crio
	[[ $output == *99-zzz.conf*"sorts before"* ]]
	tree | diff - "$T/before"
}

@test "podman: never into a folder that CRI-O reads" {
	put etc/crio/crio.conf <<< "[crio.runtime]
hooks_dir = [\"$R/etc/containers/oci/hooks.d\"]"
	run -3 snug install podman
	[[ $output == *"CRI-O reads this folder too"*"--hooks-dir"* ]]
	run -0 snug install podman --hooks-dir "$R/etc/containers/oci/podman.d"
	[ -e "$R/etc/containers/oci/podman.d/snug-precreate.json" ]
	# A second set of hooks would run beside these.
	rm -r "$R/etc/crio"
	run -3 snug install podman
	[[ $output == *"with other options"* ]]
}

@test "docker: a daemon.json in somebody's own style stays, but for one entry" {
	printf '{\n    "log-driver":   "journald",\n    "default-ulimits": { "nofile": {"Hard": 64000.0} }\n}' |
		put etc/docker/daemon.json
	chmod 600 "$R/etc/docker/daemon.json"
	tree > "$T/before"
	cp "$R/etc/docker/daemon.json" "$T/daemon.json"
	snug install docker > "$T/diff"
	jq -e --arg path "$R/usr/local/lib/snug/docker/snug-runc" \
		'.runtimes == {"snug-runc": {path: $path}}' "$R/etc/docker/daemon.json"
	[ "$(readlink "$R/usr/local/lib/snug/docker/snug-runc")" = "$T/bin/snug-runtime" ]
	[ "$(stat -c %a "$R/etc/docker/daemon.json")" = 600 ]
	grep -qF '64000.0' "$R/etc/docker/daemon.json"
	# What was shown is what was done.
	sed -n '/^--- /,/^docker: /p' "$T/diff" | patch -s "$T/daemon.json"
	cmp "$T/daemon.json" "$R/etc/docker/daemon.json"
	snug uninstall docker > /dev/null
	tree | diff - "$T/before"
}

@test "docker --default, and back to the one before" {
	put etc/docker/daemon.json <<< '{"default-runtime": "crun", "runtimes": {"crun": {"path": "crun"}}}'
	tree > "$T/before"
	snug install docker > /dev/null
	run -0 snug install docker --default
	jq -e '."default-runtime" == "snug-runc" and (.runtimes | keys) == ["crun", "snug-runc"]' \
		"$R/etc/docker/daemon.json"
	snug uninstall docker > /dev/null
	tree | diff - "$T/before"
}

@test "docker: edited in between, by hand: snug's part alone goes" {
	put etc/docker/daemon.json <<< $'{\n  "default-runtime": "runc"\n}'
	snug install docker --default > /dev/null
	sed -i 's/^{$/{\n  "debug": true,/' "$R/etc/docker/daemon.json"
	jq -e .debug "$R/etc/docker/daemon.json"
	run -0 snug install docker --default
	[[ $output == *already* ]]
	snug uninstall docker > /dev/null
	[ "$(cat "$R/etc/docker/daemon.json")" = $'{\n  "debug": true,\n  "default-runtime": "runc"\n}' ]
}

@test "docker: edited in between, then installed with more: the edit is what uninstall brings back" {
	put etc/docker/daemon.json <<< '{}'
	snug install docker > /dev/null
	jq '.debug = true' "$R/etc/docker/daemon.json" > "$T/new" && cat "$T/new" > "$R/etc/docker/daemon.json"
	snug install docker --default > /dev/null
	snug uninstall docker > /dev/null
	jq -e '. == {debug: true}' "$R/etc/docker/daemon.json"
}

@test "docker: an entry of that name that is somebody's, and a file that is no JSON" {
	put etc/docker/daemon.json <<< '{"runtimes": {"snug-runc": {"path": "/opt/other"}}}'
	tree > "$T/before"
	run -3 snug install docker
	[[ $output == *daemon.json:1:*"not snug's"* ]]
	put etc/docker/daemon.json <<< '{"runtimes": }'
	run -3 snug install docker
	[[ $output == *daemon.json:1:* ]]
	put etc/docker/daemon.json <<< '{"runtimes": {"snug-runc": {"path": "/opt/other"}}}'
	tree | diff - "$T/before"
}

@test "containerd: tables at the end of Debian's own file" {
	debian_containerd
	tree > "$T/before"
	snug install containerd > /dev/null
	tail -n 10 "$R/etc/containerd/config.toml" | head -n 1 | grep -qx '    path = "/var/lib/containerd"'
	grep -qxF '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.snug-runc]' "$R/etc/containerd/config.toml"
	grep -qxF "  BinaryName = \"$R/usr/local/lib/snug/containerd/snug-runc\"" "$R/etc/containerd/config.toml"
	snug uninstall containerd > /dev/null
	tree | diff - "$T/before"
}

@test "containerd: its own default runtime stays, where the file has none; one that came since is no table twice" {
	local runc='[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]' file=$R/etc/containerd/config.toml
	debian_containerd
	snug install containerd > /dev/null
	[ "$(grep -cxF "$runc" "$file")" = 1 ]
	echo "$runc" >> "$file"
	snug install containerd > /dev/null
	[ "$(grep -cxF "$runc" "$file")" = 1 ]
	[ "$(grep -c snug-runc "$file")" = 3 ]
	snug uninstall containerd > /dev/null
	[ "$(tail -n 1 "$file")" = "$runc" ]
	tree > "$T/before"
	snug install containerd > /dev/null
	[ "$(grep -cxF "$runc" "$file")" = 1 ]
	snug uninstall containerd > /dev/null
	tree | diff - "$T/before"
}

@test "containerd: edited in between: snug's tables alone go; edited within: refused" {
	debian_containerd
	cp "$R/etc/containerd/config.toml" "$T/config.toml"
	snug install containerd > /dev/null
	echo '# mine' | tee -a "$T/config.toml" >> "$R/etc/containerd/config.toml"
	snug uninstall containerd > /dev/null
	cmp "$T/config.toml" "$R/etc/containerd/config.toml"
	snug install containerd > /dev/null
	sed -i 's/runc.v2/runc.v3/' "$R/etc/containerd/config.toml"
	tree > "$T/before"
	run -3 snug uninstall containerd
	[[ $output == *"was changed"* ]]
	tree | diff - "$T/before"
}

@test "containerd: what cannot be added to with certainty is refused, with the line" {
	local text
	while read -r text; do
		printf '%b' "$text" | put etc/containerd/config.toml
		tree > "$T/before"
		run -3 snug install containerd
		[[ $output == *config.toml*"; "* ]]
		tree | diff - "$T/before"
	done <<- 'EOF'
		root = "/var/lib/containerd"\n
		version = 1\n
		version = 2\nplugins = { }\n
		version = 2\nplugins."io.containerd.grpc.v1.cri".sandbox_image = "pause"\n
		version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\nruntimes = {}\n
		version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.snug-runc]\n
		version = 2\nx = """\n[plugins]\n"""\n
		version = 2\nx = "\n
		version = 2\n[plugins\n
	EOF
}

@test "somebody else's file in the place of a hook, or of the link, is never overwritten" {
	put etc/containers/oci/hooks.d/snug-poststop.json <<< '{}'
	put usr/local/bin/snug-runc <<< '#!/bin/sh'
	ln -s /bin/true "$R/usr/local/bin/snug-crun"
	tree > "$T/before"
	run -3 snug install podman
	[[ $output == *snug-poststop.json:*"did not write"* ]]
	run -3 snug install runc
	[[ $output == *snug-runc:*"no symlink"* ]]
	run -3 snug install crun
	[[ $output == *snug-crun:*"did not write"* ]]
	tree | diff - "$T/before"
}

@test "a hook file that was edited is not removed, and one that is gone is no hindrance" {
	local file=$R/etc/containers/oci/hooks.d/snug-poststop.json
	tree > "$T/before"
	snug install podman > /dev/null
	sed -i 's/true/false/' "$file"
	run -3 snug uninstall podman
	[[ $output == *snug-poststop.json:*"changed since"* ]]
	[ -e "$R/etc/containers/oci/hooks.d/snug-precreate.json" ]
	run -3 snug install podman
	rm "$file"
	snug install podman > /dev/null
	[ -e "$file" ]
	rm "$file"
	snug uninstall podman > /dev/null
	tree | diff - "$T/before"
}

@test "a folder that others can write is refused, and so is a hook that they can change" {
	mkdir -p "$R/etc/containers/oci/hooks.d"
	chmod 777 "$R/etc/containers/oci/hooks.d"
	run -3 snug install podman
	[[ $output == *"others can write it"* ]]
	chmod 755 "$R/etc/containers/oci/hooks.d"
	chmod 777 "$T/bin/snug-hook"
	run -3 snug install podman
	[[ $output == *snug-hook:*"others can write it"* ]]
	[ -z "$(ls "$R/etc/containers/oci/hooks.d")" ]
}

@test "an interrupted install is completed, or taken back" {
	tree > "$T/before"
	snug install docker > /dev/null
	cp "$R/var/lib/snug/install/docker.json" "$T/record"
	tree > "$T/installed"
	snug uninstall docker > /dev/null
	# As it is when the power went after the record.
	mkdir -p "$R/var/lib/snug/install" && cp "$T/record" "$R/var/lib/snug/install/docker.json"
	snug install docker > /dev/null
	tree | diff - "$T/installed"
	rm "$R/etc/docker/daemon.json"
	snug uninstall docker > /dev/null
	tree | diff - "$T/before"
}

@test "at a terminal it asks, and --yes does not" {
	need script
	tree > "$T/before"
	run -1 script -qec "$SNUG --root $R install runc" /dev/null <<< n
	[[ $output == *"+ $R/usr/local/bin/snug-runc"*"change this?"*"nothing was changed"* ]]
	tree | diff - "$T/before"
	run -0 script -qec "$SNUG --root $R install runc" /dev/null <<< y
	[ -L "$R/usr/local/bin/snug-runc" ]
	run -0 script -qec "$SNUG --root $R uninstall runc --yes" /dev/null < /dev/null
	[[ $output != *"change this?"* ]]
	tree | diff - "$T/before"
}

@test "the command line" {
	run -2 snug install
	run -2 snug install podman docker
	run -2 snug install rkt
	[[ $output == *"podman, docker"* ]]
	run -2 snug install docker --hooks-dir /tmp
	run -2 snug install podman --hooks-dir tmp
	run -2 snug install podman --default
	run -2 snug uninstall podman --default
	rm "$T/bin/snug-runtime"
	run -4 snug install runc
	[[ $output == *"snug-runtime"*"beside snug"* ]]
}
