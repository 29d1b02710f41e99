-- Messages accepted and not yet delivered. `sequence` is the order in which they came.
CREATE TABLE message (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    created_utc_s REAL NOT NULL,
    rank INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL
) STRICT;

-- Room is made from the lowest rank, oldest first (an index ends in the sequence by itself).
CREATE INDEX message_by_rank ON message (rank);
CREATE INDEX message_by_age ON message (created_utc_s);

-- Counting 100,000 messages at each write would cost more than the write.
CREATE TABLE total (rows INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
INSERT INTO total VALUES (0, 0);
CREATE TRIGGER message_came AFTER INSERT ON message BEGIN
    UPDATE total SET rows = rows + 1, bytes = bytes + new.size_bytes;
END;
CREATE TRIGGER message_went AFTER DELETE ON message BEGIN
    UPDATE total SET rows = rows - 1, bytes = bytes - old.size_bytes;
END;

-- Retained topics that a broker may hold for us, so that they can be cleared after a restart.
CREATE TABLE retained (topic TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
