//! Rows for the laws on real engines: made so that the other schema takes them too wherever a value
//! can, read back by the columns that both schemas have, and compared. Row `n` of every table has
//! the id `n`, so that foreign keys need no order; the last row is NULL wherever it may be.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, Column, Expr, ForeignKey, IndexKey, Name, SqlType, Table};
use crate::db::Database;
use crate::dialect::Dialect;
use crate::diff::{self, Answers};
use crate::operation::Operation;
use crate::render::Script;

/// What values of a type look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Number,
    Text,
    Boolean,
    Time,
    Enum,
    Other,
}

fn family(ty: &SqlType, catalog: &Catalog) -> Family {
    let base = ty.base.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| base.starts_with(part));
    if ty.array > 0 {
        Family::Other
    } else if catalog.enums.keys().any(|name| name.to_string() == ty.base) || has(&["enum"]) {
        Family::Enum
    } else if catalog.domains.keys().any(|name| name.to_string() == ty.base)
        || has(&["int", "bigint", "smallint", "tinyint", "numeric", "decimal", "double", "real"])
    {
        Family::Number
    } else if has(&["text", "character", "varchar"]) {
        Family::Text
    } else if has(&["bool"]) {
        Family::Boolean
    } else if has(&["date", "timestamp"]) {
        Family::Time
    } else {
        Family::Other
    }
}

/// Rows for one schema that is to become another.
pub(super) struct Rows<'a> {
    pub(super) from: &'a Catalog,
    pub(super) to: &'a Catalog,
    /// How many in each table.
    pub(super) count: usize,
}

impl Rows<'_> {
    /// The statements that fill every table that can have rows on both sides.
    pub(super) fn statements(&self) -> String {
        let (off, on) = match self.from.dialect {
            Dialect::Postgres => ("SET session_replication_role = replica;", "SET session_replication_role = DEFAULT;"),
            Dialect::Sqlite => ("PRAGMA foreign_keys = OFF;", "PRAGMA foreign_keys = ON;"),
            Dialect::Mysql => ("SET foreign_key_checks = 0;", "SET foreign_key_checks = 1;"),
        };
        let filled: Vec<&Table> =
            self.from.tables.values().map(|t| &**t).filter(|table| self.has_rows(&table.name)).collect();
        let rows = filled.iter().flat_map(|table| (1..=self.count).map(|n| self.insert(table, n)));
        [vec![off.to_owned()], rows.collect(), vec![on.to_owned()]].concat().join("\n")
    }

    /// Whether every column can have a value that the other schema takes, and each foreign key that a row
    /// has to satisfy leads to a table with rows.
    fn has_rows(&self, table: &Name) -> bool {
        fn has(rows: &Rows<'_>, name: &Name, on_the_way: &[&Name]) -> bool {
            let Some(table) = rows.from.table(name) else { return false };
            if table.columns.iter().any(|column| !rows.may_be_null(table, column) && !rows.converts(table, column)) {
                return false;
            }
            let keys = rows.keys(table);
            let mut needed = keys.iter().filter(|key| !rows.is_optional(table, key)).map(|key| &key.references);
            let way = [on_the_way, &[name]].concat();
            needed.all(|parent| way.contains(&parent) || has(rows, parent, &way))
        }
        has(self, table, &[])
    }

    /// The foreign keys of both sides that lie on columns which are there.
    fn keys(&self, table: &Table) -> Vec<ForeignKey> {
        let dialect = self.from.dialect;
        let later = self.to.table(&table.name).into_iter().flat_map(|table| &table.foreign_keys);
        let all = table.foreign_keys.iter().chain(later);
        all.filter(|key| key.columns.iter().all(|name| table.column(name, dialect).is_some())).cloned().collect()
    }

    fn is_optional(&self, table: &Table, key: &ForeignKey) -> bool {
        let column = |name: &String| table.column(name, self.from.dialect);
        key.columns.iter().any(|name| column(name).is_some_and(|column| self.may_be_null(table, column)))
    }

    /// Whether a row may have NULL there: no key, and on this side nothing against it.
    fn may_be_null(&self, table: &Table, column: &Column) -> bool {
        let is_key = |table: &Table| table.key_columns().contains(&column.name);
        column.nullable && !is_key(table) && !self.to.table(&table.name).is_some_and(is_key)
    }

    fn insert(&self, table: &Table, n: usize) -> String {
        let dialect = self.from.dialect;
        let columns = table.columns.iter().filter(|column| column.generated.is_none());
        let (names, values): (Vec<String>, Vec<String>) =
            columns.map(|column| (dialect.quote(&column.name), self.value(table, column, n))).unzip();
        let overriding = if dialect == Dialect::Postgres { " OVERRIDING SYSTEM VALUE" } else { "" };
        let (name, names, values) = (table.name.sql(dialect), names.join(", "), values.join(", "));
        format!("INSERT INTO {name} ({names}){overriding} VALUES ({values});")
    }

    fn value(&self, table: &Table, column: &Column, n: usize) -> String {
        let key = self.keys(table).into_iter().find(|key| key.columns.contains(&column.name));
        let may_be_null = self.may_be_null(table, column);
        let stays = |name: &Name| self.has_rows(name) && self.to.table(name).is_some();
        let leads_nowhere =
            self.keys(table).iter().any(|key| key.columns.contains(&column.name) && !stays(&key.references));
        let is_repeated = n > 1 && self.is_among_keys(table, column) && self.has_few_values(&column.ty);
        if may_be_null && (leads_nowhere || !self.converts(table, column) || is_repeated || (n == self.count && n > 1))
        {
            return "NULL".to_owned();
        }
        let target = key.filter(|_| self.from.dialect != Dialect::Mysql).and_then(|key| {
            let at = key.columns.iter().position(|name| *name == column.name)?;
            key.ref_columns.get(at).cloned()
        });
        self.plain(target.as_deref().unwrap_or(&column.name), column, n, may_be_null)
    }

    /// Whether no two rows may have it alike, on this side or the other.
    fn is_among_keys(&self, table: &Table, column: &Column) -> bool {
        let later = self.to.table(&table.name);
        is_among_keys(table, &column.name) || later.is_some_and(|later| is_among_keys(later, &column.name))
    }

    fn has_few_values(&self, ty: &SqlType) -> bool {
        let few = matches!(family(ty, self.from), Family::Boolean | Family::Enum);
        few || self.from.enums.keys().any(|name| name.to_string() == ty.base)
    }

    /// Whether values of the column are values of what it becomes.
    fn converts(&self, table: &Table, column: &Column) -> bool {
        let later = self.to.table(&table.name).and_then(|table| table.column(&column.name, self.from.dialect));
        let Some(later) = later.filter(|later| later.ty != column.ty) else { return true };
        let digits = |family| matches!(family, Family::Number | Family::Text) && self.from.dialect != Dialect::Mysql;
        let (a, b) = (family(&column.ty, self.from), family(&later.ty, self.to));
        (a == b && a != Family::Other) || (digits(a) && digits(b))
    }

    /// A value by the name that the generators give some columns, else by its type.
    fn plain(&self, name: &str, column: &Column, n: usize, may_be_null: bool) -> String {
        let dialect = self.from.dialect;
        match (name, dialect) {
            ("id", _) | ("e" | "h", Dialect::Mysql) => return n.to_string(),
            // A check wants it below `e`.
            ("f", Dialect::Mysql) if n > 1 => return (n - 1).to_string(),
            ("f", Dialect::Mysql) if may_be_null => return "NULL".to_owned(),
            _ => {}
        }
        let ty = &column.ty;
        match (family(ty, self.from), dialect) {
            (Family::Number, _) => (10 + n).to_string(),
            (Family::Text, Dialect::Mysql) => format!("'{}'", ["x", "y"][n % 2]),
            (Family::Text, _) => format!("'1{n}'"),
            (Family::Boolean, Dialect::Postgres) => "true".to_owned(),
            (Family::Boolean, _) => "1".to_owned(),
            (Family::Time, _) => format!("'2020-01-0{n}{}'", if ty.base == "date" { "" } else { " 01:02:03" }),
            (Family::Enum, Dialect::Mysql) => ty.args[n % ty.args.len()].clone(),
            (Family::Enum, _) => dialect.literal(&self.label(&ty.base, n)),
            (Family::Other, _) => self.other(ty, n),
        }
    }

    /// A value of a type that has no others like it.
    fn other(&self, ty: &SqlType, n: usize) -> String {
        match ty.base.as_str() {
            "BLOB" => format!("x'313{n}'"),
            "bit" => format!("b'1{}'", n % 2),
            "set" => "'p'".to_owned(),
            "json" | "jsonb" if ty.array == 0 => format!("'{{\"a\": {n}}}'"),
            "uuid" if ty.array == 0 => format!("'00000000-0000-0000-0000-00000000000{n}'"),
            "bytea" if ty.array == 0 => format!("'\\x0{n}'"),
            base if self.from.enums.keys().any(|name| name.to_string() == base) => {
                format!("'{{{}}}'", self.label(base, n))
            }
            _ => format!("'{{1{n}}}'"),
        }
    }

    /// A label of an enum; where there is a choice, one that stays, and not the one that checks refuse.
    fn label(&self, name: &str, n: usize) -> String {
        let of = |catalog: &Catalog| {
            catalog.enums.iter().find(|(key, _)| key.to_string() == name).map(|(_, ty)| ty.values.clone())
        };
        let mut labels = of(self.from).unwrap_or_default();
        if let Some(later) = of(self.to) {
            labels.retain(|label| later.contains(label));
        }
        let free: Vec<&String> = labels.iter().filter(|label| *label != "sad").collect();
        free.get(n % free.len().max(1)).copied().or(labels.first()).cloned().unwrap_or_default()
    }
}

/// A value for the rows of each column that could not do without.
pub(in crate::render) fn answers(from: &Catalog, to: &Catalog) -> Answers {
    let mut answers = Answers::default();
    for operation in diff::diff(from, to, &answers) {
        let (table, column) = match operation {
            Operation::AddColumn { table, column, .. } if !column.fills_itself() => (table, column),
            Operation::SetNotNull { table, column, .. } => (table, column),
            _ => continue,
        };
        let value = match &column.default {
            Some(default) => default.clone(),
            None => to.table(&table).map_or_else(|| Expr::new("''"), |of| Expr::new(fill(to, of, &column))),
        };
        answers.fills.insert((table, column.name), value);
    }
    answers
}

/// The value of rows that have none: computed from the id where no two may be alike.
fn fill(to: &Catalog, table: &Table, column: &Column) -> String {
    let one = Rows { from: to, to, count: 1 };
    let key = table.foreign_keys.iter().find(|key| key.columns.contains(&column.name));
    if key.is_some_and(|key| key.columns.len() == 1) || !is_among_keys(table, &column.name) {
        return match key {
            Some(_) => "1".to_owned(),
            None => one.plain(&column.name, column, 3, false),
        };
    }
    match (family(&column.ty, to), to.dialect) {
        (Family::Number, _) => "10 + id".to_owned(),
        (Family::Text, Dialect::Mysql) => "concat('x', id)".to_owned(),
        (Family::Text, _) => "'1' || id".to_owned(),
        _ => one.plain(&column.name, column, 3, false),
    }
}

/// Whether it is in something that no two rows may have alike.
fn is_among_keys(table: &Table, column: &str) -> bool {
    let named = |names: &[String]| names.iter().any(|name| name == column);
    let indexed = table.indexes.iter().filter(|index| index.unique).any(|index| {
        index.parts.iter().any(|part| match &part.key {
            IndexKey::Column(name) => name == column,
            IndexKey::Expr(expr) => expr.sql.contains(column),
        })
    });
    let excluded = table.excludes.iter().any(|exclude| exclude.text.sql.contains(column));
    indexed || excluded || named(table.key_columns()) || table.uniques.iter().any(|unique| named(&unique.columns))
}

/// A table that both schemas have, with the columns that both have, each by its names before and after.
struct Common {
    tables: [Name; 2],
    columns: Vec<[String; 2]>,
}

/// What the rows were before a script, and what it may change of them.
pub(super) struct Kept {
    tables: Vec<(Common, Values)>,
    /// Tables, and columns of tables, that the operations say they lose; by the names after.
    lost: BTreeSet<(Name, Option<String>)>,
    /// Values of enums that get another name.
    renamed: Vec<[String; 2]>,
}

/// The values of a table's rows, by id.
type Values = BTreeMap<String, Vec<Option<String>>>;

impl Kept {
    /// Reads the rows.
    pub(super) fn read(db: &mut Database, from: &Catalog, to: &Catalog, answers: &Answers, script: &Script) -> Self {
        let read = |common: Common| {
            let values = common.values(db, 0);
            (common, values)
        };
        let tables = common(from, to, answers).into_iter().map(read).collect();
        let operations = script.operations.iter().chain(&script.reverse);
        let renamed = answers.renames.values.iter().map(|((_, old), new)| [old.clone(), new.clone()]).collect();
        let lost = operations.filter(|operation| operation.loss().is_some()).flat_map(losers).collect();
        Self { tables, lost, renamed }
    }

    /// How many rows there are of which something has to be kept.
    pub(super) fn rows(&self) -> usize {
        self.tables.iter().map(|(_, values)| values.len()).sum()
    }

    /// What is not as it was after `up` (`side` 1) or after `down` (`side` 0). Where a value had to be
    /// given for a NULL, any will do.
    pub(super) fn changes(&self, db: &mut Database, side: usize, to: &Catalog) -> Vec<String> {
        let mut changes = Vec::new();
        for (common, before) in &self.tables {
            let name = &common.tables[1];
            if self.lost.contains(&(name.clone(), None)) {
                continue;
            }
            let now = common.values(db, side);
            if now.keys().ne(before.keys()) {
                changes.push(format!("{name} had rows {:?} and has {:?}", before.keys(), now.keys()));
                continue;
            }
            for ((id, was), is) in before.iter().zip(now.values()) {
                for ((column, was), is) in common.columns.iter().zip(was).zip(is) {
                    let later = to.table(name).and_then(|table| table.column(&column[1], to.dialect));
                    let filled = was.is_none() && later.is_some_and(|later| !later.nullable);
                    let lost = self.lost.contains(&(name.clone(), Some(column[1].clone())));
                    let was = if side == 1 { self.by_new_name(was) } else { was.clone() };
                    if !filled && !lost && canonical(&was) != canonical(is) {
                        changes.push(format!("{name}.{} of row {id} was {was:?} and is {is:?}", column[0]));
                    }
                }
            }
        }
        changes
    }
}

impl Kept {
    /// An enum's value, or an array of them, after the renames.
    fn by_new_name(&self, value: &Option<String>) -> Option<String> {
        let is_of = |text: &str, old: &str| text == old || text.starts_with('{');
        let rename = |text: String, [old, new]: &[String; 2]| {
            if is_of(&text, old) { text.replace(old.as_str(), new) } else { text }
        };
        value.as_ref().map(|text| self.renamed.iter().fold(text.clone(), rename))
    }
}

/// What an operation with a loss loses of.
fn losers(operation: &Operation) -> Vec<(Name, Option<String>)> {
    match operation {
        Operation::DropTable { table } => vec![(table.name.clone(), None)],
        Operation::RebuildEnum { columns, .. } => {
            columns.iter().map(|(table, column)| (table.clone(), Some(column.clone()))).collect()
        }
        Operation::DropColumn { table, column } | Operation::AlterType { table, to: column, .. } => {
            vec![(table.clone(), Some(column.name.clone()))]
        }
        _ => Vec::new(),
    }
}

fn common(from: &Catalog, to: &Catalog, answers: &Answers) -> Vec<Common> {
    let renames = &answers.renames;
    let mut found = Vec::new();
    for old in from.tables.values() {
        let name = renames.tables.get(&old.name).unwrap_or(&old.name);
        let Some(new) = to.table(name) else { continue };
        let later = |column: &Column| {
            let key = (name.clone(), column.name.clone());
            let name = renames.columns.get(&key).unwrap_or(&column.name);
            new.column(name, to.dialect).filter(|later| later.generated.is_none()).map(|later| later.name.clone())
        };
        let columns = old.columns.iter().filter(|column| column.generated.is_none());
        let columns = columns.filter_map(|column| Some([column.name.clone(), later(column)?])).collect();
        found.push(Common { tables: [old.name.clone(), name.clone()], columns });
    }
    found
}

impl Common {
    /// The rows now, with the names of that side; the first column is the id.
    fn values(&self, db: &mut Database, side: usize) -> Values {
        let dialect = db.dialect();
        let (ty, array) = match dialect {
            Dialect::Postgres => ("text", "json_build_array"),
            Dialect::Sqlite => ("text", "json_array"),
            Dialect::Mysql => ("char", "json_array"),
        };
        let text = |column: &[String; 2]| format!("CAST({} AS {ty})", dialect.quote(&column[side]));
        let columns: Vec<String> = self.columns.iter().map(text).collect();
        let row = crate::db::row_name(dialect);
        let name = self.tables[side].sql(dialect);
        let sql = format!("SELECT CAST({array}({}) AS {ty}) AS {row} FROM {name}", columns.join(", "));
        let rows = db.rows::<Vec<Option<String>>>(&sql, &[]).unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
        rows.into_iter().map(|row| (row.first().cloned().flatten().unwrap_or_default(), row)).collect()
    }
}

/// A number as a number, whatever type holds it.
fn canonical(value: &Option<String>) -> Option<String> {
    let number = |text: &String| text.parse::<f64>().map_or_else(|_| text.clone(), |number| number.to_string());
    value.as_ref().map(number)
}
