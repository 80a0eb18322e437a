/**
 * What an operator may do to the keys: rotate, revoke, import, rewrap. Pure rules decide. A store writes each step, and a step that came
 * too late is decided anew. Operations call rotate and revoke; the command line calls all four.
 */
