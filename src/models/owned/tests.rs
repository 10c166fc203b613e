//! Structs before and after, and what `create` does about it. Every case is also held to the laws:
//! the revision replayed gives the desired schema, the way back gives the one before, and models and
//! schema agree afterwards.

use std::rc::Rc;

use expect_test::{Expect, expect};

use super::{Cache, own};
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::make::{Draft, Wishes, draft};
use crate::models::{Change, Models, assemble, drift, parse_file};
use crate::proof::difference;
use crate::replay;

const PG: Dialect = Dialect::Postgres;
const SQLITE: Dialect = Dialect::Sqlite;

/// The models of one source file.
pub(super) fn read(dialect: Dialect, text: &str) -> Result<Models> {
    let file = "src/models.rs".to_owned();
    let files = [(file.clone(), Rc::new(parse_file(&file, text)?))];
    let mut models = assemble(&files, &[])?;
    own(&mut models, &files, dialect, &mut Cache::new())?;
    Ok(models)
}

/// A struct `User` of the table `users` with these lines on it and these fields.
pub(super) fn user(on_struct: &str, fields: &str) -> String {
    format!(
        "#[derive(OpsModel)]\n#[diesel(table_name = users)]\n{on_struct}\nstruct User {{\n    id: i32,\n{fields}\n}}\n"
    )
}

fn drafted(before: &Models, after: &Models, baseline: &Catalog) -> Draft {
    let draft = draft(Some(before), after, baseline, &Wishes::default()).unwrap();
    let mut catalog = baseline.clone();
    for part in &draft.parts {
        replay::apply(&mut catalog, &part.script.up, "up.sql").unwrap();
    }
    let up: Vec<&str> = draft.parts.iter().map(|part| part.script.up.as_str()).collect();
    assert_eq!(difference(&draft.desired, &catalog), Vec::<String>::new(), "{up:?}");
    let left: Vec<String> = drift(after, &catalog).iter().map(Change::describe).collect();
    if draft.inherited.is_empty() {
        assert_eq!(left, Vec::<String>::new(), "{up:?}");
    }
    for part in draft.parts.iter().rev() {
        replay::apply(&mut catalog, &part.script.down, "down.sql").unwrap();
    }
    assert_eq!(difference(baseline, &catalog), Vec::<String>::new());
    draft
}

/// The schema that a source makes from nothing.
fn made(dialect: Dialect, models: &Models) -> Catalog {
    drafted(&Models::default(), models, &Catalog::empty(dialect)).desired
}

/// From one source to the other: the operations.
fn check(dialect: Dialect, before: &str, after: &str, expected: &Expect) {
    let (before, after) = (read(dialect, before).unwrap(), read(dialect, after).unwrap());
    let baseline = made(dialect, &before);
    let draft = drafted(&before, &after, &baseline);
    let questions = draft.questions.iter().map(|question| format!("{question:?}"));
    let lines: Vec<String> = questions.chain(draft.operations().map(|operation| operation.describe())).collect();
    expected.assert_eq(&lines.join("\n"));
    // The other way round the same two are told apart.
    let _ = drafted(&after, &before, &draft.desired);
}

/// The SQL that makes a table from nothing.
fn check_new(dialect: Dialect, text: &str, expected: &Expect) {
    let models = read(dialect, text).unwrap();
    let draft = drafted(&Models::default(), &models, &Catalog::empty(dialect));
    expected.assert_eq(&draft.parts.iter().map(|part| part.script.up.as_str()).collect::<String>());
}

const ALL: &str = r#"
#[derive(OpsModel)]
#[diesel(table_name = users)]
#[ops(
    unique(email, age, deferrable),
    index("lower(email)", age desc nulls_last, name = "users_by_mail", unique, where = "age > 3"),
    index(email class "text_pattern_ops", include(age)),
    check("age > 0"),
    comment = "People",
    foreign_key(boss, references = users(id), on_delete = set_null),
)]
struct User {
    id: i64,
    #[ops(max_length = 200, collate = "C", comment = "Where it goes")]
    email: String,
    #[ops(default = 18, index)]
    age: i32,
    boss: Option<i64>,
    #[ops(precision(12, 2), default = 0)]
    pay: BigDecimal,
    #[ops(generated = "age * 2")]
    twice: i32,
    #[ops(sequence(start = 500))]
    number: i32,
    #[ops(default = "now()")]
    since: NaiveDateTime,
}
"#;

#[test]
fn a_new_table_is_made_as_it_is_stated() {
    check_new(PG, ALL, &expect![[""]]);
    let sqlite = ALL.replace(" class \"text_pattern_ops\", include(age)", "").replace(", deferrable", "");
    let sqlite = sqlite.replace("collate = \"C\"", "collate = \"NOCASE\"").replace("sequence(start = 500)", "default = 1");
    check_new(SQLITE, &sqlite.replace("now()", "CURRENT_TIMESTAMP"), &expect![[""]]);
}
