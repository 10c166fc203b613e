//! A partition attached by reading all of it.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM119",
    id: "attach-partition-scans",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "ATTACH PARTITION reads a table that is in use, to see that its rows fit",
    help: "Nobody can read the new partition meanwhile. A validated CHECK that says what its bounds say makes the \
           server skip the reading.",
    safer: "first a CHECK with the bounds on the table, NOT VALID and then validated",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-ATTACH-PARTITION"],
    examples: &[
        Example::new(
            "ALTER TABLE parts ATTACH PARTITION old FOR VALUES IN (1);",
            &["1 every row of old is read while nobody else can"],
        )
        .on(PARTS),
        Example::new("CREATE TABLE p (id integer);\nALTER TABLE parts ATTACH PARTITION p FOR VALUES IN (2);", &[])
            .on(PARTS),
    ],
    check,
};

const PARTS: &str = "CREATE TABLE parts (id integer) PARTITION BY LIST (id); CREATE TABLE old (id integer);";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let Action::AttachPartition { partition, .. } = &act.action else { continue };
        let stands = subject.before.table(partition).filter(|table| table.checks.iter().all(|check| !check.valid));
        if stands.is_some() {
            let text = format!("every row of {partition} is read while nobody else can");
            reports.push(subject.locked(Report::at(step, text), step, act));
        }
    }
}
