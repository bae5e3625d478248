// What the compiler's option -ffuzz requires of a fuzzer: a variable for the depth of the stack. Then where its counters
// are, one byte for each edge, and the address of each edge.

_Thread_local unsigned long __sancov_lowest_stack;

extern char __start___sancov_cntrs[], __stop___sancov_cntrs[], __start___sancov_pcs1[];

char *counted_edges[] = {__start___sancov_cntrs, __stop___sancov_cntrs, __start___sancov_pcs1};
