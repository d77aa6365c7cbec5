-- Addresses are kept without characters that nobody sees (domain/address.rs). Rows of earlier days follow, so that whoever types what they
-- see is found. Of two accounts that would then have one address, the older one gets it, or the one that has it already; the other stays as
-- it is, and is found by its own address as it was typed: nobody is locked out, and no two accounts are made one.
CREATE TABLE addresses_as_seen (
    id INTEGER PRIMARY KEY NOT NULL,
    email TEXT NOT NULL,
    email_norm TEXT NOT NULL
);

WITH RECURSIVE walk (id, which, rest, seen) AS (
    SELECT id, 'email', email, '' FROM accounts WHERE length(CAST(email AS BLOB)) <> length(email)
    UNION ALL
    SELECT id, 'norm', email_norm, '' FROM accounts WHERE length(CAST(email AS BLOB)) <> length(email)
    UNION ALL
    SELECT id, which, substr(rest, 2), seen || CASE
        WHEN unicode(rest) IN (173, 847, 1564, 4447, 4448, 6068, 6069, 10240, 12644, 65279, 65440) THEN ''
        WHEN unicode(rest) BETWEEN 6155 AND 6159 THEN ''
        WHEN unicode(rest) IN (8203, 8206, 8207) THEN ''
        WHEN unicode(rest) BETWEEN 8234 AND 8238 THEN ''
        WHEN unicode(rest) BETWEEN 8288 AND 8303 THEN ''
        WHEN unicode(rest) BETWEEN 65024 AND 65039 THEN ''
        WHEN unicode(rest) BETWEEN 65520 AND 65531 THEN ''
        WHEN unicode(rest) BETWEEN 113824 AND 113827 THEN ''
        WHEN unicode(rest) BETWEEN 119155 AND 119162 THEN ''
        WHEN unicode(rest) BETWEEN 917504 AND 921599 THEN ''
        -- the joiners belong to the letters of some scripts, and to no Latin word
        WHEN unicode(rest) IN (8204, 8205) AND (seen = '' OR unicode(substr(seen, -1)) < 128) THEN ''
        ELSE substr(rest, 1, 1)
    END
    FROM walk WHERE rest <> ''
)
INSERT INTO addresses_as_seen (id, email, email_norm)
SELECT one.id, one.seen, other.seen
FROM walk AS one
JOIN walk AS other ON other.id = one.id
WHERE one.which = 'email' AND one.rest = '' AND other.which = 'norm' AND other.rest = '';

UPDATE accounts SET
    email = (SELECT seen.email FROM addresses_as_seen AS seen WHERE seen.id = accounts.id),
    email_norm = (SELECT seen.email_norm FROM addresses_as_seen AS seen WHERE seen.id = accounts.id)
WHERE id IN (
    SELECT seen.id
    FROM addresses_as_seen AS seen
    JOIN accounts AS mine ON mine.id = seen.id
    WHERE seen.email_norm <> mine.email_norm
    AND seen.email_norm NOT IN (SELECT email_norm FROM accounts)
    AND seen.id = (SELECT MIN(twin.id) FROM addresses_as_seen AS twin WHERE twin.email_norm = seen.email_norm)
);

DROP TABLE addresses_as_seen;
