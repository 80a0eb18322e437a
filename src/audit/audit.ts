/**
 * The audit trail: what was changed or refused, by whom, when and why. This room owns what an event is. A store writes the event of a
 * change in the transaction of the change. Refusals change nothing; their events are written alone.
 */
