/// The schema, as numbered steps that only go forward. A step that was released is never edited; a later one follows it.
enum Migrations {
    static let steps: [@Sendable (Dialect) -> String] = [
        // 1: the spine.
        { dialect in
            """
            CREATE TABLE tenants(id \(dialect.rowNumber), name TEXT NOT NULL UNIQUE, weight BIGINT NOT NULL DEFAULT 1);
            INSERT INTO tenants(name) VALUES ('default');

            -- state: 0 open, 3 completed, 4 failed, 5 cancelled, 6 partial. tag: virtual finish time of fair queueing.
            CREATE TABLE runs(id \(dialect.rowNumber), tenant_id BIGINT NOT NULL DEFAULT 1, uid \(dialect.id) NOT NULL UNIQUE,
              kind TEXT NOT NULL, spec TEXT NOT NULL, state BIGINT NOT NULL DEFAULT 0, lane BIGINT NOT NULL DEFAULT 1,
              weight BIGINT NOT NULL DEFAULT 1, tag BIGINT NOT NULL DEFAULT 0, owner TEXT, reason TEXT,
              created_at BIGINT NOT NULL, finished_at BIGINT);
            CREATE INDEX runs_tag ON runs(tenant_id, lane, tag);

            -- One row a registrable domain (IP literal: an address). The name stands apart from the clock, so that no text index is
            -- rewritten when the clock moves.
            CREATE TABLE hosts(id \(dialect.rowNumber), tenant_id BIGINT NOT NULL DEFAULT 1, name TEXT NOT NULL UNIQUE);
            -- The clock of a host, and its next visit. phase: 0 nothing ready, 1 asleep until next_at, 2 awake. delay: microseconds.
            CREATE TABLE heads(host_id BIGINT NOT NULL PRIMARY KEY, tenant_id BIGINT NOT NULL DEFAULT 1, delay BIGINT NOT NULL,
              cap BIGINT NOT NULL DEFAULT 1, next_at BIGINT NOT NULL DEFAULT 0, phase BIGINT NOT NULL DEFAULT 0, lane BIGINT,
              run_id BIGINT, visit_id BIGINT, rank BIGINT NOT NULL DEFAULT 0)\(dialect.hot);
            CREATE INDEX heads_asleep ON heads(next_at) WHERE phase = 1;
            CREATE INDEX heads_awake ON heads(lane, tenant_id, rank) WHERE phase = 2;

            -- Every visit for ever. state: 0 open (then it has a row in queue), 3 completed, 4 failed, 5 skipped, 6 partial.
            CREATE TABLE visits(id \(dialect.rowNumber), tenant_id BIGINT NOT NULL DEFAULT 1, uid \(dialect.id) NOT NULL UNIQUE,
              run_id BIGINT NOT NULL, host_id BIGINT NOT NULL, position BIGINT NOT NULL, url TEXT NOT NULL,
              state BIGINT NOT NULL DEFAULT 0, attempts BIGINT NOT NULL DEFAULT 0, final_url TEXT, reason TEXT, code TEXT,
              snapshot TEXT, page TEXT, finished_at BIGINT);
            CREATE UNIQUE INDEX visits_position ON visits(run_id, position);

            -- Open visits only. state: 0 ready, 1 leased (at = end of the lease), 2 waiting (at = not before); at is NULL when ready.
            CREATE TABLE queue(visit_id BIGINT NOT NULL PRIMARY KEY, tenant_id BIGINT NOT NULL DEFAULT 1, run_id BIGINT NOT NULL,
              host_id BIGINT NOT NULL, lane BIGINT NOT NULL, turn BIGINT NOT NULL, state BIGINT NOT NULL DEFAULT 0,
              fence BIGINT NOT NULL DEFAULT 0, attempt BIGINT NOT NULL DEFAULT 0, at BIGINT, worker TEXT)\(dialect.hot);
            CREATE INDEX queue_ready ON queue(host_id, lane, turn, run_id) WHERE state = 0;
            CREATE INDEX queue_run ON queue(run_id, host_id, turn);
            CREATE INDEX queue_leased ON queue(host_id) WHERE state = 1;
            CREATE INDEX queue_at ON queue(at) WHERE at IS NOT NULL;

            -- Visits of a run by state.
            \(dialect.tallies)

            -- body and evidence are JSON text.
            CREATE TABLE records(visit_id BIGINT NOT NULL, position BIGINT NOT NULL, tenant_id BIGINT NOT NULL DEFAULT 1,
              run_id BIGINT NOT NULL, body TEXT NOT NULL, evidence TEXT NOT NULL, PRIMARY KEY(visit_id, position));
            CREATE INDEX records_run ON records(run_id);

            -- By content: hash is the SHA-256 of the uncompressed bytes in hex.
            CREATE TABLE snapshots(hash TEXT NOT NULL PRIMARY KEY, tenant_id BIGINT NOT NULL DEFAULT 1, body \(dialect.blob) NOT NULL,
              size BIGINT NOT NULL, taken_at BIGINT NOT NULL);

            -- What a site answered to /robots.txt (RFC 9309 section 2.4). good_*: the last answer with rules, kept through server errors.
            CREATE TABLE robots(origin TEXT NOT NULL PRIMARY KEY, tenant_id BIGINT NOT NULL DEFAULT 1, status BIGINT NOT NULL,
              body \(dialect.blob), fetched_at BIGINT NOT NULL, fresh_until BIGINT NOT NULL, good_body \(dialect.blob), good_at BIGINT);

            -- Processes that may hold leases; one that has not been seen for a minute is gone.
            CREATE TABLE nodes(uid \(dialect.id) NOT NULL PRIMARY KEY, tenant_id BIGINT NOT NULL DEFAULT 1, pid BIGINT NOT NULL,
              started_at BIGINT NOT NULL, seen_at BIGINT NOT NULL);
            """
        },
        // 2: who is dead on the same machine is seen at once.
        { _ in "ALTER TABLE nodes ADD COLUMN process TEXT NOT NULL DEFAULT '';" },
    ]

    /// Brings a database to the newest step. Safe when two processes start together: the version is read again under the write lock.
    static func run(on database: any Database) async throws {
        let dialect = database.dialect
        let steps = steps
        try await database.write { transaction in
            if let lock = dialect.migrationLock { try transaction.run(lock) }
            try transaction.run("CREATE TABLE IF NOT EXISTS schema_version(version BIGINT NOT NULL)")
            let version = try transaction.row("SELECT max(version) AS version FROM schema_version")?.integer("version") ?? 0
            guard version <= steps.count else {
                throw StoreError(
                    .newerSchema,
                    "the store has schema \(version), this Gleaner knows \(steps.count): use the newer Gleaner that wrote it")
            }
            for (index, step) in steps.enumerated().dropFirst(Int(version)) {
                try transaction.run(step(dialect))
                try transaction.run("INSERT INTO schema_version(version) VALUES (:version)", ["version": SQLValue(index + 1)])
            }
        }
    }
}
