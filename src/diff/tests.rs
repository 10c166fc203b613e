//! Pairs of catalogs and the operations between them.

use super::{Answers, diff};
use crate::catalog::{Action, Catalog, Column, EnumType, ForeignKey, Name, PrimaryKey, SqlType, Table};
use crate::dialect::Dialect;

const DIALECT: Dialect = Dialect::Postgres;

/// `users: id integer!, nick text` becomes a table; `!` is NOT NULL; the first column is the key;
/// `a->b` after the name makes a foreign key from the column `b_id`.
fn catalog(tables: &[&str]) -> Catalog {
    let mut catalog = Catalog::empty(DIALECT);
    for text in tables {
        let (head, columns) = text.split_once(": ").unwrap();
        let (name, parent) = head.split_once("->").map_or((head, None), |(name, parent)| (name, Some(parent)));
        let mut table = Table::new(Name::new(name));
        for column in columns.split(", ") {
            let (name, ty) = column.split_once(' ').unwrap();
            let mut built = Column::new(name, SqlType::new(ty.trim_end_matches('!'), DIALECT));
            built.nullable = !ty.ends_with('!');
            table.columns.push(built.into());
        }
        table.primary_key = Some(PrimaryKey { name: None, columns: vec![table.columns[0].name.clone()] });
        table.foreign_keys.extend(parent.map(|parent| ForeignKey {
            name: None,
            columns: vec![format!("{parent}_id")],
            references: Name::new(parent),
            ref_columns: Vec::new(),
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            deferrable: Default::default(),
            valid: true,
        }));
        catalog.tables.insert(table.name.clone(), table.into());
    }
    catalog
}

fn described(from: &Catalog, to: &Catalog, answers: &Answers) -> Vec<String> {
    diff(from, to, answers).iter().map(crate::operation::Operation::describe).collect()
}

fn check(from: &[&str], to: &[&str], answers: &Answers, expected: &[&str]) {
    assert_eq!(described(&catalog(from), &catalog(to), answers), expected);
    // Equal catalogs have no difference, whatever was answered about another pair.
    assert_eq!(described(&catalog(to), &catalog(to), &Answers::default()), Vec::<String>::new());
}

#[test]
fn columns_and_tables() {
    check(
        &["users: id integer!, nick text, age integer", "old: id integer!"],
        &["users: id bigint!, nick text!, city text", "tags: id integer!"],
        &Answers::default(),
        &[
            "create table tags (1 column)",
            "add column users.city text",
            "change type of users.id from integer to bigint",
            "make users.nick NOT NULL",
            "drop column users.age",
            "drop table old",
        ],
    );
}

#[test]
fn confirmed_renames_keep_the_rows() {
    let mut answers = Answers::default();
    answers.renames.tables.insert(Name::new("users"), Name::new("people"));
    answers.renames.columns.insert((Name::new("people"), "nick".to_owned()), "nick_name".to_owned());
    check(
        &["users: id integer!, nick text", "posts->users: id integer!, users_id integer"],
        &["people: id integer!, nick_name text", "posts->people: id integer!, people_id integer"],
        &answers,
        &[
            "rename table users to people",
            "rename column people.nick to nick_name",
            "drop foreign key posts.(users_id) to people",
            "add column posts.people_id integer",
            "add foreign key posts.(people_id) to people",
            "drop column posts.users_id",
        ],
    );
    let back = answers.renames.inverted();
    assert_eq!(back.inverted(), answers.renames);
}

#[test]
fn tables_that_reference_others_go_first() {
    check(
        &["a: id integer!", "b->a: id integer!, a_id integer", "c->b: id integer!, b_id integer"],
        &[],
        &Answers::default(),
        &["drop table c", "drop table b", "drop table a"],
    );
}

#[test]
fn a_cycle_loses_its_foreign_keys_first() {
    check(
        &["a->b: id integer!, b_id integer", "b->a: id integer!, a_id integer"],
        &[],
        &Answers::default(),
        &["drop foreign key b.(a_id) to a", "drop table a", "drop table b"],
    );
}

#[test]
fn enum_values_are_added_in_place_and_removed_by_a_rebuild() {
    let with = |values: &[&str]| {
        let mut catalog = catalog(&["t: id integer!, mood mood"]);
        let values = values.iter().map(ToString::to_string).collect();
        catalog.enums.insert(Name::new("mood"), EnumType { name: Name::new("mood"), values, comment: None });
        catalog
    };
    let check = |from: &[&str], to: &[&str], expected: &[&str]| {
        assert_eq!(described(&with(from), &with(to), &Answers::default()), expected);
    };
    check(
        &["sad", "glad"],
        &["sad", "calm", "glad", "wild"],
        &["add value 'calm' to enum mood, before 'glad'", "add value 'wild' to enum mood"],
    );
    check(&["sad", "calm", "glad"], &["sad", "glad"], &["rebuild enum mood without 'calm'"]);
    check(&["sad", "glad"], &["glad", "sad"], &[]);
    check(&["sad", "glad"], &["glad", "sad", "wild"], &["rebuild enum mood in another order"]);
}

/// 150 tables, 1,500 columns, 400 indexes and 200 foreign keys, of which a few change: the operations
/// never touch what is equal.
#[test]
fn of_a_large_schema_only_what_changed_is_touched() {
    let schema = |changed: &str| {
        let mut sql = String::new();
        for n in 0..150 {
            let columns: Vec<String> = (1..9).map(|c| format!("c{c} text NOT NULL DEFAULT 'x{c}'")).collect();
            let parent = if n == 0 { 0 } else { n - 1 };
            let ty = if n % 10 == 0 { changed } else { "integer" };
            sql.push_str(&format!(
                "CREATE TABLE t{n} (id {ty} PRIMARY KEY, {}, parent integer REFERENCES t{parent}, CHECK (c1 <> 'a' AND c2 > c3));\n",
                columns.join(", ")
            ));
            for c in 1..=(if n < 100 { 3 } else { 2 }) {
                sql.push_str(&format!("CREATE INDEX t{n}_c{c} ON t{n} (c{c}, lower(c4)) WHERE c{c} <> '';\n"));
            }
            if n < 50 {
                sql.push_str(&format!("ALTER TABLE t{n} ADD FOREIGN KEY (id) REFERENCES t{parent};\n"));
            }
        }
        let mut catalog = Catalog::empty(DIALECT);
        crate::replay::apply(&mut catalog, &sql, "up.sql").unwrap();
        catalog
    };
    let (from, to) = (schema("integer"), schema("bigint"));
    assert_eq!(diff(&from, &to, &Answers::default()).len(), 15);
    assert_eq!(diff(&to, &from, &Answers::default()).len(), 15);
    assert_eq!(diff(&to, &to, &Answers::default()), []);
}
