#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# redis, PostgreSQL and a job of a shell's: see workloads.bash. Two files, for two machines at once.

load ../live/helpers
load helpers
load workloads

setup_file() { start_recorder; }
teardown_file() { stop_recorder; }
setup() { workloads_setup; }
teardown() { vm_teardown; }

@test "redis serves another load as before under its profile, and an intruder in its place is stopped" {
	serves_the_same redis
	needs redis CAP_SYS_RESOURCE # for descriptors
	stops_intruders redis
}

@test "PostgreSQL serves another load as before under its profile, and an intruder in its place is stopped" {
	serves_the_same postgres
	needs postgres
	stops_intruders postgres
}

@test "a job of a shell's does as before under its profile, and an intruder in its place is stopped" {
	serves_the_same job traced
	stops_intruders job
}
