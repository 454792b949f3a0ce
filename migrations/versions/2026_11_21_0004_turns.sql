-- Who may run how much at once, who goes first, and starts that are asked for twice. Statements are separated by blank lines.

SET LOCAL ROLE weft_owner;
