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
        // 3: one queue for all runs of a farm.
        { dialect in
            """
            -- priority: weight is 2 to the power of it, times 32. key: of the one who submitted, so that the same is not submitted twice.
            -- budget: JSON; deadline_at: where it limits the time. lane: 0 interactive, 1 batch, 2 the process that submitted does it itself.
            -- state 1: paused.
            ALTER TABLE runs ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
            ALTER TABLE runs ADD COLUMN key TEXT;
            ALTER TABLE runs ADD COLUMN budget TEXT;
            ALTER TABLE runs ADD COLUMN deadline_at BIGINT;
            UPDATE runs SET weight = 32, lane = 2;
            CREATE UNIQUE INDEX runs_key ON runs(tenant_id, key) WHERE key IS NOT NULL;
            CREATE INDEX runs_deadline ON runs(deadline_at) WHERE deadline_at IS NOT NULL;
            CREATE INDEX runs_open ON runs(id) WHERE state < 2;
            UPDATE queue SET lane = 2;
            UPDATE heads SET phase = 0;

            -- What changes with every visit of a run: the number of its last event, and what it has used. Locked before the proof that a run
            -- is over, so that of two last visits one sees the other.
            CREATE TABLE progress(run_id BIGINT NOT NULL PRIMARY KEY, tenant_id BIGINT NOT NULL DEFAULT 1, events BIGINT NOT NULL DEFAULT 0,
              pages BIGINT NOT NULL DEFAULT 0, errors BIGINT NOT NULL DEFAULT 0, bytes BIGINT NOT NULL DEFAULT 0,
              browser_ms BIGINT NOT NULL DEFAULT 0, tokens BIGINT NOT NULL DEFAULT 0)\(dialect.hot);
            INSERT INTO progress(run_id) SELECT id FROM runs;

            -- What happened to a run, in order. body: JSON.
            CREATE TABLE events(run_id BIGINT NOT NULL, number BIGINT NOT NULL, tenant_id BIGINT NOT NULL DEFAULT 1, at BIGINT NOT NULL,
              kind TEXT NOT NULL, visit_id BIGINT, body TEXT, PRIMARY KEY(run_id, number));
            CREATE INDEX events_at ON events(at);

            -- The last fence of a visit that is over, so that it never comes again when the visit is opened once more.
            ALTER TABLE visits ADD COLUMN fence BIGINT NOT NULL DEFAULT 0;
            CREATE INDEX visits_snapshot ON visits(snapshot) WHERE snapshot IS NOT NULL;
            CREATE INDEX snapshots_taken ON snapshots(taken_at);
            ALTER TABLE queue ADD COLUMN leased_at BIGINT;
            -- How often a worker died over it; those are no tries of the visit's.
            ALTER TABLE queue ADD COLUMN losses BIGINT NOT NULL DEFAULT 0;

            -- Tries of a visit that were not its last; the last one stands in the visit.
            CREATE TABLE attempts(visit_id BIGINT NOT NULL, fence BIGINT NOT NULL, tenant_id BIGINT NOT NULL DEFAULT 1,
              attempt BIGINT NOT NULL, started_at BIGINT, ended_at BIGINT NOT NULL, worker TEXT, code TEXT, reason TEXT,
              PRIMARY KEY(visit_id, fence));

            ALTER TABLE nodes ADD COLUMN machine TEXT NOT NULL DEFAULT '';
            ALTER TABLE nodes ADD COLUMN version TEXT NOT NULL DEFAULT '';
            ALTER TABLE nodes ADD COLUMN roles TEXT NOT NULL DEFAULT '';
            ALTER TABLE nodes ADD COLUMN capacity BIGINT NOT NULL DEFAULT 0;
            ALTER TABLE nodes ADD COLUMN busy BIGINT NOT NULL DEFAULT 0;
            ALTER TABLE nodes ADD COLUMN draining BIGINT NOT NULL DEFAULT 0;

            -- What a node is asked to do. state: 0 asked, 1 taken, 3 done, 4 refused or failed (answer says why).
            CREATE TABLE orders(id \(dialect.rowNumber), tenant_id BIGINT NOT NULL DEFAULT 1, uid \(dialect.id) NOT NULL UNIQUE,
              node \(dialect.id) NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL DEFAULT '{}', state BIGINT NOT NULL DEFAULT 0,
              answer TEXT, created_at BIGINT NOT NULL, ended_at BIGINT);
            CREATE INDEX orders_open ON orders(node, state) WHERE state < 2;
            """
        },
        // 4: what hosts have shown of themselves, and the operator's rules for them.
        { _ in
            """
            ALTER TABLE heads ADD COLUMN least BIGINT NOT NULL DEFAULT 0;
            ALTER TABLE heads ADD COLUMN burst BIGINT NOT NULL DEFAULT 1;
            ALTER TABLE heads ADD COLUMN left_at BIGINT;
            ALTER TABLE heads ADD COLUMN pace TEXT;
            CREATE TABLE host_rules(pattern TEXT NOT NULL PRIMARY KEY, tenant_id BIGINT NOT NULL DEFAULT 1, rule TEXT NOT NULL);
            """
        },
        // 5: how many visits are at an address; ways out in pools.
        { dialect in
            """
            ALTER TABLE queue ADD COLUMN address TEXT;
            CREATE INDEX queue_address ON queue(address) WHERE state = 1 AND address IS NOT NULL;

            CREATE TABLE pools(name TEXT NOT NULL PRIMARY KEY, tenant_id BIGINT NOT NULL DEFAULT 1, policy TEXT NOT NULL,
              created_at BIGINT NOT NULL);
            -- address: without its login; sealed: with it, under the farm's key.
            -- health: what was seen of it, as text.
            CREATE TABLE proxies(id \(dialect.rowNumber), tenant_id BIGINT NOT NULL DEFAULT 1, pool TEXT NOT NULL, name TEXT NOT NULL,
              address TEXT NOT NULL, sealed TEXT NOT NULL, facts TEXT NOT NULL DEFAULT '', health TEXT,
              uses BIGINT NOT NULL DEFAULT 0, failures BIGINT NOT NULL DEFAULT 0, bans BIGINT NOT NULL DEFAULT 0, bytes BIGINT NOT NULL DEFAULT 0,
              used_at BIGINT, created_at BIGINT NOT NULL);
            CREATE UNIQUE INDEX proxies_name ON proxies(pool, name);
            CREATE UNIQUE INDEX proxies_sealed ON proxies(pool, sealed);
            CREATE TABLE proxy_hosts(proxy_id BIGINT NOT NULL, host TEXT NOT NULL, tenant_id BIGINT NOT NULL DEFAULT 1, health TEXT,
              seen_at BIGINT NOT NULL, PRIMARY KEY(proxy_id, host));
            CREATE TABLE proxy_usage(run_id BIGINT NOT NULL, proxy_id BIGINT NOT NULL, tenant_id BIGINT NOT NULL DEFAULT 1,
              uses BIGINT NOT NULL DEFAULT 0, failures BIGINT NOT NULL DEFAULT 0, bans BIGINT NOT NULL DEFAULT 0, bytes BIGINT NOT NULL DEFAULT 0,
              PRIMARY KEY(run_id, proxy_id));
            """
        },
        // 6: crawls.
        { _ in
            """
            -- key: by it a run knows an address again. depth: links from a start. kind: 0 page, 1 sitemap, 2 probe. via: the visit that led here.
            -- modified: when the page last changed, as a sitemap says. content, print: hashes of its visible text, exact and similar.
            ALTER TABLE visits ADD COLUMN key TEXT;
            ALTER TABLE visits ADD COLUMN depth BIGINT NOT NULL DEFAULT 0;
            ALTER TABLE visits ADD COLUMN kind BIGINT NOT NULL DEFAULT 0;
            ALTER TABLE visits ADD COLUMN via BIGINT;
            ALTER TABLE visits ADD COLUMN modified TEXT;
            ALTER TABLE visits ADD COLUMN content BIGINT;
            ALTER TABLE visits ADD COLUMN print BIGINT;
            CREATE UNIQUE INDEX visits_key ON visits(run_id, key) WHERE key IS NOT NULL;
            CREATE INDEX visits_others ON visits(run_id) WHERE kind > 0;
            CREATE INDEX visits_content ON visits(run_id, content) WHERE content IS NOT NULL;
            -- Runs of the same thing, one after the other.
            ALTER TABLE runs ADD COLUMN series TEXT;
            CREATE INDEX runs_series ON runs(tenant_id, series, id) WHERE series IS NOT NULL;
            """
        },
        // 7: schedules.
        { dialect in
            """
            -- state: 0 active, 1 paused (reason says by what). job and policy: JSON. fire_at: the next fire, due_at: when it is acted upon.
            -- settled_at: fires up to then are done with. waiting: a fire that waits for the run under way. resumed_at: failures before don't count.
            CREATE TABLE schedules(id \(dialect.rowNumber), tenant_id BIGINT NOT NULL DEFAULT 1, uid \(dialect.id) NOT NULL UNIQUE,
              name TEXT NOT NULL, expression TEXT NOT NULL, zone TEXT NOT NULL, job TEXT NOT NULL, policy TEXT NOT NULL,
              state BIGINT NOT NULL DEFAULT 0, reason TEXT, fire_at BIGINT, due_at BIGINT, settled_at BIGINT NOT NULL, waiting BIGINT,
              resumed_at BIGINT NOT NULL, created_at BIGINT NOT NULL);
            CREATE UNIQUE INDEX schedules_name ON schedules(tenant_id, name);
            CREATE INDEX schedules_due ON schedules(due_at) WHERE state = 0 AND due_at IS NOT NULL;
            -- What came of each fire. run_id is NULL where no run started; then reason says why.
            CREATE TABLE fires(schedule_id BIGINT NOT NULL, fire_at BIGINT NOT NULL, at BIGINT NOT NULL, tenant_id BIGINT NOT NULL DEFAULT 1,
              run_id BIGINT, action TEXT NOT NULL, reason TEXT);
            CREATE INDEX fires_schedule ON fires(schedule_id, at);
            ALTER TABLE runs ADD COLUMN schedule_id BIGINT;
            CREATE INDEX runs_schedule ON runs(schedule_id, id) WHERE schedule_id IS NOT NULL;
            -- When a schedule's run was compared with the one before.
            ALTER TABLE runs ADD COLUMN compared_at BIGINT;
            CREATE INDEX runs_uncompared ON runs(id) WHERE schedule_id IS NOT NULL AND compared_at IS NULL;

            -- What is told to others. state: 0 to be sent at due_at, 2 received, 3 given up. answer: of the last attempt.
            CREATE TABLE deliveries(id \(dialect.rowNumber), tenant_id BIGINT NOT NULL DEFAULT 1, uid \(dialect.id) NOT NULL UNIQUE,
              schedule_id BIGINT NOT NULL, run_id BIGINT, url TEXT NOT NULL, body TEXT NOT NULL, state BIGINT NOT NULL DEFAULT 0,
              attempts BIGINT NOT NULL DEFAULT 0, due_at BIGINT NOT NULL, answer TEXT, created_at BIGINT NOT NULL);
            CREATE INDEX deliveries_due ON deliveries(due_at) WHERE state = 0;
            """
        },
        // 8: pages without a browser; addresses that redirects of a crawl led to.
        { _ in
            """
            -- agreed: pages in a row that said the same without a browser, for what was asked of them; below 0: that did not.
            CREATE TABLE templates(host TEXT NOT NULL, path TEXT NOT NULL, asked TEXT NOT NULL, tenant_id BIGINT NOT NULL DEFAULT 1,
              agreed BIGINT NOT NULL, looked_at BIGINT NOT NULL, PRIMARY KEY(host, path, asked));
            -- key: as in visits; the visit that was led there reads the page.
            CREATE TABLE aliases(run_id BIGINT NOT NULL, key TEXT NOT NULL, tenant_id BIGINT NOT NULL DEFAULT 1, visit_id BIGINT NOT NULL,
              PRIMARY KEY(run_id, key));
            """
        },
        // 9: keys of the API.
        { _ in
            """
            -- digest: SHA-256 of the whole key. scopes: words with a comma between them.
            CREATE TABLE keys(id TEXT NOT NULL PRIMARY KEY, tenant_id BIGINT NOT NULL DEFAULT 1, name TEXT NOT NULL, digest TEXT NOT NULL,
              scopes TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT, revoked_at BIGINT);
            -- The key that submitted it; NULL where a command did.
            ALTER TABLE runs ADD COLUMN submitter TEXT;
            CREATE INDEX runs_submitter ON runs(submitter, id) WHERE submitter IS NOT NULL;
            """
        },
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
