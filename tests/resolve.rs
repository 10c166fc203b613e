//! `resolve`: what a person found out about a crashed run is recorded.

use expect_test::expect;

use crate::common::Sandbox;

/// The chain applied but for its last revision, of which a run without a transaction crashed.
fn crashed() -> Sandbox {
    let sandbox = Sandbox::with_chain();
    let _ = sandbox.run(["upgrade", "20240201000000"]).exits(0);
    sandbox.execute(
        "INSERT INTO __ops_migrate_ledger (version, name, direction, state, in_transaction, checksum_up,
            checksum_down, down_sql, run_id, started_at, user_name, host, tool_version)
         VALUES ('20240301000000', '2024-03-01-000000_add_bio', 'up', 'running', 0, '', '', '', '',
            '2026-03-01T12:00:00Z', 'ada', 'engine', '0.1.0')",
    );
    sandbox
}

fn states(sandbox: &Sandbox) -> String {
    sandbox.query("SELECT version || ' ' || state AS line FROM __ops_migrate_ledger ORDER BY id DESC LIMIT 1")
}

#[test]
fn what_is_in_place_counts_as_applied() {
    let sandbox = crashed();
    let _ = sandbox.run(["upgrade"]).exits(8);
    sandbox.execute("ALTER TABLE users ADD COLUMN bio TEXT");
    sandbox.run(["resolve", "20240301000000", "--applied", "--yes"]).check(expect![[r#"
        exit 0
        --- stdout
        2024-03-01-000000_add_bio (up) was begun at <time> by ada on engine, and never ended.
        This will be recorded:
          __ops_migrate_ledger: row 3 is `applied`
          __diesel_schema_migrations: version 20240301000000 is written: it counts as applied
        Settled 2024-03-01-000000_add_bio.
    "#]]);
    assert_eq!(states(&sandbox), "20240301000000 applied");
    let _ = sandbox.run(["status"]).exits(0);
    sandbox.run(["upgrade"]).check(expect![[r#"
        exit 0
        --- stdout
        Nothing to apply.
    "#]]);
}

#[test]
fn what_is_not_in_place_runs_again() {
    let sandbox = crashed();
    sandbox.run_answering("y\n", ["resolve", "202403", "--rolled-back"]).check(expect![[r#"
        exit 0
        --- stdout
        2024-03-01-000000_add_bio (up) was begun at <time> by ada on engine, and never ended.
        This will be recorded:
          __ops_migrate_ledger: row 3 is `failed`
          __diesel_schema_migrations: version 20240301000000 stays as it is
        Settled 2024-03-01-000000_add_bio.
        --- stderr
        ? Record this? [y/N] "#]]);
    assert_eq!(states(&sandbox), "20240301000000 failed");
    let _ = sandbox.run(["upgrade"]).exits(0);
    assert_eq!(states(&sandbox), "20240301000000 applied");
}

#[test]
fn nothing_is_recorded_without_consent() {
    let sandbox = crashed();
    let before = sandbox.listing();
    sandbox.run(["resolve", "202403", "--applied"]).check(expect![[r#"
        exit 2
        --- stdout
        2024-03-01-000000_add_bio (up) was begun at <time> by ada on engine, and never ended.
        This will be recorded:
          __ops_migrate_ledger: row 3 is `applied`
          __diesel_schema_migrations: version 20240301000000 is written: it counts as applied
        --- stderr
        error: what is recorded here is believed from now on, and nobody is there to ask
        hint: say so beforehand: --yes
    "#]]);
    sandbox.run_answering("n\n", ["resolve", "202403", "--applied"]).check(expect![[r#"
        exit 1
        --- stdout
        2024-03-01-000000_add_bio (up) was begun at <time> by ada on engine, and never ended.
        This will be recorded:
          __ops_migrate_ledger: row 3 is `applied`
          __diesel_schema_migrations: version 20240301000000 is written: it counts as applied
        --- stderr
        ? Record this? [y/N] error: nothing was recorded
    "#]]);
    let _ = sandbox.run(["resolve", "202403", "--applied", "--plan"]).exits(0);
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn what_cannot_be_resolved() {
    let sandbox = crashed();
    sandbox.run(["resolve", "202402", "--applied"]).check(expect![[r#"
        exit 2
        --- stderr
        error: no run of `202402` has crashed
        hint: open are: 2024-03-01-000000_add_bio
    "#]]);
    let _ = sandbox.run(["resolve", "202403"]).exits(2).says(&["--applied"]);
    let _ = sandbox.run(["resolve", "202403", "--applied", "--rolled-back"]).exits(2);
    sandbox.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20240301000000')");
    sandbox.run(["resolve", "202403", "--rolled-back", "--yes"]).check(expect![[r#"
        exit 2
        --- stderr
        error: the database itself tells of 2024-03-01-000000_add_bio: it was applied
        hint: the next `cargo ops-migrate upgrade` records that
    "#]]);
    let sandbox = Sandbox::applied();
    sandbox.run(["resolve", "202403", "--applied"]).check(expect![[r#"
        exit 2
        --- stderr
        error: no run has crashed: there is nothing to resolve
    "#]]);
}

#[test]
fn a_crash_is_settled_where_nothing_is_left_to_apply() {
    let sandbox = crashed();
    sandbox.execute("ALTER TABLE users ADD COLUMN bio TEXT");
    sandbox.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20240301000000')");
    let _ = sandbox.run(["status"]).exits(8).says(&["cargo ops-migrate upgrade records that"]);
    sandbox.run(["upgrade"]).check(expect![[r#"
        exit 0
        --- stdout
        Nothing to apply.
        2024-03-01-000000_add_bio, from a run that crashed: it was applied
    "#]]);
    let _ = sandbox.run(["status"]).exits(0);
}
