-- Coordinate series: displacements from an origin of each series' own, no absolute coordinate.
CREATE TABLE series (
    series_id INTEGER PRIMARY KEY,
    station TEXT NOT NULL,
    frame TEXT NOT NULL,
    source TEXT NOT NULL,
    UNIQUE (station, frame)
) STRICT;

-- One solution of one session. NULL is what the source does not give.
CREATE TABLE session (
    series_id INTEGER NOT NULL REFERENCES series,
    mjd REAL NOT NULL,
    t_years REAL NOT NULL,
    east_m REAL,
    north_m REAL,
    up_m REAL,
    sigma_east_m REAL,
    sigma_north_m REAL,
    sigma_up_m REAL,
    correlation_east_north REAL,
    correlation_east_up REAL,
    correlation_north_up REAL,
    antenna TEXT,
    PRIMARY KEY (series_id, mjd)
) STRICT, WITHOUT ROWID;
