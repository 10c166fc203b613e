//! A foreign key that is none.

use crate::dialect::Dialect::{self, Mysql};
use crate::replay::action::{Action, ConstraintKind};
use crate::review::{Act, Example, Report, Rule, Severity, Step, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM403",
    id: "mysql-inline-reference",
    severity: Severity::Warn,
    dialects: MYSQL,
    summary: "REFERENCES at a column makes no foreign key on MySQL before 9.0",
    help: "MySQL reads it and forgets it without a word; MariaDB from 10.5 on and MySQL from 9.0 on make the key. The same \
           revision then leaves two schemas, and only one of them checks.",
    safer: "FOREIGN KEY (column) REFERENCES parent (column), as a clause of its own",
    links: &[
        "https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html",
        "https://mariadb.com/kb/en/foreign-keys/",
    ],
    examples: &[
        Example::new(
            "CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users (id));",
            &["1 posts (user_id) references users in the column's own clause: MySQL before 9.0 makes no key of it"],
        ),
        Example::new(
            "CREATE TABLE posts (id integer PRIMARY KEY, user_id integer, FOREIGN KEY (user_id) REFERENCES users (id));",
            &[],
        ),
        Example::new("CREATE TABLE posts (id integer PRIMARY KEY, user_id integer);", &[]),
    ],
    check,
};

const MYSQL: &[Dialect] = &[Mysql];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let Some(after) = act.after.as_ref().filter(|_| is_inline(step, act)) else { continue };
        let known = act.before.as_ref().map_or(&[][..], |table| table.foreign_keys.as_slice());
        let keys = after.foreign_keys.iter().filter(|key| !known.contains(key) && key.columns.len() == 1);
        for key in keys {
            let (table, column) = (&after.name, key.columns.join(", "));
            let text = format!(
                "{table} ({column}) references {} in the column's own clause: MySQL before 9.0 makes no key of it",
                key.references
            );
            // The clauses of one statement share the table after all of them.
            if reports.iter().any(|report| report.text == text) {
                continue;
            }
            let to: Vec<String> = key.ref_columns.iter().map(|column| subject.quote(column)).collect();
            let sql = format!(
                "ALTER TABLE {} ADD FOREIGN KEY ({}) REFERENCES {} ({});",
                subject.sql(table),
                subject.quote(&column),
                subject.sql(&key.references),
                to.join(", ")
            );
            reports.push(Report::at(step, text).sql(sql));
        }
    }
}

/// Whether a key of the statement stands at its column.
fn is_inline(step: &Step, act: &Act) -> bool {
    match &act.action {
        Action::AddConstraint(new) => new.inline && new.kind == ConstraintKind::ForeignKey,
        Action::CreateTable { .. } => !step.has_words(&["foreign"]),
        _ => false,
    }
}
