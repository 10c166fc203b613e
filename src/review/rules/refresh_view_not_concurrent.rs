//! A materialized view filled anew while readers wait.

use super::index_not_concurrent::concurrently;
use crate::catalog::{Name, View};
use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM104",
    id: "refresh-view-not-concurrent",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "REFRESH MATERIALIZED VIEW without CONCURRENTLY, or with it and without the unique index that it needs",
    help: "Readers of the view wait until its query has run. CONCURRENTLY lets them read the old rows; it needs a \
           unique index on plain columns without a condition.",
    safer: "CONCURRENTLY, with a unique index on the view",
    links: &["https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html"],
    examples: &[
        Example::new("REFRESH MATERIALIZED VIEW v;", &["1 view v is filled while nobody can read it"]).on(VIEW),
        Example::new(
            "REFRESH MATERIALIZED VIEW CONCURRENTLY v;",
            &["1 view v has no unique index: CONCURRENTLY fails"],
        )
        .on(VIEW),
        Example::new("CREATE UNIQUE INDEX i ON v (id);\nREFRESH MATERIALIZED VIEW CONCURRENTLY v;", &[]).on(VIEW),
        Example::new("CREATE MATERIALIZED VIEW w AS SELECT 1;\nREFRESH MATERIALIZED VIEW w;", &[]),
    ],
    check,
};

const VIEW: &str = "CREATE TABLE t (id integer); CREATE MATERIALIZED VIEW v AS SELECT id FROM t;";

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::RefreshView { view, concurrently: is_concurrent } = &act.action else { continue };
        let found = [subject.after, subject.before].into_iter().find_map(|catalog| catalog.view(view));
        let has_index = found.is_some_and(has_unique_index);
        let report = match (is_concurrent, found) {
            (true, Some(_)) if !has_index => {
                Report::at(step, format!("view {view} has no unique index: CONCURRENTLY fails"))
                    .severity(Severity::Error)
            }
            (true, _) => continue,
            (false, _) => {
                let report = Report::at(step, format!("view {view} is filled while nobody can read it"));
                subject.locked(report, step, act)
            }
        };
        reports.push(report.sql(safer(subject, view, has_index, &step.text)));
    }
}

fn safer(subject: &Subject<'_>, view: &Name, has_index: bool, statement: &str) -> String {
    let refresh = if statement.to_ascii_lowercase().contains("concurrently") {
        format!("{statement};")
    } else {
        format!("{};", concurrently(statement))
    };
    match has_index {
        true => refresh,
        false => format!("CREATE UNIQUE INDEX ON {} (…);\n{refresh}", subject.sql(view)),
    }
}

fn has_unique_index(view: &View) -> bool {
    view.indexes.iter().any(|i| i.unique && i.predicate.is_none() && i.columns().count() == i.parts.len())
}
