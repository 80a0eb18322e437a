/**
 * One port, many processes. The primary starts workers, replaces those that end, and gathers what they count; it holds no database and
 * no key. Each worker is a whole server (`server/`) and accepts connections by itself.
 */
