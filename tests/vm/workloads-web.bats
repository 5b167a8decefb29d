#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nginx and an application in Python: see workloads.bash. Two files, for two machines at once.

load ../live/helpers
load helpers
load workloads

setup_file() { start_recorder; }
teardown_file() { stop_recorder; }
setup() { workloads_setup; }
teardown() { vm_teardown; }

@test "nginx serves another load as before under its profile, and an intruder in its place is stopped" {
	serves_the_same nginx traced
	stops_intruders nginx
}

@test "an application in Python serves another load as before, and an intruder in its place is stopped" {
	serves_the_same python traced
	stops_intruders python
}
