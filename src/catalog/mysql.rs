//! What MySQL and MariaDB make of a table by themselves: the one spelling of its types and character
//! sets, the names of keys that were given none, and the index that every foreign key needs. A
//! catalog from files and one from a server are brought into the same normal form here ([`settle`]).
//! SQL texts are not read here.

use std::collections::BTreeSet;

use super::{Action, Catalog, Column, Expr, Index, IndexKey, Shared, SqlType, Table, Unique};
use crate::dialect::Dialect;

const DIALECT: Dialect = Dialect::Mysql;

/// The catalog with every table in normal form.
pub fn settle_all(catalog: &mut Catalog) {
    catalog.tables.values_mut().for_each(|table| settle(table));
}

/// Brings a table into the form in which tables of this dialect are compared:
/// - a unique index of whole columns is a unique constraint, since the server knows no difference;
/// - RESTRICT is NO ACTION, which InnoDB does not tell apart (MySQL manual, FOREIGN KEY Constraints);
/// - a check named like a column stands at that column (MariaDB's `CHECK_CONSTRAINTS.LEVEL`);
/// - `longtext` with a check of `json_valid` is `json`, as MariaDB stores that type;
/// - character sets are spelled where they are not the table's, and never without a collation.
pub fn settle(table: &mut Table) {
    if let Some(key) = &mut table.primary_key {
        key.name = None;
    }
    let (plain, other): (Vec<Index>, Vec<Index>) = std::mem::take(&mut table.indexes).into_iter().partition(is_unique);
    table.indexes = other;
    table.uniques.extend(plain.into_iter().map(|index| unique(&index)));
    for key in &mut table.foreign_keys {
        for action in [&mut key.on_delete, &mut key.on_update] {
            *action = if *action == Action::Restrict { Action::NoAction } else { *action };
        }
    }
    let (at_column, own) = std::mem::take(&mut table.checks)
        .into_iter()
        .partition(|check| check.name.as_ref().is_some_and(|name| table.column(name, DIALECT).is_some()));
    table.checks = own;
    for check in Vec::<super::Check>::into_iter(at_column) {
        let name = check.name.unwrap_or_default();
        if let Some(column) = table.column_mut(&name, DIALECT) {
            column.check = Some(check.expr);
        }
    }
    settle_options(table);
    let collation = table.options.collation.clone();
    // The others are settled, and stay shared with copies of the table.
    let open = |c: &&mut Shared<Column>| c.charset.is_some() || c.collation.is_some() || c.check.is_some();
    table.columns.iter_mut().filter(open).for_each(|column| settle_column(column, collation.as_deref()));
}

fn is_unique(index: &Index) -> bool {
    index.unique
        && index.method.is_none()
        && index.parts.iter().all(|p| matches!(p.key, IndexKey::Column(_)) && p.prefix.is_none() && !p.descending)
}

fn unique(index: &Index) -> Unique {
    Unique {
        name: Some(index.name.clone()),
        columns: index.columns().map(str::to_owned).collect(),
        nulls_not_distinct: false,
        deferrable: Default::default(),
    }
}

fn settle_options(table: &mut Table) {
    let options = &mut table.options;
    options.engine = options.engine.as_deref().map(engine);
    (options.charset, options.collation) = charset_and_collation(options.charset.take(), options.collation.take());
}

fn settle_column(column: &mut Column, of_table: Option<&str>) {
    if !is_text(&column.ty) {
        (column.charset, column.collation) = (None, None);
        return;
    }
    if column.collation.as_deref() == Some("_bin") {
        // `BINARY` alone: of the table's character set, as far as that is known.
        let charset = of_table.and_then(|collation| collation.split('_').next());
        column.collation = charset.map(|charset| format!("{charset}_bin"));
    }
    (column.charset, column.collation) = charset_and_collation(column.charset.take(), column.collation.take());
    let json = Expr::new(format!("json_valid({})", DIALECT.quote(&column.name)));
    let binary = column.collation.as_deref().is_none_or(|collation| collation == "utf8mb4_bin");
    if column.ty.base == "longtext" && binary && column.check.as_ref() == Some(&json) {
        column.ty = SqlType::new("json", DIALECT);
        column.check = None;
        (column.charset, column.collation) = (None, None);
    }
    if column.collation.as_deref() == of_table {
        (column.charset, column.collation) = (None, None);
    }
}

/// Whether values of the type have a character set.
pub fn is_text(ty: &SqlType) -> bool {
    matches!(ty.base.as_str(), "char" | "varchar" | "enum" | "set") || ty.base.ends_with("text")
}

/// Both, where one is known; `utf8` by the name that the server shows since MariaDB 10.6.
fn charset_and_collation(charset: Option<String>, collation: Option<String>) -> (Option<String>, Option<String>) {
    let new_name = |name: String| {
        let name = name.to_ascii_lowercase();
        if name == "utf8" { "utf8mb3".to_owned() } else { name.replacen("utf8_", "utf8mb3_", 1) }
    };
    match (charset.map(new_name), collation.map(new_name)) {
        (None, None) => (None, None),
        (Some(charset), None) => (Some(charset.clone()), Some(default_collation(&charset))),
        (_, Some(collation)) => (Some(collation.split('_').next().unwrap_or_default().to_owned()), Some(collation)),
    }
}

/// The collation that a character set has where none is named (`SHOW CHARACTER SET`).
fn default_collation(charset: &str) -> String {
    let kind = match charset {
        "binary" => return charset.to_owned(),
        "latin1" | "swe7" | "dec8" => "swedish",
        "big5" | "gb2312" | "gbk" => "chinese",
        "sjis" | "ujis" | "cp932" | "eucjpms" => "japanese",
        "hp8" => "english",
        "euckr" => "korean",
        "tis620" => "thai",
        _ => "general",
    };
    format!("{charset}_{kind}_ci")
}

/// An engine's name as the server shows it.
fn engine(name: &str) -> String {
    const SHOWN: [&str; 9] =
        ["InnoDB", "MyISAM", "Aria", "MEMORY", "CSV", "ARCHIVE", "BLACKHOLE", "MRG_MyISAM", "ROCKSDB"];
    let name = if name.eq_ignore_ascii_case("heap") { "MEMORY" } else { name };
    SHOWN.iter().find(|shown| shown.eq_ignore_ascii_case(name)).map_or_else(|| name.to_owned(), ToString::to_string)
}

/// A server's catalog without what files may leave to the server and do leave: engines, character
/// sets and collations that `declared` does not name.
#[must_use]
pub fn as_declared(declared: &Catalog, actual: &Catalog) -> Catalog {
    let mut actual = actual.clone();
    for table in actual.tables.values_mut() {
        let Some(wanted) = declared.table(&table.name) else { continue };
        let of_table = table.options.collation.take();
        let charset = table.options.charset.take();
        if wanted.options.collation.is_some() {
            (table.options.charset, table.options.collation) = (charset, of_table.clone());
        }
        if wanted.options.engine.is_none() {
            table.options.engine = None;
        }
        for column in table.columns.iter_mut().filter(|column| is_text(&column.ty)) {
            let Some(wanted) = wanted.column(&column.name, DIALECT) else { continue };
            let effective = column.collation.take().or_else(|| of_table.clone());
            column.charset = None;
            if wanted.collation.is_some() {
                (column.charset, column.collation) = charset_and_collation(None, effective);
            } else if effective != of_table {
                // Not named, and not the table's: it was the table's before that changed.
                (column.charset, column.collation) = charset_and_collation(None, effective);
            }
        }
    }
    actual
}

/// Gives names to keys and checks without one, and an index to each foreign key that has none, as
/// the server would; a script can spell them then.
pub fn complete(table: &mut Table) {
    for at in 0..table.uniques.len() {
        if table.uniques[at].name.is_none() {
            let first = table.uniques[at].columns.first().cloned().unwrap_or_default();
            table.uniques[at].name = Some(free_index_name(table, &first));
        }
    }
    for at in 0..table.checks.len() {
        if table.checks[at].name.is_none() {
            table.checks[at].name = Some(free_check_name(table));
        }
    }
    for at in 0..table.foreign_keys.len() {
        if table.foreign_keys[at].name.is_none() {
            table.foreign_keys[at].name = Some(foreign_key_name(table, highest_foreign_key(table) + 1));
        }
        let columns = table.foreign_keys[at].columns.clone();
        if !serves(table, &columns) {
            let name = free_index_name(table, columns.first().map_or("", String::as_str));
            table.indexes.push(Index::new(name, columns));
        }
    }
}

/// The name of a key without one: its first column, with a number where that is taken.
pub fn free_index_name(table: &Table, column: &str) -> String {
    let taken: BTreeSet<String> = table
        .indexes
        .iter()
        .map(|index| &index.name)
        .chain(table.uniques.iter().filter_map(|unique| unique.name.as_ref()))
        .map(|name| name.to_lowercase())
        .chain(["primary".to_owned()])
        .collect();
    let numbered = (2..).map(|number| format!("{column}_{number}"));
    std::iter::once(column.to_owned())
        .chain(numbered)
        .find(|name| !taken.contains(&name.to_lowercase()))
        .unwrap_or_default()
}

/// The name of a table's check without one (MariaDB).
pub fn free_check_name(table: &Table) -> String {
    let taken =
        |name: &String| table.checks.iter().any(|c| c.name.as_ref().is_some_and(|n| DIALECT.same_name(n, name)));
    (1..).map(|number| format!("CONSTRAINT_{number}")).find(|name| !taken(name)).unwrap_or_default()
}

/// The name of a foreign key without one.
pub fn foreign_key_name(table: &Table, number: usize) -> String {
    format!("{}_ibfk_{number}", table.name.name)
}

/// The highest number in a foreign key's default name; 0 without any.
pub fn highest_foreign_key(table: &Table) -> usize {
    let prefix = format!("{}_ibfk_", table.name.name);
    let names = table.foreign_keys.iter().filter_map(|key| key.name.as_ref());
    names.filter_map(|name| name.strip_prefix(&prefix)?.parse().ok()).max().unwrap_or(0)
}

/// Foreign keys with a default name follow the table's.
pub(super) fn rename_foreign_keys(table: &mut Table, old: &str) {
    let (from, to) = (format!("{old}_ibfk_"), format!("{}_ibfk_", table.name.name));
    for name in table.foreign_keys.iter_mut().filter_map(|key| key.name.as_mut()) {
        if let Some(number) = name.strip_prefix(&from) {
            *name = format!("{to}{number}");
        }
    }
}

/// Whether some key of the table begins with these columns, as a foreign key needs it.
pub fn serves(table: &Table, columns: &[String]) -> bool {
    let begins = |key: &[&str]| {
        key.len() >= columns.len() && columns.iter().zip(key).all(|(column, part)| DIALECT.same_name(column, part))
    };
    let names = |columns: &[String]| begins(&columns.iter().map(String::as_str).collect::<Vec<_>>());
    names(table.key_columns())
        || table.uniques.iter().any(|unique| names(&unique.columns))
        || table.indexes.iter().any(|index| {
            index.method.is_none()
                && index.parts.iter().take(columns.len()).all(|part| part.prefix.is_none())
                && begins(&index.columns().collect::<Vec<_>>())
        })
}

/// A type's one name and its modifiers (MariaDB manual, Data Types: each type's synonyms).
pub(super) fn type_name(name: &str, args: Vec<String>) -> (String, Vec<String>) {
    let (mut words, mut flags): (Vec<&str>, Vec<&str>) =
        name.split(' ').partition(|word| !matches!(*word, "unsigned" | "signed" | "zerofill"));
    flags.retain(|flag| *flag != "signed");
    let zerofill = flags.contains(&"zerofill");
    if words.first() == Some(&"national") {
        words.remove(0);
    }
    let number = |text: Option<&String>| text.and_then(|text| text.trim().parse::<u64>().ok());
    let one = |text: &str| vec![text.to_owned()];
    let words = words.join(" ");
    let (base, args) = match words.as_str() {
        "bool" | "boolean" => ("tinyint", one("1")),
        "int1" | "tinyint" => ("tinyint", args),
        "int2" | "smallint" => ("smallint", args),
        "int3" | "middleint" | "mediumint" => ("mediumint", args),
        "int4" | "integer" | "int" => ("int", args),
        "int8" | "bigint" => ("bigint", args),
        "serial" => return ("bigint unsigned".to_owned(), Vec::new()),
        "dec" | "fixed" | "numeric" | "decimal" => {
            let precision = args.first().cloned().unwrap_or_else(|| "10".to_owned());
            ("decimal", vec![precision, args.get(1).cloned().unwrap_or_else(|| "0".to_owned())])
        }
        "float4" | "float" if args.len() < 2 => {
            (if number(args.first()).is_some_and(|bits| bits > 24) { "double" } else { "float" }, Vec::new())
        }
        "real" | "double precision" | "float8" | "double" => ("double", args),
        "character varying" | "char varying" | "varcharacter" | "nvarchar" | "nchar varying" | "nchar varchar"
        | "varchar" => ("varchar", args),
        "character" | "nchar" | "char" => ("char", if args.is_empty() { one("1") } else { args }),
        "char byte" | "binary" => ("binary", if args.is_empty() { one("1") } else { args }),
        "long" | "long varchar" => ("mediumtext", Vec::new()),
        "long varbinary" => ("mediumblob", Vec::new()),
        "bit" => ("bit", if args.is_empty() { one("1") } else { args }),
        "year" => ("year", Vec::new()),
        "text" if !args.is_empty() => {
            (sized(number(args.first()).unwrap_or(0) * 4, ["tinytext", "text", "mediumtext", "longtext"]), Vec::new())
        }
        "blob" if !args.is_empty() => {
            (sized(number(args.first()).unwrap_or(0), ["tinyblob", "blob", "mediumblob", "longblob"]), Vec::new())
        }
        base @ ("datetime" | "timestamp" | "time") => (base, args.into_iter().filter(|digits| digits != "0").collect()),
        base => (base, args),
    };
    let width = match base {
        "tinyint" => 3,
        "smallint" => 5,
        "mediumint" => 8,
        "int" => 10,
        "bigint" => 20,
        _ => return (with_flags(base, &flags, zerofill), args),
    };
    let args = match number(args.first()) {
        Some(shown) if zerofill && shown != width => args,
        Some(1) if base == "tinyint" => args,
        _ => Vec::new(),
    };
    (with_flags(base, &flags, zerofill), args)
}

fn with_flags(base: &str, flags: &[&str], zerofill: bool) -> String {
    match (flags.is_empty(), zerofill) {
        (true, _) => base.to_owned(),
        (false, false) => format!("{base} unsigned"),
        (false, true) => format!("{base} unsigned zerofill"),
    }
}

/// The smallest of four sizes that holds so many bytes.
fn sized(bytes: u64, names: [&'static str; 4]) -> &'static str {
    match bytes {
        0..=255 => names[0],
        256..=65_535 => names[1],
        65_536..=16_777_215 => names[2],
        _ => names[3],
    }
}

#[cfg(test)]
mod tests {
    use super::{complete, settle};
    use crate::catalog::{Action, Check, Column, Expr, ForeignKey, Index, Name, SqlType, Table};
    use crate::dialect::Dialect::Mysql;

    #[test]
    fn types_have_one_name() {
        // As MariaDB 10.11 shows them, widths of integers left out.
        let cases: &[(&str, &[&str], &str)] = &[
            ("INTEGER", &["11"], "int"),
            ("int unsigned", &["10"], "int unsigned"),
            ("int zerofill", &["5"], "int(5) unsigned zerofill"),
            ("boolean", &[], "tinyint(1)"),
            ("tinyint", &["4"], "tinyint"),
            ("tinyint unsigned", &["1"], "tinyint(1) unsigned"),
            ("numeric", &["5"], "decimal(5,0)"),
            ("dec unsigned", &["5", "2"], "decimal(5,2) unsigned"),
            ("double precision", &[], "double"),
            ("float", &["53"], "double"),
            ("float", &["7", "3"], "float(7,3)"),
            ("national character varying", &["5"], "varchar(5)"),
            ("char", &[], "char(1)"),
            ("datetime", &["0"], "datetime"),
            ("timestamp", &["6"], "timestamp(6)"),
            ("text", &["70000"], "mediumtext"),
            ("blob", &["100"], "tinyblob"),
            ("year", &["4"], "year"),
            ("long varchar", &[], "mediumtext"),
            ("uuid", &[], "uuid"),
        ];
        for (name, args, expected) in cases {
            let args = args.iter().map(ToString::to_string).collect();
            assert_eq!(SqlType::with_args(name, args, 0, Mysql).to_string(), *expected);
        }
    }

    fn table(columns: &[(&str, &str)]) -> Table {
        let mut table = Table::new(Name::new("t"));
        table.columns = columns.iter().map(|(name, ty)| Column::new(*name, SqlType::new(ty, Mysql)).into()).collect();
        table
    }

    #[test]
    fn what_the_server_stores_otherwise_is_settled() {
        let mut found = table(&[("j", "longtext"), ("a", "int"), ("v", "varchar")]);
        found.options.charset = Some("utf8mb4".to_owned());
        found.columns[2].charset = Some("utf8".to_owned());
        found.columns[0].collation = Some("utf8mb4_bin".to_owned());
        found.checks = [("j", "json_valid(`j`)"), ("a", "`a` > 0"), ("CONSTRAINT_1", "`a` < 9")]
            .map(|(name, expr)| Check { name: Some(name.to_owned()), expr: Expr::new(expr), valid: true })
            .into();
        found.indexes.push(Index { unique: true, ..Index::new("u", ["a"]) });
        settle(&mut found);
        assert_eq!(found.columns[0].ty.base, "json");
        assert_eq!(found.columns[1].check, Some(Expr::new("a > 0")));
        assert_eq!(found.columns[2].collation.as_deref(), Some("utf8mb3_general_ci"));
        assert_eq!(found.options.collation.as_deref(), Some("utf8mb4_general_ci"));
        assert_eq!((found.checks.len(), found.indexes.len(), found.uniques.len()), (1, 0, 1));
        let once = found.clone();
        settle(&mut found);
        assert_eq!(found, once);
    }

    #[test]
    fn a_foreign_key_gets_a_name_and_an_index() {
        let mut found = table(&[("a", "int"), ("b", "int")]);
        let key = |columns: &[&str], name: Option<&str>| ForeignKey {
            name: name.map(str::to_owned),
            columns: columns.iter().map(ToString::to_string).collect(),
            references: Name::new("p"),
            ref_columns: vec!["id".to_owned()],
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            deferrable: Default::default(),
            valid: true,
        };
        found.foreign_keys = vec![key(&["a"], Some("t_ibfk_3")), key(&["b", "a"], None), key(&["b"], None)];
        complete(&mut found);
        let names: Vec<_> = found.foreign_keys.iter().filter_map(|key| key.name.as_deref()).collect();
        assert_eq!(names, ["t_ibfk_3", "t_ibfk_4", "t_ibfk_5"]);
        assert_eq!(found.indexes, [Index::new("a", ["a"]), Index::new("b", ["b", "a"])]);
    }
}
