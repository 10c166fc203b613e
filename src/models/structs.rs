//! Plain Diesel structs: which columns those expect that rows are read into. They only suggest, and
//! no comparison looks at them. Structs that only write say nothing: there `Option` has another
//! meaning.

use std::collections::BTreeSet;

use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{Field, Fields, GenericArgument, Item, ItemStruct, PathArguments, PathSegment, Type};

use super::attributes::{Entry, Value, derives, entries, is_for_tests, last_segment};
use super::parse::{diesel_type, release_spans, spot};
use super::rust::ident;
use super::types::sql_type_of;
use super::{DieselType, Form, ModelTable, Models};
use crate::catalog::Name;
use crate::dialect::Dialect;
use crate::place::Place;

/// A struct that rows of a table are read into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadStruct {
    pub name: String,
    /// The Rust name of its table.
    pub table: String,
    /// Whether it says so itself, or is called as Diesel wants it.
    pub says_table: bool,
    pub fields: Vec<ReadField>,
    pub at: Place,
}

/// A field that stands for one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadField {
    /// The field's own name.
    pub name: String,
    /// The Rust name of the column.
    pub column: String,
    /// The last name of the type, without `Option`.
    pub rust_type: String,
    /// The type as written.
    pub text: String,
    pub nullable: bool,
    /// The column's type where the attributes or the Rust type leave no doubt.
    pub ty: Option<DieselType>,
    pub at: Place,
}

/// A column that a struct reads and its table does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub of: String,
    pub field: ReadField,
    pub table: Name,
}

impl Suggestion {
    /// The line for the `table!` block; `…` stands for a type that the struct does not tell.
    pub fn line(&self) -> String {
        let ty = self.field.ty.clone().unwrap_or_else(|| DieselType::plain("…"));
        format!("{} -> {},", ident(&self.field.column), Form { ty, nullable: self.field.nullable }.text())
    }

    /// What is missing, where it is read, and what to write.
    pub fn describe(&self) -> String {
        let Self { of, field, table } = self;
        let unknown = match field.ty {
            Some(_) => String::new(),
            None => format!(" (… is the SQL type of {})", field.rust_type),
        };
        format!(
            "struct {of} reads `{}` ({}), table {table} has no such column: add `{}` to its table! block{unknown}",
            field.column,
            field.at,
            self.line()
        )
    }
}

/// Whether a file may hold structs that rows are read into.
pub fn mentions_structs(text: &[u8]) -> bool {
    const DERIVES: [&[u8]; 4] = [b"Queryable", b"Selectable", b"Identifiable", b"HasQuery"];
    text.iter().enumerate().any(|(at, byte)| {
        matches!(byte, b'Q' | b'S' | b'I' | b'H') && DERIVES.iter().any(|name| text[at..].starts_with(name))
    })
}

/// The structs of a file that rows are read into; none where it does not parse, for that is said
/// elsewhere.
pub fn parse_structs(path: &str, text: &str) -> Vec<ReadStruct> {
    let mut found = Vec::new();
    if let Ok(file) = syn::parse_file(text) {
        read_items(path, &file.items, &mut found);
    }
    release_spans();
    found
}

fn read_items(path: &str, items: &[Item], found: &mut Vec<ReadStruct>) {
    for item in items {
        match item {
            Item::Mod(module) if !is_for_tests(&module.attrs) => {
                if let Some((_, items)) = &module.content {
                    read_items(path, items, found);
                }
            }
            Item::Struct(item) if !is_for_tests(&item.attrs) => found.extend(read_struct(path, item)),
            _ => {}
        }
    }
}

/// `None` where no rows are read into it by the names of a table's columns.
fn read_struct(path: &str, item: &ItemStruct) -> Option<ReadStruct> {
    let attributes = entries(&item.attrs);
    let derived: BTreeSet<String> = derives(&attributes).iter().map(|path| last_segment(path)).collect();
    let by_name = ["Selectable", "Identifiable", "HasQuery"].iter().any(|name| derived.contains(*name));
    let stated = attributes.iter().find(|entry| entry.key == "table_name").and_then(Entry::last_segment);
    let name = item.ident.unraw().to_string();
    let says_table = stated.is_some();
    let table = match stated {
        Some(table) if by_name || derived.contains("Queryable") => table,
        // `Queryable` alone reads by position, whatever the query gives.
        None if by_name => default_table(&name),
        _ => return None,
    };
    let Fields::Named(fields) = &item.fields else { return None };
    let generics: Vec<String> = item.generics.type_params().map(|param| param.ident.to_string()).collect();
    let fields = fields.named.iter().filter(|field| !is_for_tests(&field.attrs));
    let fields = fields.filter_map(|field| read_field(path, field, &generics)).collect();
    Some(ReadStruct { at: spot(path, item.ident.span()), name, table, says_table, fields })
}

/// Diesel's default (`infer_table_name` in diesel_derives): each capital after the first starts a
/// word, and an `s` ends it.
fn default_table(name: &str) -> String {
    let mut table = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !table.is_empty() {
            table.push('_');
        }
        table.extend(c.to_lowercase());
    }
    table + "s"
}

/// `None` for a field that is no plain column: embedded, computed, skipped, or of a type parameter.
fn read_field(path: &str, field: &Field, generics: &[String]) -> Option<ReadField> {
    let ident = field.ident.as_ref()?;
    let attributes = entries(&field.attrs);
    let has = |key: &str| attributes.iter().any(|entry| entry.key == key);
    if ["embed", "select_expression", "select_expression_type", "skip"].into_iter().any(has)
        || mentions_any(&field.ty, generics)
    {
        return None;
    }
    let column = attributes.iter().find(|entry| entry.key == "column_name").and_then(Entry::last_segment);
    let optional = argument_of(&field.ty, "Option");
    let inner = optional.unwrap_or(&field.ty);
    let stated = attributes.iter().find(|entry| entry.key == "sql_type").and_then(stated_type);
    let (ty, nullable) = match stated.map(DieselType::without_nullable) {
        Some((ty, nullable)) => (Some(ty), nullable),
        // What the database gives is then another type.
        None if has("deserialize_as") => (None, optional.is_some()),
        None => (certain_type(inner), optional.is_some()),
    };
    Some(ReadField {
        name: ident.unraw().to_string(),
        text: written(&field.ty),
        column: column.unwrap_or_else(|| ident.unraw().to_string()),
        rust_type: name_of(inner),
        nullable,
        ty,
        at: spot(path, ident.span()),
    })
}

/// `#[diesel(sql_type = …)]` on the field.
fn stated_type(entry: &Entry) -> Option<DieselType> {
    let ty: Type = match &entry.value {
        Value::Tokens(tokens) => syn::parse2(tokens.clone()).ok()?,
        _ => syn::parse_str(&entry.text()?).ok()?,
    };
    diesel_type(&ty).ok()
}

/// A type in one line, with the spaces that people write.
fn written(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    let text = [" :: ", " < ", "< ", " >", " ,"].iter().fold(text, |text, spaced| text.replace(spaced, spaced.trim()));
    text.replace("& ", "&").replace(" <", "<")
}

fn segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Reference(reference) => segment(&reference.elem),
        Type::Paren(inner) => segment(&inner.elem),
        Type::Group(inner) => segment(&inner.elem),
        _ => None,
    }
}

pub(super) fn name_of(ty: &Type) -> String {
    segment(ty).map(|segment| segment.ident.unraw().to_string()).unwrap_or_default()
}

/// The types between the angle brackets.
fn arguments(segment: &PathSegment) -> Vec<&Type> {
    let PathArguments::AngleBracketed(list) = &segment.arguments else { return Vec::new() };
    let types = list.args.iter().map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.flatten().collect()
}

/// The type argument of `outer<…>`.
fn argument_of<'a>(ty: &'a Type, outer: &str) -> Option<&'a Type> {
    segment(ty).filter(|segment| segment.ident == outer).and_then(|segment| arguments(segment).first().copied())
}

fn mentions_any(ty: &Type, names: &[String]) -> bool {
    segment(ty).is_some_and(|segment| {
        names.iter().any(|name| segment.ident == name) || arguments(segment).iter().any(|ty| mentions_any(ty, names))
    })
}

/// The SQL type of a Rust type that stands for only one (the table in `diesel::sql_types`).
pub(super) fn certain_type(ty: &Type) -> Option<DieselType> {
    if let Some(element) = argument_of(ty, "Vec") {
        if name_of(element) == "u8" {
            return Some(DieselType::plain("Binary"));
        }
        let element = certain_type(argument_of(element, "Option").unwrap_or(element))?;
        return Some(DieselType { args: vec![element], ..DieselType::plain("Array") });
    }
    let is_of =
        |krate: &str| matches!(ty, Type::Path(path) if path.path.segments.first().is_some_and(|s| s.ident == krate));
    let name = match name_of(ty).as_str() {
        "String" | "str" => "Text",
        "i16" => "SmallInt",
        "i32" => "Integer",
        "i64" => "BigInt",
        "bool" => "Bool",
        "f32" => "Float",
        "f64" => "Double",
        "NaiveDateTime" | "PrimitiveDateTime" => "Timestamp",
        "DateTime" | "OffsetDateTime" => "Timestamptz",
        "NaiveDate" => "Date",
        "NaiveTime" => "Time",
        "Uuid" => "Uuid",
        "BigDecimal" => "Numeric",
        "Value" if is_of("serde_json") => "Jsonb",
        _ => return None,
    };
    Some(DieselType::plain(name))
}

/// The columns that structs read and their tables do not have, each once. What the tables had
/// `before` has gone or got another name on purpose: there the struct is what lags behind. A type is
/// certain only where each dialect has it.
pub fn suggestions(
    structs: &[ReadStruct],
    before: Option<&Models>,
    models: &Models,
    dialects: &[Dialect],
) -> Vec<Suggestion> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for read in structs {
        let Some(table) = models.tables.values().find(|table| table.rust_name == read.table) else { continue };
        for field in &read.fields {
            let has = |table: &ModelTable| table.columns.iter().any(|column| column.rust_name == field.column);
            let known = has(table)
                || before.and_then(|before| before.tables.get(&table.name)).is_some_and(has)
                // Hidden on purpose.
                || models.hidden_columns.contains(&field.column);
            if known || !seen.insert((table.name.clone(), field.column.clone())) {
                continue;
            }
            let mut field = field.clone();
            field.ty = field.ty.filter(|ty| dialects.iter().all(|dialect| sql_type_of(ty, *dialect).is_some()));
            found.push(Suggestion { of: read.name.clone(), field, table: table.name.clone() });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::{parse_structs, suggestions};
    use crate::dialect::Dialect;
    use crate::models::{Models, assemble, parse_file};

    const SCHEMA: &str =
        "table! { users (id) { id -> Integer, #[sql_name = \"type\"] type_ -> Text, #[cfg(unix)] r#raw -> Text, } }";

    fn models(text: &str) -> Models {
        let parsed = parse_file("src/schema.rs", text).unwrap();
        assemble(&[("src/schema.rs".to_owned(), std::rc::Rc::new(parsed))], &[]).unwrap()
    }

    fn check(dialect: Dialect, text: &str, expected: &Expect) {
        let found = suggestions(&parse_structs("src/models.rs", text), None, &models(SCHEMA), &[dialect]);
        let lines: String =
            found.iter().map(|s| format!("{}: {} {} {}\n", s.field.at, s.of, s.table, s.line())).collect();
        expected.assert_eq(&lines);
    }

    #[test]
    fn what_rows_are_read_into_suggests() {
        check(
            Dialect::Postgres,
            r#"
#[derive(Queryable)] #[diesel(table_name = crate::schema::users)]
pub struct User { id: i32, type_: String, raw: String, nick: Option<String>, born: Option<chrono::NaiveDate> }
#[cfg_attr(feature = "full", derive(Selectable), diesel(table_name = users))]
struct Other<'a, T> {
    #[diesel(column_name = type_)] kind: Kind,
    #[diesel(embed)] rest: Rest,
    #[diesel(select_expression = count(id))] n: i64,
    #[diesel(skip)] cached: bool,
    generic: Vec<T>,
    name: &'a str,
    seen: DateTime<Utc>,
    data: serde_json::Value,
    tags: Vec<Option<String>>,
    raw_bytes: Vec<u8>,
    kind2: Option<Kind>,
    #[diesel(deserialize_as = i32)] small: i64,
    #[diesel(sql_type = Nullable<diesel::sql_types::BigInt>)] big: Option<Id>,
    nick: Option<String>,
}
mod inner { #[derive(diesel::HasQuery)] struct User { r#type: bool } }
#[derive(Identifiable)] #[table_name = "users"] struct Old { old_style: bool }
"#,
            &expect![[r#"
                src/models.rs:3: User users nick -> Nullable<Text>,
                src/models.rs:3: User users born -> Nullable<Date>,
                src/models.rs:11: Other users name -> Text,
                src/models.rs:12: Other users seen -> Timestamptz,
                src/models.rs:13: Other users data -> Jsonb,
                src/models.rs:14: Other users tags -> Array<Text>,
                src/models.rs:15: Other users raw_bytes -> Binary,
                src/models.rs:16: Other users kind2 -> Nullable<…>,
                src/models.rs:17: Other users small -> …,
                src/models.rs:18: Other users big -> Nullable<BigInt>,
                src/models.rs:21: User users r#type -> Bool,
                src/models.rs:22: Old users old_style -> Bool,
            "#]],
        );
    }

    #[test]
    fn what_only_writes_or_reads_by_position_says_nothing() {
        check(
            Dialect::Postgres,
            r#"
#[derive(Insertable, AsChangeset)] #[diesel(table_name = users)] struct Form { unknown: Option<String> }
#[derive(Queryable)] struct User { other: i32 }
#[derive(Selectable)] struct Unrelated { a: i32 }
#[derive(QueryableByName)] struct Users { a: i32 }
#[cfg(test)] #[derive(Selectable)] #[diesel(table_name = users)] struct Fake { a: i32 }
#[cfg(test)] mod tests { #[derive(Selectable)] #[diesel(table_name = users)] struct Fake { a: i32 } }
"#,
            &expect![[""]],
        );
        check(Dialect::Postgres, "struct {", &expect![[""]]);
    }

    #[test]
    fn a_column_that_has_just_gone_is_not_suggested() {
        let structs = parse_structs("src/models.rs", "#[derive(HasQuery)] struct User { type_: String }");
        let (before, after) = (models(SCHEMA), models("table! { users { id -> Integer, kind -> Text, } }"));
        let count = |before: Option<&Models>| suggestions(&structs, before, &after, &[Dialect::Sqlite]).len();
        assert_eq!((count(Some(&before)), count(Some(&after)), count(None)), (0, 1, 1));
    }

    #[test]
    fn a_type_is_certain_only_where_the_dialect_has_it() {
        check(
            Dialect::Sqlite,
            "#[derive(HasQuery)] struct User { id: i32, key: Uuid, at: Option<DateTime<Utc>>, n: i64 }",
            &expect![[r#"
                src/models.rs:1: User users key -> …,
                src/models.rs:1: User users at -> Nullable<…>,
                src/models.rs:1: User users n -> BigInt,
            "#]],
        );
        let structs = parse_structs("src/models.rs", "#[derive(HasQuery)]\nstruct User { key: Option<Uuid> }");
        let found = suggestions(&structs, None, &models(SCHEMA), &[Dialect::Sqlite]);
        assert_eq!(
            found[0].describe(),
            "struct User reads `key` (src/models.rs:2), table users has no such column: add `key -> Nullable<…>,` to its table! block (… is the SQL type of Uuid)"
        );
    }
}
