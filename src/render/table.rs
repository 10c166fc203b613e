//! Tables, columns, constraints and indexes as the parts of SQL that both dialects share; what
//! differs between the dialects is asked for where it differs.

use super::names;
use super::text::{in_parentheses, is_call, is_plain_default, is_wrapped, list};
use crate::catalog::{
    Action, AutoValue, Check, Column, Exclude, ForeignKey, Index, IndexKey, IndexPart, Name, PrimaryKey, Table, Unique,
};
use crate::dialect::Dialect;

/// The whole table as one CREATE TABLE statement, foreign keys included; indexes, triggers and
/// comments are statements of their own, except for MySQL's indexes and comments.
pub fn create_table(table: &Table, dialect: Dialect) -> String {
    if dialect == Dialect::Mysql {
        return super::mysql::create_table(table);
    }
    create_table_as(table, &table.name, dialect, true)
}

/// The table's CREATE TABLE under another name; constraints keep the names they have.
pub(super) fn create_table_as(table: &Table, name: &Name, dialect: Dialect, with_foreign_keys: bool) -> String {
    let name = name.sql(dialect);
    if let Some(module) = &table.options.virtual_module {
        return format!("CREATE VIRTUAL TABLE {name} USING {module};");
    }
    let inline_key = inline_key(table, dialect);
    let mut lines: Vec<String> = table
        .columns
        .iter()
        .map(|column| match inline_key {
            Some((key, of)) if of == column.name => format!("{}{key}", column_definition(column, dialect)),
            _ => column_definition(column, dialect),
        })
        .collect();
    if let Some(key) = table.primary_key.as_ref().filter(|_| inline_key.is_none()) {
        lines.push(primary_key(&table.name, key, dialect));
    }
    lines.extend(table.uniques.iter().map(|u| unique(&table.name, u, dialect)));
    lines.extend(table.checks.iter().map(|c| check(table, c, dialect)));
    lines.extend(table.excludes.iter().map(|e| exclude(&table.name, e, dialect)));
    if with_foreign_keys {
        lines.extend(table.foreign_keys.iter().map(|k| foreign_key(&table.name, k, dialect)));
    }
    let unlogged = if table.options.unlogged { "UNLOGGED " } else { "" };
    if let (Some(parent), Some(bounds)) = (&table.options.partition_of, &table.options.partition_bounds) {
        let own = own_constraints(table, lines);
        let parent = parent.sql(dialect);
        return format!("CREATE {unlogged}TABLE {name} PARTITION OF {parent}{own} {bounds}{};", table_options(table));
    }
    let body = if lines.is_empty() { String::new() } else { format!("\n    {}\n", lines.join(",\n    ")) };
    format!("CREATE {unlogged}TABLE {name} ({body}){};", table_options(table))
}

/// What a partition has beside the columns of the whole table, in parentheses.
fn own_constraints(table: &Table, lines: Vec<String>) -> String {
    let own: Vec<String> = lines.into_iter().skip(table.columns.len()).collect();
    if own.is_empty() { String::new() } else { format!(" (\n    {}\n)", own.join(",\n    ")) }
}

/// Characters after which a statement goes on in a second line.
const LONG: usize = 100;

/// `ALTER TABLE` with one or several actions; several, or a long one, stand on lines of their own.
pub(super) fn alter_table(table: &Name, actions: &[String], dialect: Dialect) -> String {
    let table = table.sql(dialect);
    match actions {
        [action] if table.len() + action.len() < LONG => format!("ALTER TABLE {table} {action};"),
        actions => format!("ALTER TABLE {table}\n    {};", actions.join(",\n    ")),
    }
}

fn table_options(table: &Table) -> String {
    let mut options = Vec::new();
    if table.options.strict {
        options.push("STRICT");
    }
    if table.options.without_rowid {
        options.push("WITHOUT ROWID");
    }
    let partition = table.options.partition_by.as_deref().map(|text| match text.split_whitespace().next() {
        Some(first) if first.eq_ignore_ascii_case("partition") => text.to_owned(),
        _ => format!("PARTITION BY {text}"),
    });
    match (options.is_empty(), partition) {
        (_, Some(partition)) => format!(" {partition}"),
        (false, None) => format!(" {}", options.join(", ")),
        (true, None) => String::new(),
    }
}

/// SQLite: a key on one INTEGER column is the row's number and stands at the column, the only
/// place where AUTOINCREMENT may stand (sqlite.org/lang_createtable.html section 5).
fn inline_key(table: &Table, dialect: Dialect) -> Option<(&'static str, &str)> {
    let key = table.primary_key.as_ref()?;
    let [name] = key.columns.as_slice() else { return None };
    let column = table.column(name, dialect)?;
    if dialect != Dialect::Sqlite || column.ty.to_string() != "INTEGER" || (key.name.is_some() && column.auto.is_none())
    {
        return None;
    }
    let text = if column.auto == Some(AutoValue::Increment) { " PRIMARY KEY AUTOINCREMENT" } else { " PRIMARY KEY" };
    Some((text, column.name.as_str()))
}

/// A column as CREATE TABLE and ADD COLUMN spell it, without keys.
pub(super) fn column_definition(column: &Column, dialect: Dialect) -> String {
    let mut text = dialect.quote(&column.name);
    let ty = column_type(column, dialect);
    if !ty.is_empty() {
        text.push(' ');
        text.push_str(&ty);
    }
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {}", collation_sql(collation, dialect)));
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        text.push_str(&format!(" GENERATED ALWAYS AS {} {kind}", in_parentheses(&generated.expr.sql)));
    }
    if let Some(AutoValue::Identity { always, options }) = &column.auto {
        text.push_str(&format!(" {}", identity(*always, options)));
    }
    // Serial and identity columns are NOT NULL by themselves.
    let implied = matches!(column.auto, Some(AutoValue::Serial { .. } | AutoValue::Identity { .. }));
    if !column.nullable && !implied {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT {}", default_sql(&default.sql, dialect)));
    }
    text
}

/// SQLite wants parentheses around everything but literals and the clock's keywords.
fn default_sql(sql: &str, dialect: Dialect) -> String {
    if dialect == Dialect::Sqlite && !is_plain_default(sql) { in_parentheses(sql) } else { sql.to_owned() }
}

fn column_type(column: &Column, dialect: Dialect) -> String {
    if let Some(AutoValue::Serial { .. }) = &column.auto {
        match column.ty.base.as_str() {
            "smallint" => return "smallserial".to_owned(),
            "integer" => return "serial".to_owned(),
            "bigint" => return "bigserial".to_owned(),
            _ => {}
        }
    }
    column.ty.sql(dialect)
}

/// `GENERATED … AS IDENTITY` with its options.
pub(super) fn identity(always: bool, options: &str) -> String {
    let when = if always { "ALWAYS" } else { "BY DEFAULT" };
    let options = match options.trim() {
        "" => String::new(),
        options => format!(" {}", in_parentheses(options)),
    };
    format!("GENERATED {when} AS IDENTITY{options}")
}

/// A collation's name, quoted; one in a schema (`pg_catalog."C"`) is already SQL.
pub(super) fn collation_sql(collation: &str, dialect: Dialect) -> String {
    if collation.contains(['"', '.']) { collation.to_owned() } else { dialect.quote(collation) }
}

fn named(name: Option<String>, dialect: Dialect) -> String {
    name.map(|name| format!("CONSTRAINT {} ", dialect.quote(&name))).unwrap_or_default()
}

/// The name that is written: PostgreSQL's default where none was given, else the given one.
fn spelled(given: Option<&String>, default: impl FnOnce() -> String, dialect: Dialect) -> Option<String> {
    match (given, dialect) {
        (Some(name), _) => Some(name.clone()),
        (None, Dialect::Postgres) => Some(default()),
        (None, _) => None,
    }
}

pub(super) fn primary_key(table: &Name, key: &PrimaryKey, dialect: Dialect) -> String {
    let name = spelled(key.name.as_ref(), || names::primary_key(table, key), dialect);
    format!("{}PRIMARY KEY ({})", named(name, dialect), list(&key.columns, dialect))
}

pub(super) fn unique(table: &Name, unique: &Unique, dialect: Dialect) -> String {
    let name = spelled(unique.name.as_ref(), || names::unique(table, unique), dialect);
    let nulls = if unique.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
    let columns = list(&unique.columns, dialect);
    format!("{}UNIQUE{nulls} ({columns}){}", named(name, dialect), unique.deferrable.sql())
}

pub(super) fn check(table: &Table, check: &Check, dialect: Dialect) -> String {
    let name = spelled(check.name.as_ref(), || names::check(table, check), dialect);
    format!("{}CHECK {}", named(name, dialect), in_parentheses(&check.expr.sql))
}

pub(super) fn exclude(table: &Name, exclude: &Exclude, dialect: Dialect) -> String {
    let name = spelled(exclude.name.as_ref(), || names::exclude(table, None), dialect);
    format!("{}EXCLUDE {}", named(name, dialect), exclude.text)
}

pub(super) fn foreign_key(table: &Name, key: &ForeignKey, dialect: Dialect) -> String {
    let name = spelled(key.name.as_ref(), || names::foreign_key(table, key), dialect);
    format!("{}FOREIGN KEY ({}) {}", named(name, dialect), list(&key.columns, dialect), references(key, dialect))
}

/// `REFERENCES …` with actions and timing.
pub(super) fn references(key: &ForeignKey, dialect: Dialect) -> String {
    let mut text = format!("REFERENCES {}", key.references.sql(dialect));
    if !key.ref_columns.is_empty() {
        text.push_str(&format!(" ({})", list(&key.ref_columns, dialect)));
    }
    if key.on_update != Action::NoAction {
        text.push_str(&format!(" ON UPDATE {}", key.on_update.sql()));
    }
    if key.on_delete != Action::NoAction {
        text.push_str(&format!(" ON DELETE {}", key.on_delete.sql()));
    }
    text.push_str(key.deferrable.sql());
    text
}

/// An index with all its facts.
pub fn create_index(table: &Name, index: &Index, dialect: Dialect) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let method = index.method.as_ref().map(|method| format!(" USING {method}")).unwrap_or_default();
    let parts = index.parts.iter().map(|part| index_part(part, dialect)).collect::<Vec<_>>().join(", ");
    let name = dialect.quote(&index.name);
    let mut text = format!("CREATE {unique}INDEX {name} ON {}{method} ({parts})", table.sql(dialect));
    if !index.include.is_empty() {
        text.push_str(&format!(" INCLUDE ({})", list(&index.include, dialect)));
    }
    if index.nulls_not_distinct {
        text.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(with) = &index.with {
        text.push_str(&storage(with));
    }
    if let Some(predicate) = &index.predicate {
        text.push_str(&format!(" WHERE {predicate}"));
    }
    text.push(';');
    text
}

/// Storage parameters, with or without the word and the parentheses that they may carry.
fn storage(with: &str) -> String {
    let with = with.trim();
    if with.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("with")) {
        format!(" {with}")
    } else {
        format!(" WITH {}", in_parentheses(with))
    }
}

fn index_part(part: &IndexPart, dialect: Dialect) -> String {
    let mut text = match &part.key {
        IndexKey::Column(name) => dialect.quote(name),
        // Both dialects take a call bare; PostgreSQL wants parentheses around everything else.
        IndexKey::Expr(expr) if is_call(&expr.sql) || is_wrapped(&expr.sql) => expr.sql.clone(),
        IndexKey::Expr(expr) => format!("({expr})"),
    };
    if let Some(collation) = &part.collation {
        text.push_str(&format!(" COLLATE {}", collation_sql(collation, dialect)));
    }
    if let Some(class) = &part.operator_class {
        text.push_str(&format!(" {class}"));
    }
    if part.descending {
        text.push_str(" DESC");
    }
    match part.nulls_first {
        Some(true) => text.push_str(" NULLS FIRST"),
        Some(false) => text.push_str(" NULLS LAST"),
        None => {}
    }
    text
}
