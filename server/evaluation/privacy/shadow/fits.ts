/** Success rates are quoted from this many fits on. On its own so that a command line can say it without loading the attack. */
export const fewestFits = 64;
