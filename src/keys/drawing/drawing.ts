/**
 * The timeline as text and as SVG. Pure, and without any part of Node, so that a page can draw with it. It leaves to the command
 * line what is read from the database and where the drawing goes.
 */
