//! A partition detached while everybody waits.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM105",
    id: "detach-partition-not-concurrent",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "DETACH PARTITION without CONCURRENTLY",
    help: "It takes an ACCESS EXCLUSIVE lock on the whole partitioned table, and waits for every query that reads any \
           part of it.",
    safer: "CONCURRENTLY (PostgreSQL 14), alone in a revision with run_in_transaction = false in metadata.toml",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION"],
    examples: &[
        Example::new(
            "ALTER TABLE parts DETACH PARTITION parts_1;",
            &["1 partition parts_1 is detached while nobody can read parts"],
        )
        .on(PARTS),
        Example::new("ALTER TABLE parts DETACH PARTITION parts_1 CONCURRENTLY;", &[]).on(PARTS).no_transaction(),
    ],
    check,
};

const PARTS: &str = "CREATE TABLE parts (id integer) PARTITION BY LIST (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::DetachPartition { table, partition, concurrently: false } = &act.action else { continue };
        let text = format!("partition {partition} is detached while nobody can read {table}");
        let sql = format!(
            "-- metadata.toml: run_in_transaction = false\nALTER TABLE {} DETACH PARTITION {} CONCURRENTLY;",
            subject.sql(table),
            subject.sql(partition)
        );
        reports.push(subject.locked(Report::at(step, text), step, act).sql(sql));
    }
}
