//! Bytes between columns that another order saves.

use crate::catalog::{Catalog, Column, Table};
use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM322",
    id: "column-order",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a new table loses eight bytes or more in each row between its columns",
    help: "A value of eight bytes begins at a multiple of eight, so that a boolean before a bigint takes eight bytes. It \
           matters for tables of hundreds of millions of rows.",
    safer: "columns of eight bytes first, then those of four, two and one, and texts last",
    links: &["https://www.postgresql.org/docs/current/storage-page-layout.html"],
    examples: &[
        Example::new(
            "CREATE TABLE t (a boolean, b bigint, c integer, d timestamptz);",
            &["1 each row of t loses 11 bytes between its columns"],
        ),
        Example::new("CREATE TABLE t (b bigint, d timestamptz, c integer, a boolean);", &[]),
        Example::new("CREATE TABLE t (a boolean, c integer);", &[]),
        // Where a text ends nobody knows.
        Example::new("CREATE TABLE t (name text, a boolean, b bigint, c boolean, d bigint);", &[]),
    ],
    check,
};

/// What makes a report.
const MANY: usize = 8;

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let (Action::CreateTable { temporary: false, .. }, Some(made)) = (&act.action, &act.after) else { continue };
        let lost = lost(made, subject.after);
        if act.before.is_none() && lost >= MANY {
            reports.push(Report::at(step, format!("each row of {} loses {lost} bytes between its columns", made.name)));
        }
    }
}

/// The bytes between the columns up to the first whose length differs from row to row.
fn lost(table: &Table, catalog: &Catalog) -> usize {
    let (mut at, mut lost) = (0_usize, 0);
    for (length, align) in table.columns.iter().map_while(|column| size(column, catalog)) {
        let gap = at.next_multiple_of(align) - at;
        lost += gap;
        at += gap + length;
    }
    lost
}

/// Length and alignment of a type with one length (`typlen`, `typalign` in pg_type).
fn size(column: &Column, catalog: &Catalog) -> Option<(usize, usize)> {
    if column.ty.array > 0 {
        return None;
    }
    Some(match column.ty.base.as_str() {
        "bigint"
        | "double precision"
        | "money"
        | "timestamp without time zone"
        | "timestamp with time zone"
        | "time without time zone" => (8, 8),
        "interval" => (16, 8),
        "time with time zone" => (12, 8),
        "integer" | "real" | "date" | "oid" => (4, 4),
        "smallint" => (2, 2),
        "boolean" => (1, 1),
        "uuid" => (16, 1),
        other if catalog.enums.keys().any(|name| name.to_string() == other) => (4, 4),
        _ => return None,
    })
}
