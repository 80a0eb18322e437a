/**
 * One port, many processes: the primary starts workers, replaces those that end, and gathers what they count. Each worker is a whole
 * server (`server/`) and accepts connections by itself.
 */
