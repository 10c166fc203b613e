//! One table rewritten or read several times.

use std::collections::BTreeMap;

use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject, Work};

pub(super) const RULE: Rule = Rule {
    code: "OM108",
    id: "several-alter-table",
    severity: Severity::Info,
    dialects: POSTGRES,
    summary: "several ALTER TABLE statements each read or rewrite the same table",
    help: "The clauses of one ALTER TABLE share one pass over the rows.",
    safer: "one ALTER TABLE with all the clauses",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES"],
    examples: &[
        Example::new(
            "ALTER TABLE t ALTER a TYPE bigint;\nALTER TABLE t ALTER b TYPE bigint;",
            &["2 t is read or rewritten once more: line 1 does so already"],
        )
        .on("CREATE TABLE t (a integer, b integer);"),
        Example::new("ALTER TABLE t ALTER a TYPE bigint, ALTER b TYPE bigint;", &[])
            .on("CREATE TABLE t (a integer, b integer);"),
        Example::new("ALTER TABLE users ADD COLUMN x integer;\nALTER TABLE users ADD COLUMN y integer;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for step in &subject.up.steps {
        let is_alter = step.text.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("alter"));
        let long = step.acts.iter().find(|act| {
            !act.is_new && act.before.is_some() && subject.lock_of(act).is_some_and(|lock| lock.work > Work::Catalog)
        });
        let (true, Some(table)) = (is_alter, long.and_then(|act| act.action.table())) else { continue };
        match first.get(&table.to_string()) {
            Some(offset) => {
                let line = crate::place::line_at(&subject.up.script.text, *offset);
                let text = format!("{table} is read or rewritten once more: line {line} does so already");
                reports.push(Report::at(step, text));
            }
            None => {
                first.insert(table.to_string(), step.offset);
            }
        }
    }
}
