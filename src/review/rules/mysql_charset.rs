//! Text that cannot hold every character.

use crate::dialect::Dialect::{self, Mysql};
use crate::review::{Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM409",
    id: "mysql-charset",
    severity: Severity::Info,
    dialects: MYSQL,
    summary: "a new table or column has a character set that lacks characters: utf8mb3 (utf8), latin1, ascii, ucs2",
    help: "A character that it lacks, an emoji say, is refused in strict mode and becomes ? otherwise. A join between \
           columns of two character sets uses no index. For keys of ASCII alone latin1 or ascii are fine.",
    safer: "utf8mb4",
    links: &["https://dev.mysql.com/doc/refman/8.4/en/charset-unicode-utf8mb3.html"],
    examples: &[
        Example::new(
            "CREATE TABLE t (id integer PRIMARY KEY, a text) CHARACTER SET utf8;",
            &["1 t has utf8mb3, which lacks characters"],
        ),
        Example::new(
            "ALTER TABLE users ADD COLUMN a varchar(10) CHARACTER SET latin1;",
            &["1 users.a has latin1, which lacks characters"],
        ),
        Example::new("CREATE TABLE t (id integer PRIMARY KEY, a text) CHARACTER SET utf8mb4;", &[]),
        Example::new("CREATE TABLE t (id integer PRIMARY KEY, a text);", &[]),
    ],
    check,
};

const MYSQL: &[Dialect] = &[Mysql];

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    let mut say = |step, what: String, charset: &str| {
        let name = match charset {
            "utf8" | "utf8mb3" => "utf8mb3",
            "latin1" | "ascii" | "ucs2" => charset,
            _ => return,
        };
        reports.push(Report::at(step, format!("{what} has {name}, which lacks characters")));
    };
    for (step, act) in subject.acts() {
        let Some(after) = act.after.as_ref().filter(|_| act.before.is_none()) else { continue };
        if let Some(charset) = &after.options.charset {
            say(step, after.name.to_string(), &charset.to_ascii_lowercase());
        }
    }
    for (step, table, column) in subject.new_columns() {
        if let Some(charset) = column.charset.as_ref().filter(|own| Some(*own) != table.options.charset.as_ref()) {
            say(step, format!("{}.{}", table.name, column.name), &charset.to_ascii_lowercase());
        }
    }
}
