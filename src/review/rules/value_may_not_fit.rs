//! Values that the new type has no room for.

use crate::catalog::SqlType;
use crate::dialect::Dialect::Postgres;
use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM214",
    id: "value-may-not-fit",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "a text gets a shorter type, and PostgreSQL refuses values that are too long",
    help: "An empty test database does not show it. The query tells whether production has such values.",
    safer: "run the query before, and shorten what it finds in a revision before this one",
    links: &["https://www.postgresql.org/docs/current/datatype-character.html"],
    examples: &[
        Example::new(
            "ALTER TABLE users ALTER COLUMN nick TYPE varchar(4);",
            &["1 this fails where users.nick has more than 4 characters"],
        ),
        Example::new("ALTER TABLE users ALTER COLUMN nick TYPE varchar(4) USING left(nick, 4);", &[]),
        Example::new("ALTER TABLE users ALTER COLUMN nick TYPE varchar;", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.standing() {
        let Action::AlterType { table, column, using: None } = &act.action else { continue };
        let pair = act.column_before(column, Postgres).zip(act.column_after(column, Postgres));
        let Some((old, new)) = pair.filter(|(_, new)| new.ty.base == "character varying") else { continue };
        let length = |ty: &SqlType| ty.args.first().and_then(|n| n.parse::<u64>().ok()).unwrap_or(u64::MAX);
        let is_text = matches!(old.ty.base.as_str(), "text" | "character varying" | "citext");
        if is_text && length(&new.ty) < length(&old.ty) {
            let most = length(&new.ty);
            let text = format!("this fails where {table}.{column} has more than {most} characters");
            let name = subject.quote(column);
            let sql = format!("SELECT {name} FROM {} WHERE char_length({name}) > {most};", subject.sql(table));
            reports.push(Report::at(step, text).sql(sql));
        }
    }
}
