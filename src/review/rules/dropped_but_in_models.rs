//! What `table!` still selects is dropped.

use crate::operation::Operation;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM201",
    id: "dropped-but-in-models",
    severity: Severity::Error,
    dialects: ALL,
    summary: "a dropped column or table is still listed by `table!`",
    help: "Diesel names every column of `table!` in its queries: each of them fails as soon as this has run.",
    safer: "take it out of `table!` and the structs, release that, then drop it",
    links: &["https://diesel.rs/guides/schema-in-depth"],
    examples: &[
        Example::new(
            "ALTER TABLE users DROP COLUMN nick;",
            &["1 users.nick is dropped, and table! lists it (src/schema.rs:4)"],
        )
        .models(&["users: id Integer, nick Nullable<Text>"]),
        Example::new("DROP TABLE users;", &["1 users is dropped, and table! lists it (src/schema.rs:2)"])
            .models(&["users: id Integer, nick Nullable<Text>"]),
        Example::new("ALTER TABLE users DROP COLUMN nick;", &[]).models(&["users: id Integer"]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let (Some(models), Some(last)) = (subject.world.models, subject.world.last) else { return };
    let dialect = subject.dialect();
    for operation in subject.operations {
        let (what, words, at) = match operation {
            Operation::DropTable { table } => {
                let Some(model) = models.tables.get(&table.name).filter(|m| !m.is_view && !m.conditional) else {
                    continue;
                };
                // A later revision may make it again.
                if last.table(&table.name).is_some() || last.view(&table.name).is_some() {
                    continue;
                }
                (table.name.to_string(), vec!["drop", table.name.name.as_str()], &model.at)
            }
            Operation::DropColumn { table, column } => {
                let Some(model) = models.tables.get(table).filter(|m| !m.is_view) else { continue };
                let listed = model.columns.iter().find(|c| dialect.same_name(&c.name, &column.name) && !c.partial);
                let (Some(listed), Some(now)) = (listed, last.table(table)) else { continue };
                if now.column(&column.name, dialect).is_some() {
                    continue;
                }
                (format!("{table}.{}", column.name), vec![table.name.as_str(), column.name.as_str()], &listed.at)
            }
            _ => continue,
        };
        let text = format!("{what} is dropped, and table! lists it ({}:{})", at.file, at.line);
        reports.push(subject.report_at(&words, text));
    }
}
