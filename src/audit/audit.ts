/**
 * The audit trail: what was changed, who did it, when and why. This folder owns what an event is. Events are written by
 * the stores of the domain, in the transaction of the change itself, so that neither is ever without the other.
 */
