-- What runs say while they run, and what was measured of them. Statements are separated by blank lines.

SET LOCAL ROLE weft_owner;
