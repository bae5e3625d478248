// What the compiler's -ffuzz wants of a fuzzer: a place for the depth of the stack. And where the counters are that it
// makes, one byte an edge, with the address of each.

_Thread_local unsigned long __sancov_lowest_stack;

extern char __start___sancov_cntrs[], __stop___sancov_cntrs[], __start___sancov_pcs1[];

char *counted_edges[] = {__start___sancov_cntrs, __stop___sancov_cntrs, __start___sancov_pcs1};
