//! Diesel's type of a column, as `diesel print-schema` infers it from the engine's own tables.

use super::Settings;
use super::names::{camel_case, column_name, rust_name};
use crate::catalog::{Catalog, Column, Name, SqlType, Table};
use crate::dialect::Dialect;

/// A column's type in `table!`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnType {
    pub(super) rust_name: String,
    pub(super) sql_name: String,
    /// PostgreSQL: the type's schema, where that is not the default one.
    pub(super) schema: Option<String>,
    pub(super) is_array: bool,
    /// MySQL.
    pub(super) is_unsigned: bool,
    /// MySQL: the table and column, in Rust names, that a type of its own was made for.
    pub(super) made_for: Option<(String, String)>,
    pub(super) nullable: bool,
    pub(super) max_length: Option<String>,
}

impl std::fmt::Display for ColumnType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match (self.is_array, self.is_unsigned) {
            (true, _) => format!("Array<Nullable<{}>>", self.rust_name),
            (false, true) => format!("Unsigned<{}>", self.rust_name),
            (false, false) => self.rust_name.clone(),
        };
        if self.nullable { write!(f, "Nullable<{name}>") } else { f.write_str(&name) }
    }
}

/// PostgreSQL: the type's own name (`pg_type.typname`) in camel case; a domain's is that of its
/// base unless the settings make it a type of its own.
pub(super) fn postgres(column: &Column, catalog: &Catalog, settings: &Settings) -> ColumnType {
    let mut ty = column.ty.clone();
    let mut nullable = column.nullable;
    let mut own_name = None;
    if ty.array == 0
        && let Some(domain) = catalog.domains.get(&type_name(&ty.base))
    {
        nullable &= !domain.not_null;
        if settings.domains_as_types.iter().any(|pattern| pattern.is_match(&domain.name.name)) {
            own_name = Some(domain.name.clone());
        }
        ty = domain.base.clone();
    }
    // A length is that of the base also where the domain stands for it.
    let max_length = (ty.array == 0).then(|| max_length(&ty)).flatten();
    let name = own_name.unwrap_or_else(|| engine_name(&ty.base, catalog));
    ColumnType {
        rust_name: camel_case(&name.name),
        sql_name: name.name,
        schema: name.schema,
        is_array: ty.array > 0,
        is_unsigned: false,
        made_for: None,
        nullable,
        max_length,
    }
}

fn type_name(base: &str) -> Name {
    match base.split_once('.') {
        Some((schema, name)) => Name::qualified(schema, name),
        None => Name::new(base),
    }
}

/// The name in `pg_type`, with `pg_catalog` for PostgreSQL's own types.
fn engine_name(base: &str, catalog: &Catalog) -> Name {
    let name = type_name(base);
    if catalog.enums.contains_key(&name) || catalog.domains.contains_key(&name) {
        return name;
    }
    let own = match base {
        "smallint" => "int2",
        "integer" => "int4",
        "bigint" => "int8",
        "real" => "float4",
        "double precision" => "float8",
        "boolean" => "bool",
        "character varying" => "varchar",
        "character" => "bpchar",
        "\"char\"" => "char",
        "bit varying" => "varbit",
        "timestamp without time zone" => "timestamp",
        "timestamp with time zone" => "timestamptz",
        "time without time zone" => "time",
        "time with time zone" => "timetz",
        other if SqlType::new(other, catalog.dialect).is_builtin() || POSTGRES_OWN.contains(&other) => other,
        _ => return name,
    };
    Name::qualified("pg_catalog", own)
}

/// Types of `pg_catalog` beside the usual ones (PostgreSQL manual, chapter 8).
const POSTGRES_OWN: [&str; 45] = [
    "aclitem",
    "bit",
    "box",
    "char",
    "cid",
    "circle",
    "datemultirange",
    "daterange",
    "int2vector",
    "int4multirange",
    "int4range",
    "int8multirange",
    "int8range",
    "jsonpath",
    "line",
    "lseg",
    "macaddr8",
    "name",
    "nummultirange",
    "numrange",
    "oidvector",
    "path",
    "pg_lsn",
    "pg_snapshot",
    "point",
    "polygon",
    "refcursor",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "tid",
    "tsmultirange",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "txid_snapshot",
    "xid",
    "xid8",
];

fn max_length(ty: &SqlType) -> Option<String> {
    matches!(ty.base.as_str(), "character varying" | "character" | "bit" | "bit varying")
        .then(|| ty.args.first().cloned())
        .flatten()
}

/// MySQL: the type's first word in camel case; one that Diesel does not have is made for the column.
/// `None` for one that diesel_cli refuses.
pub(super) fn mysql(column: &Column, rust_table: &str, settings: &Settings) -> Option<ColumnType> {
    let text = column.ty.to_string().to_lowercase();
    let (name, is_unsigned) = mysql_name(&text)?;
    let mut ty = ColumnType {
        rust_name: camel_case(name),
        sql_name: name.to_owned(),
        schema: None,
        is_array: false,
        is_unsigned,
        made_for: None,
        nullable: column.nullable,
        max_length: mysql_length(name, &column.ty),
    };
    if declares(&ty, Dialect::Mysql, settings) {
        let rust_column = column_name(&column.name, rust_table);
        ty.rust_name = camel_case(&format!("{rust_table} {rust_column} {}", ty.rust_name));
        ty.made_for = Some((rust_table.to_owned(), rust_column));
    }
    Some(ty)
}

fn mysql_name(text: &str) -> Option<(&str, bool)> {
    let is_unsigned = text.contains("unsigned");
    let name = match text {
        "tinyint(1)" => "bool",
        _ if text.starts_with("int") => "integer",
        _ => {
            let name = text.split('(').next().unwrap_or(text);
            let bare = name.strip_suffix(" zerofill").unwrap_or(name);
            bare.strip_suffix(" unsigned").unwrap_or(bare)
        }
    };
    (!name.contains(' ')).then_some((name, is_unsigned))
}

/// The length in characters or bytes, as information_schema tells it; that of an enum is the
/// longest label's, that of a set the whole list's.
fn mysql_length(name: &str, ty: &SqlType) -> Option<String> {
    let labels = || ty.args.iter().map(|label| label.trim_matches('\'').replace("''", "'").chars().count());
    match name {
        "char" | "varchar" | "binary" | "varbinary" => ty.args.first().cloned(),
        "enum" => labels().max().map(|length| length.to_string()),
        "set" => Some((labels().sum::<usize>() + ty.args.len().saturating_sub(1)).to_string()),
        _ => None,
    }
}

/// Whether a type is declared in `sql_types`.
pub(super) fn declares(ty: &ColumnType, dialect: Dialect, settings: &Settings) -> bool {
    let is_diesels = match dialect {
        Dialect::Sqlite => true,
        Dialect::Postgres => POSTGRES_DIESEL.contains(&ty.rust_name.as_str()),
        Dialect::Mysql => MYSQL_DIESEL.contains(&ty.rust_name.as_str()),
    };
    settings.define_types && !is_diesels && !settings.except_types.iter().any(|pattern| pattern.is_match(&ty.rust_name))
}

/// What diesel_cli 2.3 takes for granted with MySQL, aliases included.
const MYSQL_DIESEL: [&str; 36] = [
    "BigInt",
    "Bigint",
    "Binary",
    "Bit",
    "Blob",
    "Bool",
    "Char",
    "Date",
    "Datetime",
    "Decimal",
    "Double",
    "Float",
    "Float4",
    "Float8",
    "Int2",
    "Int4",
    "Int8",
    "Integer",
    "Json",
    "Longblob",
    "Longtext",
    "Mediumblob",
    "Mediumtext",
    "Numeric",
    "SmallInt",
    "Smallint",
    "Text",
    "Time",
    "Timestamp",
    "TinyInt",
    "Tinyblob",
    "Tinyint",
    "Tinytext",
    "VarChar",
    "Varbinary",
    "Varchar",
];

/// What diesel_cli 2.3 takes for granted, aliases included.
const POSTGRES_DIESEL: [&str; 65] = [
    "BigInt",
    "BigSerial",
    "Bigint",
    "Binary",
    "Bit",
    "Blob",
    "Bool",
    "Bpchar",
    "Bytea",
    "Char",
    "Cidr",
    "Citext",
    "Date",
    "Datemultirange",
    "Daterange",
    "Decimal",
    "Double",
    "Float",
    "Float4",
    "Float8",
    "Inet",
    "Int2",
    "Int4",
    "Int4multirange",
    "Int4range",
    "Int8",
    "Int8multirange",
    "Int8range",
    "Integer",
    "Interval",
    "Json",
    "Jsonb",
    "Longblob",
    "Longtext",
    "MacAddr",
    "MacAddr8",
    "Macaddr",
    "Macaddr8",
    "Mediumblob",
    "Mediumtext",
    "Money",
    "Numeric",
    "Nummultirange",
    "Numrange",
    "Oid",
    "PgLsn",
    "Range",
    "Record",
    "Serial",
    "SmallInt",
    "SmallSerial",
    "Smallint",
    "Text",
    "Time",
    "Timestamp",
    "Timestamptz",
    "Tinyblob",
    "Tinytext",
    "Tsmultirange",
    "Tsrange",
    "Tstzmultirange",
    "Tstzrange",
    "Uuid",
    "VarChar",
    "Varchar",
];

/// SQLite: by the words in the declared type. `None` for one that diesel_cli refuses.
pub(super) fn sqlite(column: &Column, table: &Table, catalog: &Catalog, settings: &Settings) -> Option<ColumnType> {
    let declared = column.ty.to_string().to_lowercase();
    let name = match sqlite_name(&declared)? {
        "Integer" if settings.bigint_keys && is_row_number(column, &declared, table, catalog) => "BigInt",
        name => name,
    };
    Some(ColumnType {
        rust_name: name.to_owned(),
        sql_name: name.to_owned(),
        schema: None,
        is_array: false,
        is_unsigned: false,
        made_for: None,
        nullable: column.nullable,
        max_length: None,
    })
}

/// The order of the questions is diesel_cli's, and it decides: `tinyint` is a Bool, `bigint` no
/// Integer.
fn sqlite_name(declared: &str) -> Option<&'static str> {
    let has = |word: &str| declared.contains(word);
    Some(match declared {
        "boolean" | "bool" => "Bool",
        _ if has("tiny") && has("int") => "Bool",
        "int2" => "SmallInt",
        _ if has("small") && has("int") => "SmallInt",
        "int8" => "BigInt",
        _ if has("big") && has("int") => "BigInt",
        _ if has("int") => "Integer",
        _ if has("char") || has("clob") || has("text") => "Text",
        _ if has("blob") || has("binary") || declared.is_empty() => "Binary",
        _ if has("float") || has("real") => "Float",
        _ if has("double") || has("num") || has("dec") => "Double",
        "datetime" | "timestamp" => "Timestamp",
        "date" => "Date",
        "time" => "Time",
        _ => return None,
    })
}

/// Whether a column is its table's row number, or references one
/// (sqlite.org/lang_createtable.html#rowid).
fn is_row_number(column: &Column, declared: &str, table: &Table, catalog: &Catalog) -> bool {
    let is_number = |table: &Table| !table.options.without_rowid;
    if declared == "integer" && *table.key_columns() == [column.name.clone()] && is_number(table) {
        return true;
    }
    // diesel_cli 2.3 looks foreign keys up by Rust name.
    if column_name(&column.name, &rust_name(&table.name.name)) != column.name {
        return false;
    }
    let mut keys = table.foreign_keys.iter().filter(|key| *key.columns == [column.name.clone()]);
    keys.any(|key| {
        catalog.table(&key.references).is_some_and(|parent| parent.key_columns().len() <= 1 && is_number(parent))
    })
}

#[cfg(test)]
mod tests {
    use super::{MYSQL_DIESEL, POSTGRES_DIESEL, POSTGRES_OWN, mysql_name, sqlite_name};

    /// As `determine_type_name` of diesel_cli has them, the widths of integers left out.
    #[test]
    fn types_of_mysql() {
        let cases = [
            ("tinyint(1)", Some(("bool", false))),
            ("tinyint(1) unsigned", Some(("tinyint", true))),
            ("int", Some(("integer", false))),
            ("int unsigned", Some(("integer", true))),
            ("bigint unsigned", Some(("bigint", true))),
            ("decimal(5,2) unsigned", Some(("decimal", true))),
            ("varchar(20)", Some(("varchar", false))),
            ("enum('a','b c')", Some(("enum", false))),
            ("double", Some(("double", false))),
            ("lol wat", None),
        ];
        for (text, expected) in cases {
            assert_eq!(mysql_name(text), expected, "{text}");
        }
    }

    #[test]
    fn declared_types_of_sqlite() {
        let cases = [
            ("boolean", Some("Bool")),
            ("tinyint(1)", Some("Bool")),
            ("int2", Some("SmallInt")),
            ("unsigned big int", Some("BigInt")),
            ("mediumint", Some("Integer")),
            ("varchar(20)", Some("Text")),
            ("", Some("Binary")),
            ("real", Some("Float")),
            ("decimal(10,2)", Some("Double")),
            ("timestamp", Some("Timestamp")),
            ("timestamp(3)", None),
            ("datetime", Some("Timestamp")),
            ("date", Some("Date")),
            ("json", None),
            ("uuid", None),
        ];
        for (declared, expected) in cases {
            assert_eq!(sqlite_name(declared), expected, "{declared}");
        }
    }

    #[test]
    fn lists_are_in_order() {
        assert!(POSTGRES_DIESEL.is_sorted() && POSTGRES_OWN.is_sorted() && MYSQL_DIESEL.is_sorted());
    }
}
