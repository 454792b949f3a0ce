-- What is known of a worker. Statements are separated by blank lines.

SET LOCAL ROLE weft_owner;
