/* SPDX-License-Identifier: Apache-2.0 */
/* What starting any program costs: nothing else is in it. Linked statically. */
int main(void)
{
	return 0;
}
