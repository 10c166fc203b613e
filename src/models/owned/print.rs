//! The attributes that describe a table that is there: for copying. They say as little as they can,
//! and what they say is read back and compared before it is shown.

use std::collections::BTreeMap;
use std::rc::Rc;

use ops_migrate_grammar::HISTORY_SUFFIX;

use super::compare::against;
use super::resolve::{Cache, own};
use super::words;
use crate::catalog::{AutoValue, Catalog, Column, Name, Shared, SqlType, Table};
use crate::dialect::{Dialect, object_name};
use crate::history_tables::suffix_of;
use crate::models::owned::read::RustType;
use crate::models::owned::resolve::suits;
use crate::models::rust::ident;
use crate::models::structs::ReadField;
use crate::models::types::{from_sql, sql_type};
use crate::models::{Change, DieselType, ModelColumn, ModelTable, Models, ReadStruct, parse_file};

/// What is known of a table beside its schema.
pub struct Known<'a> {
    /// Every `table!` block.
    pub tables: &'a BTreeMap<Name, ModelTable>,
    /// The structs that rows are read into.
    pub structs: &'a [ReadStruct],
    /// The module that holds `table!`, as a path: `crate::schema`.
    pub module: &'a str,
}

/// The attributes of a table, on the struct that has the most of its columns, or on a new one.
pub fn attributes(table: &Table, catalog: &Catalog, known: &Known<'_>) -> String {
    let short = text(table, catalog, known, false);
    let lacks = lacking(&short.source, table, catalog, known);
    if lacks.is_empty() {
        return short.shown;
    }
    // Names that are not what the server would give, one of which was not foreseen.
    let long = text(table, catalog, known, true);
    let lacks = lacking(&long.source, table, catalog, known);
    let notes = lacks.iter().map(|line| format!("// No attribute says: {line}\n")).collect::<String>();
    notes + &long.shown
}

/// What a source does not say of a table.
fn lacking(source: &str, table: &Table, catalog: &Catalog, known: &Known<'_>) -> Vec<String> {
    let file = "attributes".to_owned();
    let read = || {
        let parsed = parse_file(&file, source)?;
        let mut models = Models { tables: known.tables.clone(), ..Models::default() };
        own(&mut models, &[(file.clone(), Rc::new(parsed))], catalog.dialect, &mut Cache::default())?;
        Ok::<_, crate::error::Error>(models)
    };
    match read() {
        Err(error) => vec![error.message],
        Ok(models) => match models.owned.get(&table.name) {
            None => vec!["the table itself".to_owned()],
            Some(owned) => against(owned, table, catalog).iter().map(Change::describe).collect(),
        },
    }
}

/// A struct as text: as it is shown, and with nothing left out, as it is read back.
struct Printed {
    shown: String,
    source: String,
}

fn text(table: &Table, catalog: &Catalog, known: &Known<'_>, all_names: bool) -> Printed {
    let declared = known.tables.get(&table.name);
    let rust_name = declared.map_or_else(|| table.name.name.clone(), |declared| declared.rust_name.clone());
    let of_table = known.structs.iter().filter(|one| one.table == rust_name);
    let best = of_table.max_by_key(|one| (one.fields.len(), std::cmp::Reverse(one.at.to_string())));
    let mut printer = Printer { table, catalog, declared, known, all_names, on_struct: Vec::new(), fields: Vec::new() };
    printer.columns(best);
    printer.rest();
    let mut lines = String::new();
    let keys: String = printer.on_struct.iter().map(|key| format!("    {key},\n")).collect();
    if !keys.is_empty() {
        lines.push_str(&format!("#[ops(\n{keys})]\n"));
    }
    let name = best.map_or_else(|| camel_case(&rust_name), |best| best.name.clone());
    // A field may have another name than its column: its attribute is there already.
    let body = |name: fn(&ReadField) -> &String| {
        let field = |(keys, field): &(Vec<String>, ReadField)| {
            let keys = if keys.is_empty() { String::new() } else { format!("    #[ops({})]\n", keys.join(", ")) };
            format!("{keys}    pub {}: {},\n", ident(name(field)), field.text)
        };
        printer.fields.iter().map(field).collect::<String>()
    };
    let head = format!("#[derive(OpsModel)]\n#[diesel(table_name = {}::{})]\n", known.module, ident(&rust_name));
    let whole = |head: &str, body: &str| match body {
        "" => format!("{head}{lines}pub struct {name};\n"),
        body => format!("{head}{lines}pub struct {name} {{\n{body}}}\n"),
    };
    let shown = body(|field| &field.name);
    let shown = match best {
        None => format!(
            "/// The table `{}`.\n#[expect(dead_code, reason = \"it states the table\")]\n{}",
            table.name,
            whole(&head, &shown)
        ),
        Some(best) => {
            let of = format!("#[diesel(table_name = {})]\n", ident(&rust_name));
            let head = format!("#[derive(…, OpsModel)]\n{}", if best.says_table { "" } else { &of });
            format!("// {}: derive OpsModel for {}, and add these lines.\n{}", best.at, best.name, whole(&head, &shown))
        }
    };
    Printed { shown, source: whole(&head, &body(|field| &field.column)) }
}

fn camel_case(name: &str) -> String {
    let words = name.split(['_', ' ', '-']).filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

struct Printer<'a> {
    table: &'a Table,
    catalog: &'a Catalog,
    declared: Option<&'a ModelTable>,
    known: &'a Known<'a>,
    /// Say each name, though it is the one that would be given.
    all_names: bool,
    on_struct: Vec<String>,
    /// Fields, with what is said of them.
    fields: Vec<(Vec<String>, ReadField)>,
}

impl Printer<'_> {
    fn dialect(&self) -> Dialect {
        self.catalog.dialect
    }

    fn columns(&mut self, of: Option<&ReadStruct>) {
        let mut left = Vec::new();
        for column in &self.table.columns {
            let known = self.declared.and_then(|table| table.column(&column.name));
            let rust_name = known.map_or(&column.name, |known| &known.rust_name);
            let field = match of {
                Some(of) => of.fields.iter().find(|field| field.column == *rust_name).cloned(),
                None => plain_field(column, rust_name, self.dialect()),
            };
            let keys = self.keys(column, known, field.as_ref());
            match field {
                Some(field) => self.fields.push((keys, field)),
                None => {
                    let mut words = vec![ident(rust_name)];
                    words.extend(keys);
                    left.push(format!("column({})", words.join(", ")));
                }
            }
        }
        self.on_struct.extend(left);
    }

    /// What is said of a column.
    fn keys(&self, column: &Column, known: Option<&ModelColumn>, field: Option<&ReadField>) -> Vec<String> {
        let mut keys = Vec::new();
        let is_key = self.table.key_columns() == [column.name.clone()];
        if is_key && !self.key_is_known() {
            keys.push("primary_key".to_owned());
        }
        keys.extend(self.type_key(column, known, field));
        let nullable = field.map_or_else(|| known.is_some_and(|known| known.nullable), |field| field.nullable);
        let in_key = self.table.key_columns().contains(&column.name);
        if nullable != column.nullable && !in_key {
            keys.push(if column.nullable { "nullable".to_owned() } else { "nullable = false".to_owned() });
        }
        keys.extend(self.numbering(column, is_key));
        if let Some(default) = &column.default {
            keys.push(format!("default = {}", value(&default.sql)));
        }
        if let Some(generated) = &column.generated {
            let expr = words::quoted(&generated.expr.sql);
            keys.push(if generated.stored {
                format!("generated = {expr}")
            } else {
                format!("generated({expr}, virtual)")
            });
        }
        for (key, text) in [("charset", &column.charset), ("collate", &column.collation), ("comment", &column.comment)]
        {
            keys.extend(text.as_ref().map(|text| format!("{key} = {}", words::quoted(text))));
        }
        if let Some(expr) = &column.on_update {
            keys.push(format!("on_update = {}", words::quoted(&expr.sql)));
        }
        keys.extend(self.constraints_of(column));
        keys
    }

    /// The key that the type takes, where what is known of the column does not tell it.
    fn type_key(&self, column: &Column, known: Option<&ModelColumn>, field: Option<&ReadField>) -> Option<String> {
        let rust =
            field.map(|field| RustType { name: field.rust_type.clone(), stated: None, certain: field.ty.clone() });
        let from_table =
            known.map(|known| known.ty.clone()).filter(|ty| rust.as_ref().is_none_or(|rust| suits(rust, ty)));
        let ty = from_table.or_else(|| rust.and_then(|rust| rust.certain));
        let computed = |length: Option<u32>| {
            let probe = ModelColumn {
                ty: ty.clone()?,
                max_length: length,
                ..crate::models::compare::as_model(column, &crate::place::Place::file(""), self.dialect())
            };
            sql_type(&probe, self.dialect())
        };
        let numbered = self.dialect() == Dialect::Sqlite
            && column.ty.base == "INTEGER"
            && self.table.key_columns() == [column.name.clone()]
            && computed(None).is_some_and(|ty| ["INTEGER", "BIGINT", "SMALLINT"].contains(&ty.base.as_str()));
        if computed(None).as_ref() == Some(&column.ty) || numbered {
            return None;
        }
        let length = match column.ty.args.as_slice() {
            [length] => length.parse::<u32>().ok().filter(|length| *length > 0),
            _ => None,
        };
        if let Some(length) = length.filter(|length| computed(Some(*length)).as_ref() == Some(&column.ty)) {
            return Some(format!("max_length = {length}"));
        }
        if ["numeric", "decimal", "NUMERIC"].contains(&column.ty.base.as_str()) && column.ty.array == 0 && ty.is_some()
        {
            match column.ty.args.as_slice() {
                [digits] => return Some(format!("precision = {digits}")),
                [digits, scale] => return Some(format!("precision({digits}, {scale})")),
                _ => {}
            }
        }
        Some(format!("sql_type = {}", words::quoted(&column.ty.sql(self.dialect()))))
    }

    /// Whether the primary key goes without saying.
    fn key_is_known(&self) -> bool {
        let key = self.table.key_columns();
        match self.declared {
            Some(declared) => declared.primary_key == key,
            None => key == ["id"],
        }
    }

    fn numbering(&self, column: &Column, is_key: bool) -> Option<String> {
        let by_itself = is_key
            && column.name == "id"
            && ["integer", "bigint", "smallint", "int"].contains(&column.ty.base.as_str())
            && column.default.is_none()
            && !self.table.foreign_keys.iter().any(|key| key.columns == [column.name.clone()]);
        match &column.auto {
            Some(AutoValue::Serial { sequence }) => {
                let own = object_name(&self.table.name.name, Some(&column.name), "seq");
                let name = (sequence.name != own).then(|| format!("name = {}", words::quoted(&sequence.name)));
                let options = self.catalog.sequences.get(sequence).map(|one| one.options.as_str()).unwrap_or_default();
                let inner: Vec<String> = name.into_iter().chain(words::counting(options)).collect();
                Some(with_list("sequence", &inner))
            }
            Some(AutoValue::Identity { always, options }) => {
                let inner: Vec<String> =
                    always.then(|| "always".to_owned()).into_iter().chain(words::counting(options)).collect();
                (!inner.is_empty() || !by_itself).then(|| with_list("identity", &inner))
            }
            Some(AutoValue::Increment) => {
                (self.dialect() == Dialect::Sqlite || !by_itself).then(|| "identity".to_owned())
            }
            None => (by_itself && self.dialect() != Dialect::Sqlite).then(|| "identity = false".to_owned()),
        }
    }

    /// A name where it is not the one that would be given.
    fn name(&self, name: Option<&String>, given: Option<String>) -> Option<String> {
        let name = name?;
        let says =
            self.all_names || self.dialect() != Dialect::Postgres && given.is_none() || given.as_ref() != Some(name);
        says.then(|| format!("name = {}", words::quoted(name)))
    }

    /// The name that PostgreSQL gives; other servers have rules of their own.
    fn given(&self, columns: &[String], label: &str) -> Option<String> {
        let is_given = self.dialect() == Dialect::Postgres || label == "idx";
        is_given.then(|| object_name(&self.table.name.name, Some(&columns.join("_")), label))
    }

    /// Constraints and indexes of one column alone.
    fn constraints_of(&self, column: &Column) -> Vec<String> {
        let mut keys = Vec::new();
        let own = [column.name.clone()];
        for unique in self.table.uniques.iter().filter(|unique| unique.columns == own).take(1) {
            keys.push(with_list("unique", &self.of_unique(unique)));
        }
        for index in self.table.indexes.iter().filter(|index| words::is_of_column(index, &column.name)) {
            keys.push(with_list("index", &self.of_index(index)));
        }
        for key in self.table.foreign_keys.iter().filter(|key| key.columns == own) {
            let target = self.rust_table(&key.references);
            let columns = self.rust_columns(&key.references, &key.ref_columns);
            let target = match columns.as_slice() {
                [column] => format!("{target}.{column}"),
                _ => target,
            };
            let mut words = vec![target];
            words.extend(self.of_foreign_key(key));
            keys.push(format!("references({})", words.join(", ")));
        }
        keys
    }

    fn of_unique(&self, unique: &crate::catalog::Unique) -> Vec<String> {
        let mut found: Vec<String> =
            self.name(unique.name.as_ref(), self.given(&unique.columns, "key")).into_iter().collect();
        if unique.nulls_not_distinct {
            found.push("nulls_not_distinct".to_owned());
        }
        found.extend(words::timing(unique.deferrable));
        found
    }

    fn of_index(&self, index: &crate::catalog::Index) -> Vec<String> {
        let given = self.given(&words::index_words(index), "idx");
        let mut found: Vec<String> = self.name(Some(&index.name), given).into_iter().collect();
        found.extend(words::index_options(index, |name| self.rust_column(name)));
        found
    }

    fn of_foreign_key(&self, key: &crate::catalog::ForeignKey) -> Vec<String> {
        let mut found = words::actions(key);
        found.extend(self.name(key.name.as_ref(), self.given(&key.columns, "fkey")));
        found.extend(words::timing(key.deferrable));
        found
    }

    fn rust_column(&self, name: &str) -> String {
        ident(self.declared.and_then(|table| table.column(name)).map_or(name, |column| &column.rust_name))
    }

    fn rust_table(&self, name: &Name) -> String {
        match self.known.tables.get(name) {
            Some(table) => ident(&table.rust_name),
            None if name.schema.is_some() => words::quoted(&name.to_string()),
            None => ident(&name.name),
        }
    }

    fn rust_columns(&self, table: &Name, columns: &[String]) -> Vec<String> {
        let known = self.known.tables.get(table);
        let rust =
            |name: &String| ident(known.and_then(|table| table.column(name)).map_or(name, |column| &column.rust_name));
        columns.iter().map(rust).collect()
    }

    /// What is said of the table beside its columns.
    fn rest(&mut self) {
        let mut keys = Vec::new();
        let table = self.table;
        let names = |columns: &[String]| columns.iter().map(|name| self.rust_column(name)).collect::<Vec<_>>();
        let key_name = table.primary_key.as_ref().and_then(|key| key.name.as_ref());
        let key_name = key_name.filter(|name| **name != object_name(&table.name.name, None, "pkey"));
        let key_name = key_name.filter(|_| self.dialect() == Dialect::Postgres);
        let several = table.key_columns().len() != 1 && !self.key_is_known();
        if several || key_name.is_some() {
            let mut words = names(table.key_columns());
            words.extend(key_name.map(|name| format!("name = {}", words::quoted(name))));
            keys.push(format!("primary_key({})", words.join(", ")));
        }
        let mut seen = Vec::new();
        for unique in &table.uniques {
            let at_column = unique.columns.len() == 1 && !seen.contains(&&unique.columns);
            seen.push(&unique.columns);
            if !at_column {
                keys.push(with_list("unique", &[names(&unique.columns), self.of_unique(unique)].concat()));
            }
        }
        let is_at_column =
            |index: &crate::catalog::Index| table.columns.iter().any(|column| words::is_of_column(index, &column.name));
        for index in table.indexes.iter().filter(|index| !is_at_column(index)) {
            let parts = words::index_parts(index, |name| self.rust_column(name));
            keys.push(with_list("index", &[parts, self.of_index(index)].concat()));
        }
        for key in table.foreign_keys.iter().filter(|key| key.columns.len() > 1) {
            let target = self.rust_table(&key.references);
            let target = with_list(&target, &self.rust_columns(&key.references, &key.ref_columns));
            let words =
                [names(&key.columns), vec![format!("references = {target}")], self.of_foreign_key(key)].concat();
            keys.push(with_list("foreign_key", &words));
        }
        let at_columns = table.columns.iter().filter_map(|column| column.check.as_ref());
        keys.extend(at_columns.map(|check| format!("check({})", words::quoted(&check.sql))));
        for check in &table.checks {
            let mut words = vec![words::quoted(&check.expr.sql)];
            words.extend(self.name(check.name.as_ref(), self.check_name(&check.expr.sql)));
            keys.push(with_list("check", &words));
        }
        keys.extend(suffix_of(table, self.catalog).map(|suffix| match suffix {
            HISTORY_SUFFIX => "history".to_owned(),
            suffix => format!("history(suffix = {})", words::quoted(suffix)),
        }));
        for exclude in &table.excludes {
            let text = exclude.text.sql.trim_start_matches("EXCLUDE").trim();
            let mut words = vec![words::quoted(text)];
            words.extend(self.name(exclude.name.as_ref(), None));
            keys.push(with_list("exclude", &words));
        }
        keys.extend(table.comment.as_ref().map(|comment| format!("comment = {}", words::quoted(comment))));
        keys.extend(words::options(&table.options));
        self.on_struct.extend(keys);
    }

    /// The name that PostgreSQL gives to a check: of one column, if it speaks of but one.
    fn check_name(&self, expr: &str) -> Option<String> {
        if self.dialect() != Dialect::Postgres {
            return None;
        }
        let speaks = |column: &&Shared<Column>| words::mentions(expr, &column.name);
        let mut columns = self.table.columns.iter().filter(speaks);
        let only = columns.next().filter(|_| columns.next().is_none()).map(|column| column.name.as_str());
        Some(object_name(&self.table.name.name, only, "check"))
    }
}

fn with_list(key: &str, inner: &[String]) -> String {
    if inner.is_empty() { key.to_owned() } else { format!("{key}({})", inner.join(", ")) }
}

/// A number or a truth value as it is, everything else as a text.
fn value(sql: &str) -> String {
    let is_number = sql.parse::<i64>().is_ok_and(|number| number.to_string() == sql);
    if is_number || ["true", "false"].contains(&sql) { sql.to_owned() } else { words::quoted(sql) }
}

/// A field for a column whose Rust type every project has.
fn plain_field(column: &Column, rust_name: &str, dialect: Dialect) -> Option<ReadField> {
    let ty: DieselType = from_sql(&SqlType { args: Vec::new(), ..column.ty.clone() }, dialect);
    let name = crate::models::types::canonical(&ty);
    let rust = match name.as_str() {
        "Text" => "String",
        "SmallInt" => "i16",
        "Integer" => "i32",
        "BigInt" => "i64",
        "Bool" => "bool",
        "Float" => "f32",
        "Double" => "f64",
        "Binary" => "Vec<u8>",
        _ => return None,
    };
    let text = if column.nullable { format!("Option<{rust}>") } else { rust.to_owned() };
    Some(ReadField {
        name: rust_name.to_owned(),
        column: rust_name.to_owned(),
        rust_type: rust.to_owned(),
        text,
        nullable: column.nullable,
        ty: Some(DieselType::plain(name)),
        at: crate::place::Place::file(""),
    })
}
