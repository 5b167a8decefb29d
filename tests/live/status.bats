# SPDX-License-Identifier: Apache-2.0
# Who is learning, and what there is so far: snug status, snug flush.

load helpers
load learning

setup() { need root runc bpf jq busybox; live_setup; }
teardown() { live_teardown; }
