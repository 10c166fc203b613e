//! A rename that was written as drop and add.

use std::collections::BTreeSet;

use super::data_loss::is_renamed;
use crate::catalog::{Column, Name};
use crate::operation::Operation;
use crate::replay::action::Action;
use crate::review::mend;
use crate::review::{ALL, Example, Fix, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM004",
    id: "rename-as-drop-and-add",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "a column goes and one of the same type and nearly the same name comes",
    help: "A tool that compares two schemas cannot see a rename. Dropping and adding loses every value.",
    safer: "rename it",
    links: &["https://www.postgresql.org/docs/current/sql-altertable.html", "https://sqlite.org/lang_altertable.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users ADD COLUMN nick_name text;\nALTER TABLE users DROP COLUMN nick;",
            &["2 users.nick is dropped and nick_name added with the same type: was it renamed? Its values are lost"],
        ),
        Example::new("ALTER TABLE users RENAME COLUMN nick TO nick_name;", &[]),
        Example::new(
            "ALTER TABLE users DROP COLUMN hide_org_id;\nALTER TABLE users ADD COLUMN show_org_id integer;\nDROP TABLE orgs;",
            &[],
        )
        .on("CREATE TABLE orgs (id integer PRIMARY KEY); CREATE TABLE users (id integer PRIMARY KEY, hide_org_id integer REFERENCES orgs (id));")
        .only(POSTGRES),
        Example::new(
            "ALTER TABLE users ADD COLUMN nick_name text;\nUPDATE users SET nick_name = nick;\nALTER TABLE users DROP COLUMN nick;",
            &[],
        ),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for operation in subject.operations {
        let Operation::DropColumn { table, column } = operation else { continue };
        // Renamed before its old name was given away, or one of several that become one.
        let gone = subject
            .operations
            .iter()
            .filter(|o| matches!(o, Operation::DropColumn { table: t, column: c } if t == table && c.ty == column.ty));
        if is_renamed(subject, table, &column.name)
            || gone.count() > 2
            || goes_with_its_target(subject, table, &column.name)
        {
            continue;
        }
        let twin = subject.operations.iter().find_map(|other| match other {
            Operation::AddColumn { table: t, column: c, .. } if t == table && c.ty == column.ty => Some(c),
            _ => None,
        });
        let Some(twin) = twin else { continue };
        if strsim::jaro_winkler(&column.name, &twin.name) < 0.7 || subject.fills(&table.name, &twin.name) {
            continue;
        }
        let text = format!(
            "{table}.{} is dropped and {} added with the same type: was it renamed? Its values are lost",
            column.name, twin.name
        );
        let sql = format!("ALTER TABLE {table} RENAME COLUMN {} TO {};", column.name, twin.name);
        let report = subject.report_at(&[&table.name, &column.name], text);
        let is_same =
            Column { name: column.name.clone(), ..twin.clone() } == *column && is_near(&column.name, &twin.name);
        let fix = is_same.then(|| renamed(subject, table, &column.name, &twin.name)).flatten();
        reports.push(report.about(format!("{table}.{}", column.name)).safer(sql.clone()).sql(sql).fix(fix));
    }
}

/// Whether a name is the other one with a word more or less, or with a slip: then a rename needs no person
/// to look at it, while `embed_html` and `embed_video_url` hold different things.
fn is_near(old: &str, new: &str) -> bool {
    let [old_words, new_words] = [old, new].map(|name| name.split('_').collect::<BTreeSet<_>>());
    old_words.is_subset(&new_words) || new_words.is_subset(&old_words) || strsim::osa_distance(old, new) <= 2
}

/// Whether a column referenced a table that goes as well.
fn goes_with_its_target(subject: &Subject<'_>, table: &Name, column: &str) -> bool {
    let keys = subject.near_before.table(table).map(|table| table.foreign_keys.as_slice()).unwrap_or_default();
    let targets = keys.iter().filter(|key| key.columns.iter().any(|of| of == column)).map(|key| &key.references);
    let is_dropped = |name: &Name| {
        subject.operations.iter().any(|o| matches!(o, Operation::DropTable { table } if table.name == *name))
    };
    targets.into_iter().any(is_dropped)
}

/// Both scripts with a rename in place of the drop and the add, where these are statements by themselves.
fn renamed(subject: &Subject<'_>, table: &Name, old: &str, new: &str) -> Option<Fix> {
    let mut edits = Vec::new();
    for (way, from, to) in [(subject.up, old, new), (subject.down, new, old)] {
        let only = |wanted: &dyn Fn(&Action) -> bool| {
            way.steps.iter().find(|step| step.acts.len() == 1 && step.acts.iter().all(|act| wanted(&act.action)))
        };
        let added = only(&|act| matches!(act, Action::AddColumn(one) if one.table == *table && one.column == to))?;
        let dropped =
            only(&|act| matches!(act, Action::DropColumn { table: of, column, .. } if of == table && column == from))?;
        let (first, second) = if added.offset < dropped.offset { (added, dropped) } else { (dropped, added) };
        let words = format!(
            "ALTER TABLE {} RENAME COLUMN {} TO {}",
            subject.sql(table),
            subject.quote(from),
            subject.quote(to)
        );
        edits.extend([mend::instead(way, first, &words), mend::instead(way, second, "")]);
    }
    Some(Fix::edits(format!("rename {table}.{old} to {new}"), edits))
}
