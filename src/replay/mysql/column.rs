//! Definitions of columns, with the keys and constraints that stand at them.

use super::Replay;
use super::cursor::Cursor;
use super::key::{NewForeignKey, NewKey};
use crate::catalog::{AutoValue, Column, Expr, Generated, Name};
use crate::sql::mysql;

/// A column as a statement defines it.
pub(super) struct Definition {
    pub(super) column: Column,
    pub(super) keys: Vec<NewKey>,
    pub(super) foreign_key: Option<NewForeignKey>,
    /// `FIRST`, or the column that it comes `AFTER`.
    pub(super) place: Option<Option<String>>,
}

/// Words that end a type or a default, because an attribute begins with them.
const ATTRIBUTES: [&str; 32] = [
    "not",
    "null",
    "default",
    "on",
    "auto_increment",
    "unique",
    "primary",
    "key",
    "comment",
    "collate",
    "charset",
    "generated",
    "as",
    "check",
    "constraint",
    "references",
    "column_format",
    "storage",
    "invisible",
    "visible",
    "compressed",
    "without",
    "with",
    "first",
    "after",
    "virtual",
    "stored",
    "persistent",
    "serial",
    "encrypted",
    "engine_attribute",
    "ref_system_id",
];

impl Definition {
    /// From behind the column's name.
    pub(super) fn read(name: String, mut cx: Cursor<'_>) -> Self {
        let (column, serial) = column_with_type(name, &mut cx);
        let mut definition = Self { column, keys: Vec::new(), foreign_key: None, place: None };
        if serial {
            definition.count_up();
        }
        while !cx.is_done() {
            definition.attribute(&mut cx);
        }
        definition
    }

    fn attribute(&mut self, cx: &mut Cursor<'_>) {
        let columns = vec![self.column.name.clone()];
        let column = &mut self.column;
        if cx.eat_all(&["not", "null"]) {
            column.nullable = false;
        } else if cx.eat("null") {
            column.nullable = true;
        } else if cx.eat_all(&["serial", "default", "value"]) {
            self.count_up();
        } else if cx.eat("default") {
            let text = default_text(cx);
            column.default = mysql::default_value(text, &column.ty);
        } else if cx.eat_all(&["on", "update"]) {
            column.on_update = Some(Expr::new(mysql::expression(cx.text_until(&ATTRIBUTES))));
        } else if cx.eat("auto_increment") {
            column.auto = Some(AutoValue::Increment);
            column.nullable = false;
        } else if cx.eat("unique") {
            cx.eat("key");
            self.keys.push(NewKey::unique(columns));
        } else if cx.eat_all(&["primary", "key"]) || cx.eat("key") {
            column.nullable = false;
            self.keys.push(NewKey::primary(columns));
        } else if cx.eat("comment") {
            column.comment = cx.text().filter(|text| !text.is_empty());
        } else if cx.eat("collate") {
            column.collation = cx.text();
        } else if cx.eat("charset") || cx.eat_all(&["character", "set"]) {
            column.charset = cx.text();
        } else if cx.is("generated") || (cx.is("as") && cx.is_at(1, "(")) {
            cx.eat_all(&["generated", "always"]);
            cx.eat("as");
            let expr = cx.group().map(|mut group| mysql::expression(group.rest())).unwrap_or_default();
            let stored = cx.eat_any(&["stored", "persistent"]);
            cx.eat("virtual");
            column.generated = Some(Generated { expr: Expr::new(expr), stored });
        } else if cx.eat("constraint") {
            if !cx.is("check") {
                cx.ident();
            }
        } else if cx.eat("check") {
            let expr = cx.group().map(|mut group| mysql::expression(group.rest()));
            column.check = expr.map(Expr::new);
            cx.eat("not");
            cx.eat("enforced");
        } else if cx.eat("references") {
            self.foreign_key = NewForeignKey::references(None, columns, cx);
        } else if cx.eat("first") {
            self.place = Some(None);
        } else if cx.eat("after") {
            self.place = Some(cx.ident());
        } else {
            // COLUMN_FORMAT, STORAGE, INVISIBLE and their values.
            cx.skip_one();
        }
    }

    /// `SERIAL`: counts up, and is unique.
    fn count_up(&mut self) {
        self.column.nullable = false;
        self.column.auto = Some(AutoValue::Increment);
        self.keys.push(NewKey::unique(vec![self.column.name.clone()]));
    }
}

/// The text of a default: a literal, a call, or what stands in parentheses.
fn default_text<'a>(cx: &mut Cursor<'a>) -> &'a str {
    cx.text_until(&[
        "character",
        "not",
        "null",
        "on",
        "auto_increment",
        "unique",
        "primary",
        "key",
        "comment",
        "collate",
        "charset",
        "generated",
        "check",
        "constraint",
        "references",
        "column_format",
        "storage",
        "invisible",
        "visible",
        "compressed",
        "first",
        "after",
        "with",
        "without",
    ])
}

/// Reads a type with the words about its character set; whether it was SERIAL.
fn column_with_type(name: String, cx: &mut Cursor<'_>) -> (Column, bool) {
    let serial = cx.is("serial");
    let (mut charset, mut collation, mut binary, mut bytes) = (None, None, false, false);
    let mut words: Vec<String> = Vec::new();
    let mut national = false;
    loop {
        let first = words.is_empty();
        if !first && (cx.is_done() || ATTRIBUTES.iter().any(|word| cx.is(word)) || cx.are(&["character", "set"])) {
            break;
        }
        if cx.is_done() {
            break;
        }
        national |= cx.is("national") || cx.is("nchar") || cx.is("nvarchar");
        if !first && cx.eat("ascii") {
            charset = Some("latin1".to_owned());
        } else if !first && cx.eat("unicode") {
            charset = Some("ucs2".to_owned());
        } else if !first && cx.eat("binary") {
            binary = true;
        } else if cx.is("(") {
            words.push(cx.text_of_one().to_owned());
        } else {
            words.push(cx.next().map(|token| token.text.to_owned()).unwrap_or_default());
        }
    }
    if national {
        charset = Some("utf8mb3".to_owned());
    }
    // These stand behind the type, before any other attribute.
    loop {
        if cx.eat("charset") || cx.eat_all(&["character", "set"]) {
            charset = cx.text();
        } else if cx.eat("binary") {
            binary = true;
        } else if cx.eat("collate") {
            collation = cx.text();
        } else {
            break;
        }
    }
    if charset.as_deref().is_some_and(|set| set.eq_ignore_ascii_case("binary")) {
        bytes = true;
        charset = None;
    }
    let mut ty = mysql::column_type(&words.join(" "));
    if bytes {
        ty.base = match ty.base.as_str() {
            "char" => "binary".to_owned(),
            "varchar" => "varbinary".to_owned(),
            base => base.replace("text", "blob"),
        };
    }
    if binary {
        // Of the table's character set, where the column names none.
        collation = collation.or_else(|| Some(format!("{}_bin", charset.as_deref().unwrap_or_default())));
    }
    let mut column = Column::new(name, ty);
    if column.ty.base == "json" {
        // What MariaDB makes of it, in case the definition brings a check of its own.
        collation = Some("utf8mb4_bin".to_owned());
    }
    (column.charset, column.collation) = (charset, collation);
    (column, serial)
}

impl Replay<'_> {
    /// Puts a new column in its place.
    pub(super) fn insert_column(&mut self, table: &Name, column: Column, place: Option<Option<String>>) {
        let dialect = self.catalog.dialect;
        let Some(table) = self.catalog.table_mut(table) else { return };
        let at = match place {
            None => table.columns.len(),
            Some(None) => 0,
            Some(Some(after)) => table
                .columns
                .iter()
                .position(|c| dialect.same_name(&c.name, &after))
                .map_or(table.columns.len(), |at| at + 1),
        };
        table.columns.insert(at, as_stored(column).into());
    }
}

/// A column of `json` is text with a check, unless it has another check.
pub(super) fn as_stored(mut column: Column) -> Column {
    if column.ty.base == "json" && column.check.is_some() {
        column.ty.base = "longtext".to_owned();
    }
    column
}
