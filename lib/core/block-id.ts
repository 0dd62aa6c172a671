/** What a block id is made of, from its lowest digits up: a count within the second, the process, and the second. */
export const blocksPerSecondMax = 8_192;
export const ingestProcessesMax = 1_024;
