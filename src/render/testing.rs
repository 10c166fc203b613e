//! Builders of small catalogs and the one check for the tests of this module.

use expect_test::Expect;

use super::{Severity, script};
use crate::catalog::{
    Action, Catalog, Check, Column, Deferrable, EnumType, Expr, ForeignKey, Index, Name, PrimaryKey, SqlType, Table,
    Unique,
};
use crate::dialect::Dialect;
use crate::diff::Answers;

pub(in crate::render) fn catalog(dialect: Dialect, tables: impl IntoIterator<Item = Table>) -> Catalog {
    let mut catalog = Catalog::empty(dialect);
    catalog.tables = tables.into_iter().map(|t| (t.name.clone(), t.into())).collect();
    catalog
}

pub(in crate::render) fn with_enum(mut catalog: Catalog, name: &str, values: &[&str]) -> Catalog {
    let ty = EnumType { name: Name::new(name), values: strings(values), comment: None };
    catalog.enums.insert(ty.name.clone(), ty);
    catalog
}

pub(in crate::render) fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

/// A column from `name type [null] [default …]`.
pub(in crate::render) fn column(text: &str, dialect: Dialect) -> Column {
    let (text, default) = match text.split_once(" default ") {
        Some((text, default)) => (text, Some(Expr::new(default))),
        None => (text, None),
    };
    let (text, nullable) = match text.strip_suffix(" null") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (name, ty) = text.split_once(' ').unwrap_or((text, ""));
    let (ty, array) = ty.strip_suffix("[]").map_or((ty, 0), |ty| (ty, 1));
    let ty = SqlType::with_args(ty, Vec::new(), array, dialect);
    Column { nullable, default, ..Column::new(name, ty) }
}

/// A table with an `id` key and these columns.
pub(in crate::render) fn table(name: &str, columns: &[&str], dialect: Dialect) -> Table {
    let mut table = Table::new(Name::new(name));
    table.columns = std::iter::once(&"id integer").chain(columns).map(|text| column(text, dialect).into()).collect();
    table.primary_key = Some(PrimaryKey { name: None, columns: strings(&["id"]) });
    table
}

pub(in crate::render) fn key(columns: &[&str], references: &str, on_delete: Action) -> ForeignKey {
    ForeignKey {
        name: None,
        columns: strings(columns),
        references: Name::new(references),
        ref_columns: strings(&["id"]),
        on_delete,
        on_update: Action::NoAction,
        deferrable: Deferrable::No,
        valid: true,
    }
}

pub(in crate::render) fn index(name: &str, columns: &[&str]) -> Index {
    Index::new(name, columns.iter().copied())
}

pub(in crate::render) fn check_of(expr: &str) -> Check {
    Check { name: None, expr: Expr::new(expr), valid: true }
}

pub(in crate::render) fn unique(columns: &[&str]) -> Unique {
    Unique { name: None, columns: strings(columns), nulls_not_distinct: false, deferrable: Deferrable::No }
}

/// A schema of one table `users`.
pub(in crate::render) fn users(columns: &[&str], dialect: Dialect) -> Catalog {
    catalog(dialect, [table("users", columns, dialect)])
}

pub(in crate::render) fn fill(answers: &mut Answers, table: &str, column: &str, sql: &str) {
    answers.fills.insert((Name::new(table), column.to_owned()), Expr::new(sql));
}

/// Both files of the way from one catalog to the other, and the notes.
pub(in crate::render) fn check_with(from: &Catalog, to: &Catalog, answers: &Answers, expected: &Expect) {
    let script = script(from, to, answers).expect("the script renders");
    let mode = if script.run_in_transaction { "" } else { " (run_in_transaction = false)" };
    let mut text = format!("== up{mode}\n{}== down\n{}", script.up, script.down);
    for note in &script.notes {
        let level = if note.severity == Severity::Warn { "warn" } else { "info" };
        text.push_str(&format!("{level}: {}\n", note.text));
    }
    expected.assert_eq(&text);
}

/// The same without answers.
pub(in crate::render) fn check(from: &Catalog, to: &Catalog, expected: &Expect) {
    check_with(from, to, &Answers::default(), expected);
}
