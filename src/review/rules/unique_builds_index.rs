//! A key whose index is built under the strongest lock.

use crate::catalog::Table;
use crate::replay::action::{Action, ConstraintKind, NewConstraint};
use crate::review::{Act, Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM116",
    id: "unique-builds-index",
    severity: Severity::Warn,
    dialects: POSTGRES,
    summary: "UNIQUE or PRIMARY KEY is added to a table that is in use, without an index that is there already",
    help: "The index is built while nobody can read the table, and one pair of equal rows makes it fail.",
    safer: "build the index CONCURRENTLY, then ADD CONSTRAINT … USING INDEX",
    links: &[
        "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX",
    ],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD CONSTRAINT users_nick UNIQUE (nick);",
            &["1 an index of users (nick) is built while nobody can read users"],
        ),
        Example::new("ALTER TABLE users ADD CONSTRAINT users_nick UNIQUE USING INDEX i;", &[])
            .on("CREATE TABLE users (id integer, nick text); CREATE UNIQUE INDEX i ON users (nick);"),
        Example::new("CREATE TABLE t (a integer);\nALTER TABLE t ADD PRIMARY KEY (a);", &[]),
        Example::new("ALTER TABLE users ADD COLUMN a integer UNIQUE;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::AddConstraint(new) = &act.action else { continue };
        let is_key = matches!(new.kind, ConstraintKind::Unique | ConstraintKind::PrimaryKey);
        // In a column without values there is nothing to sort.
        if !is_key || new.using_index.is_some() || act.before.is_none() || subject.is_empty_column(new) {
            continue;
        }
        let text =
            format!("an index of {0} ({1}) is built while nobody can read {0}", new.table, new.columns.join(", "));
        reports.push(subject.locked(Report::at(step, text), step, act).sql(in_two_steps(subject, act, new)));
    }
}

fn in_two_steps(subject: &Subject<'_>, act: &Act, new: &NewConstraint) -> String {
    let (kind, ending) = match new.kind {
        ConstraintKind::PrimaryKey => ("PRIMARY KEY", "pkey"),
        _ => ("UNIQUE", "key"),
    };
    let name = new.name.clone().unwrap_or_else(|| match new.kind {
        ConstraintKind::PrimaryKey => format!("{}_{ending}", new.table.name),
        _ => format!("{}_{}_{ending}", new.table.name, new.columns.join("_")),
    });
    // The key that this one replaces may still have the name; the server gives the index that of its constraint.
    let before = subject.before.table(&new.table).or(act.before.as_deref());
    let is_taken = before.is_some_and(|table| has_index(table, &name));
    let index = subject.quote(&if is_taken { format!("{name}_new") } else { name.clone() });
    let is_new = |column: &&String| before.is_some_and(|table| table.column(column, subject.dialect()).is_none());
    let comes: Vec<String> = new.columns.iter().filter(is_new).cloned().collect();
    let first = match comes.as_slice() {
        [] => String::new(),
        comes => format!("-- add {} in a revision before, and fill the rows in batches\n", comes.join(", ")),
    };
    let (table, name) = (subject.sql(&new.table), subject.quote(&name));
    let columns: Vec<String> = new.columns.iter().map(|column| subject.quote(column)).collect();
    format!(
        "{first}-- in a revision with run_in_transaction = false:\nCREATE UNIQUE INDEX CONCURRENTLY {index} ON {table} ({});\n\
         -- in the next one:\nALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {index};",
        columns.join(", ")
    )
}

/// Whether an index of the table, or one behind its keys, has the name.
fn has_index(table: &Table, name: &str) -> bool {
    let primary = table.primary_key.as_ref().map(|key| key.name.clone().unwrap_or(format!("{}_pkey", table.name.name)));
    let uniques = table.uniques.iter().filter_map(|unique| unique.name.clone());
    primary
        .into_iter()
        .chain(uniques)
        .chain(table.indexes.iter().map(|index| index.name.clone()))
        .any(|own| own == name)
}
