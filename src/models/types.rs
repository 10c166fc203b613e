//! Diesel's SQL types and the types of each dialect: which fit, and which a new column gets.

use super::{DieselType, ModelColumn};
use crate::catalog::{Catalog, Name, SqlType};
use crate::dialect::Dialect;

/// Whether a column's type and what the models say of it go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    Yes,
    No,
    /// A type of the project's own that nothing tells the SQL name of.
    Unknown,
}

/// The type in one spelling: aliases resolved, `Nullable` inside of arrays dropped.
pub(super) fn canonical(ty: &DieselType) -> String {
    // A type of the project's own is what it stands for, whatever it is called in Rust.
    if let Some(name) = &ty.sql_name {
        return name.to_string();
    }
    match ty.name.as_str() {
        "Nullable" if ty.args.len() == 1 => canonical(&ty.args[0]),
        "Array" if ty.args.len() == 1 => format!("Array<{}>", canonical(&ty.args[0])),
        name => {
            let args: Vec<_> = ty.args.iter().map(canonical).collect();
            let args = if args.is_empty() { String::new() } else { format!("<{}>", args.join(", ")) };
            format!("{}{args}", alias(name))
        }
    }
}

/// Diesel's aliases (the `sql_types` modules of diesel and its backends) by the type's own name.
fn alias(name: &str) -> &str {
    match name {
        "Int2" | "Smallint" => "SmallInt",
        "Int4" | "Int" => "Integer",
        "Int8" | "Bigint" => "BigInt",
        "Float4" => "Float",
        "Float8" => "Double",
        "Decimal" => "Numeric",
        "VarChar" | "Varchar" | "Char" | "Bpchar" | "BpChar" | "Tinytext" | "Mediumtext" | "Longtext" => "Text",
        "Bytea" | "Blob" | "Varbinary" | "Tinyblob" | "Mediumblob" | "Longblob" => "Binary",
        "Datetime" => "Timestamp",
        "Tinyint" => "TinyInt",
        other => other,
    }
}

/// A text as `diesel print-schema` writes it: `Text`, or `Varchar` with its length. To Diesel both are the
/// same type, and to the database they are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Endless,
    Varchar(Option<u32>),
}

impl Text {
    /// What a column says; `None` where it is no text, or its variants disagree.
    pub(super) fn of(column: &ModelColumn) -> Option<Self> {
        match column.ty.name.as_str() {
            _ if !column.other_forms.is_empty() || !column.ty.args.is_empty() => None,
            "Text" => Some(Self::Endless),
            "Varchar" | "VarChar" => Some(Self::Varchar(column.max_length)),
            _ => None,
        }
    }

    /// Whether a column has exactly that type.
    pub(super) fn is(self, ty: &SqlType) -> bool {
        let varchar = || matches!(ty.base.as_str(), "character varying" | "varchar");
        ty.array == 0
            && match self {
                Self::Endless => ty.base == "text",
                Self::Varchar(None) => varchar() && ty.args.is_empty(),
                Self::Varchar(Some(length)) => varchar() && ty.args == [length.to_string()],
            }
    }

    /// Whether a database has to follow: a length comes, goes or changes.
    pub(super) fn differs(self, other: Self) -> bool {
        let is_bound = |text| matches!(text, Self::Varchar(Some(_)));
        self != other && (is_bound(self) || is_bound(other))
    }
}

/// Whether `diesel::sql_types` has that name, with every backend (diesel 2.3, and what 1.4 had).
pub(super) fn is_diesels(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "Array",
        "BigInt",
        "BigSerial",
        "Bigint",
        "Binary",
        "Bit",
        "Blob",
        "Bool",
        "BpChar",
        "Bpchar",
        "Bytea",
        "CChar",
        "Char",
        "Cidr",
        "Citext",
        "Date",
        "Datemultirange",
        "Daterange",
        "Datetime",
        "Decimal",
        "Double",
        "Float",
        "Float4",
        "Float8",
        "Inet",
        "Int",
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
        "Multirange",
        "Nullable",
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
        "TimestamptzSqlite",
        "Timetz",
        "TinyInt",
        "Tinyblob",
        "Tinyint",
        "Tinytext",
        "Tsmultirange",
        "Tsrange",
        "Tstzmultirange",
        "Tstzrange",
        "Unsigned",
        "Untyped",
        "Uuid",
        "VarChar",
        "Varbinary",
        "Varchar",
    ];
    // Sorted: asked for every column.
    NAMES.binary_search(&name).is_ok()
}

/// Whether a column of that type in the models can be one of that type in the schema.
pub fn fits(model: &DieselType, ty: &SqlType, catalog: &Catalog) -> Fit {
    match catalog.dialect {
        Dialect::Postgres => fits_postgres(model, ty, catalog),
        Dialect::Sqlite => fits_sqlite(model, &ty.base),
        Dialect::Mysql => fits_mysql(model, ty),
    }
}

fn yes_if(condition: bool) -> Fit {
    if condition { Fit::Yes } else { Fit::No }
}

fn fits_postgres(model: &DieselType, ty: &SqlType, catalog: &Catalog) -> Fit {
    if model.name == "Array" && model.args.len() == 1 {
        let element = SqlType { array: 0, ..ty.clone() };
        let inner = match &model.args[0] {
            inner if inner.name == "Nullable" && inner.args.len() == 1 => &inner.args[0],
            inner => inner,
        };
        return if ty.array == 0 { Fit::No } else { fits_postgres(inner, &element, catalog) };
    }
    if ty.array > 0 {
        return Fit::No;
    }
    let base = ty.base.as_str();
    if let Some(name) = &model.sql_name {
        return fits_user_type(name, base);
    }
    if let Some(domain) = catalog.domains.get(&Name::new(base)) {
        return fits_postgres(model, &domain.base, catalog);
    }
    match postgres_bases(alias(&model.name)) {
        Some(bases) => yes_if(bases.contains(&base)),
        // An extension's type or one of the project's own: by its name where that is telling.
        None => {
            let same =
                model.name.eq_ignore_ascii_case(base.rsplit('.').next().unwrap_or(base).replace('_', "").as_str());
            if same { Fit::Yes } else { Fit::Unknown }
        }
    }
}

fn fits_user_type(name: &Name, base: &str) -> Fit {
    // A type of an extension may live in any schema of the search path.
    let bare = base.rsplit('.').next().unwrap_or(base);
    yes_if(name.to_string() == base || name.name == bare)
}

/// The PostgreSQL types that Diesel's type can be; `None` for a type that is not Diesel's.
fn postgres_bases(model: &str) -> Option<&'static [&'static str]> {
    Some(match model {
        "SmallInt" => &["smallint"],
        "Integer" => &["integer"],
        "BigInt" => &["bigint"],
        "Float" => &["real"],
        "Double" => &["double precision"],
        "Numeric" => &["numeric"],
        "Bool" => &["boolean"],
        "Text" => &["text", "character varying", "character", "citext", "name", "\"char\"", "xml"],
        "Citext" => &["citext"],
        "CChar" => &["\"char\"", "char"],
        "Binary" => &["bytea"],
        "Timestamp" => &["timestamp without time zone"],
        "Timestamptz" => &["timestamp with time zone"],
        "Date" => &["date"],
        "Time" => &["time without time zone"],
        "Timetz" => &["time with time zone"],
        "Interval" => &["interval"],
        "Uuid" => &["uuid"],
        "Json" => &["json"],
        "Jsonb" => &["jsonb"],
        "Inet" | "Cidr" => &["inet", "cidr"],
        "MacAddr" => &["macaddr"],
        "MacAddr8" => &["macaddr8"],
        "Money" => &["money"],
        "Oid" => &["oid"],
        "Int4range" => &["int4range"],
        "Int8range" => &["int8range"],
        "Numrange" => &["numrange"],
        "Tsrange" => &["tsrange"],
        "Tstzrange" => &["tstzrange"],
        "Daterange" => &["daterange"],
        "PgLsn" => &["pg_lsn"],
        _ => return None,
    })
}

/// SQLite stores any value in any column; a declared type is wrong for a model only where their
/// kinds are (diesel_cli's inference, and what people choose by hand).
fn fits_sqlite(model: &DieselType, declared: &str) -> Fit {
    let kind = sqlite_kind(declared);
    let one_of = |kinds: &[Kind]| yes_if(kinds.contains(&kind));
    match alias(&model.name) {
        "SmallInt" | "Integer" | "BigInt" | "TinyInt" => one_of(&[Kind::Integer, Kind::Bool]),
        "Bool" => one_of(&[Kind::Bool, Kind::Integer]),
        "Text" => one_of(&[Kind::Text, Kind::Json, Kind::Other]),
        "Binary" => one_of(&[Kind::Binary, Kind::Other]),
        "Float" | "Double" => one_of(&[Kind::Real, Kind::Numeric]),
        "Numeric" => one_of(&[Kind::Real, Kind::Numeric, Kind::Text]),
        "Timestamp" | "TimestamptzSqlite" | "Date" | "Time" => {
            one_of(&[Kind::Moment, Kind::Text, Kind::Integer, Kind::Numeric])
        }
        "Json" | "Jsonb" => one_of(&[Kind::Json, Kind::Text, Kind::Binary]),
        // How it is stored says what suits, and not what does not: it is the project's own type.
        _ => match storage_type(model).map(|stored| fits_sqlite(&stored, declared)) {
            Some(Fit::Yes) => Fit::Yes,
            _ => Fit::Unknown,
        },
    }
}

/// Diesel's type for what a type of the project's own is stored as (`SqliteType` in diesel).
fn storage_type(ty: &DieselType) -> Option<DieselType> {
    let name = match ty.storage.as_deref()? {
        "Long" => "BigInt",
        same @ ("Binary" | "Text" | "Float" | "Double" | "SmallInt" | "Integer") => same,
        _ => return None,
    };
    Some(DieselType::plain(name))
}

/// Diesel tells signed from unsigned, and sizes of integers apart; every text and every blob is one
/// type to it. Enums and sets are read as text.
fn fits_mysql(model: &DieselType, ty: &SqlType) -> Fit {
    let (base, unsigned) = match ty.base.split_once(" unsigned") {
        Some((base, _)) => (base, true),
        None => (ty.base.as_str(), false),
    };
    if model.name == "Unsigned" && model.args.len() == 1 {
        let of_integer = mysql_bases(alias(&model.args[0].name)).is_some_and(|bases| bases.contains(&base));
        return yes_if(unsigned && of_integer);
    }
    let is_bool = alias(&model.name) == "Bool";
    match mysql_bases(alias(&model.name)) {
        Some(bases) => yes_if(bases.contains(&base) && (!unsigned || is_bool || !base.ends_with("int"))),
        // An enum of the project's own, as diesel_cli names it: by its table and column.
        None if matches!(base, "enum" | "set") => Fit::Yes,
        None => Fit::Unknown,
    }
}

/// The MySQL types that Diesel's type can be; `None` for a type that is not Diesel's.
fn mysql_bases(model: &str) -> Option<&'static [&'static str]> {
    Some(match model {
        "TinyInt" => &["tinyint"],
        "SmallInt" => &["smallint"],
        "Integer" => &["int", "mediumint"],
        "BigInt" => &["bigint"],
        "Float" => &["float"],
        "Double" => &["double"],
        "Numeric" => &["decimal"],
        "Bool" => &["tinyint"],
        "Text" => &[
            "text",
            "varchar",
            "char",
            "tinytext",
            "mediumtext",
            "longtext",
            "enum",
            "set",
            "json",
            "uuid",
            "inet4",
            "inet6",
        ],
        "Binary" => &["blob", "varbinary", "binary", "tinyblob", "mediumblob", "longblob", "bit"],
        "Bit" => &["bit"],
        "Timestamp" => &["timestamp", "datetime"],
        "Date" => &["date"],
        "Time" => &["time"],
        "Json" => &["json", "longtext"],
        _ => return None,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Integer,
    Text,
    Binary,
    Real,
    Numeric,
    Moment,
    Json,
    Other,
}

/// The kind of a declared type, by the words in it.
fn sqlite_kind(declared: &str) -> Kind {
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    match () {
        () if has(&["BOOL"]) || declared.starts_with("TINYINT") => Kind::Bool,
        () if has(&["DATE", "TIME"]) => Kind::Moment,
        () if has(&["JSON"]) => Kind::Json,
        () if has(&["INT", "SERIAL"]) => Kind::Integer,
        () if has(&["CHAR", "CLOB", "TEXT", "UUID", "STRING"]) => Kind::Text,
        () if declared.is_empty() || has(&["BLOB", "BINARY", "BYTEA"]) => Kind::Binary,
        () if has(&["REAL", "FLOA", "DOUB"]) => Kind::Real,
        () if has(&["NUMERIC", "DECIMAL"]) => Kind::Numeric,
        () => Kind::Other,
    }
}

/// The type that a new column gets; `None` for a type that the dialect has no name for.
pub fn sql_type(column: &ModelColumn, dialect: Dialect) -> Option<SqlType> {
    named(&column.ty, column.max_length, dialect)
}

/// The same without a length.
pub(super) fn sql_type_of(ty: &DieselType, dialect: Dialect) -> Option<SqlType> {
    named(ty, None, dialect)
}

fn named(ty: &DieselType, length: Option<u32>, dialect: Dialect) -> Option<SqlType> {
    match dialect {
        Dialect::Postgres => postgres_type(ty, length),
        Dialect::Sqlite => sqlite_type(ty, length),
        Dialect::Mysql => mysql_type(ty, length),
    }
}

fn postgres_type(ty: &DieselType, length: Option<u32>) -> Option<SqlType> {
    if matches!(ty.name.as_str(), "Array" | "Nullable") && ty.args.len() == 1 {
        let inner = postgres_type(&ty.args[0], length)?;
        return Some(SqlType { array: u8::from(ty.name == "Array").max(inner.array), ..inner });
    }
    if let Some(name) = &ty.sql_name {
        return Some(SqlType { base: name.to_string(), args: Vec::new(), array: 0 });
    }
    let args = |length: Option<u32>| length.map(|n| n.to_string()).into_iter().collect::<Vec<_>>();
    let base = match ty.name.as_str() {
        "Varchar" | "VarChar" => return Some(SqlType::with_args("varchar", args(length), 0, Dialect::Postgres)),
        "Char" | "Bpchar" | "BpChar" => return Some(SqlType::with_args("char", args(length), 0, Dialect::Postgres)),
        "Text" if length.is_some() => return Some(SqlType::with_args("varchar", args(length), 0, Dialect::Postgres)),
        "Tsvector" | "TsVector" => "tsvector",
        "Tsquery" | "TsQuery" => "tsquery",
        "Ltree" => "ltree",
        "Hstore" => "hstore",
        "Cidr" => "cidr",
        name => postgres_bases(alias(name))?.first()?,
    };
    Some(SqlType::new(base, Dialect::Postgres))
}

fn sqlite_type(ty: &DieselType, length: Option<u32>) -> Option<SqlType> {
    let base = match alias(&ty.name) {
        "SmallInt" | "TinyInt" => "SMALLINT",
        "Integer" => "INTEGER",
        "BigInt" => "BIGINT",
        "Bool" => "BOOLEAN",
        "Text" if length.is_some() => {
            let args = length.map(|n| n.to_string()).into_iter().collect();
            return Some(SqlType::with_args("VARCHAR", args, 0, Dialect::Sqlite));
        }
        "Text" => "TEXT",
        "Binary" => "BLOB",
        "Float" => "REAL",
        "Double" => "DOUBLE",
        "Numeric" => "NUMERIC",
        "Timestamp" | "TimestamptzSqlite" => "TIMESTAMP",
        "Date" => "DATE",
        "Time" => "TIME",
        "Json" | "Jsonb" => "TEXT",
        _ => return sqlite_type(&storage_type(ty)?, length),
    };
    Some(SqlType::new(base, Dialect::Sqlite))
}

fn mysql_type(ty: &DieselType, length: Option<u32>) -> Option<SqlType> {
    let sized = |base: &str, length: u32| SqlType::with_args(base, vec![length.to_string()], 0, Dialect::Mysql);
    if ty.name == "Unsigned" && ty.args.len() == 1 {
        let inner = mysql_type(&ty.args[0], length)?;
        return Some(SqlType { base: format!("{} unsigned", inner.base), ..inner });
    }
    let base = match (ty.name.as_str(), length) {
        ("Bool", _) => return Some(sized("tinyint", 1)),
        // A key or an index of Varchar needs a length, and 255 is what people mean without one.
        ("Varchar" | "VarChar", length) => return Some(sized("varchar", length.unwrap_or(255))),
        ("Char" | "Bpchar" | "BpChar", length) => return Some(sized("char", length.unwrap_or(1))),
        ("Text", Some(length)) => return Some(sized("varchar", length)),
        ("Varbinary", length) => return Some(sized("varbinary", length.unwrap_or(255))),
        ("Binary", Some(length)) => return Some(sized("varbinary", length)),
        (name @ ("Tinytext" | "Mediumtext" | "Longtext" | "Tinyblob" | "Mediumblob" | "Longblob" | "Datetime"), _) => {
            return Some(SqlType::new(name, Dialect::Mysql));
        }
        (name, _) => mysql_bases(alias(name))?.first()?,
    };
    Some(SqlType::new(base, Dialect::Mysql))
}

/// As diesel_cli infers it: `tinyint(1)` is a truth value, the rest goes by its name.
fn mysql_diesel(ty: &SqlType) -> DieselType {
    let plain = DieselType::plain;
    let base = ty.base.split(' ').next().unwrap_or_default();
    let name = match base {
        "tinyint" if ty.args == ["1"] => return plain("Bool"),
        "tinyint" => "TinyInt",
        "smallint" => "SmallInt",
        "mediumint" | "int" => "Integer",
        "bigint" => "BigInt",
        "decimal" => "Numeric",
        "uuid" | "inet4" | "inet6" | "enum" | "set" => "Text",
        other => return plain(&camel_case(other)),
    };
    match ty.base.contains(" unsigned") && base != "decimal" {
        true => DieselType { args: vec![plain(name)], ..plain("Unsigned") },
        false => plain(name),
    }
}

/// Diesel's type for a column's type, as `print-schema` infers it; a user type keeps its name in
/// camel case.
pub(super) fn from_sql(ty: &SqlType, dialect: Dialect) -> DieselType {
    let plain = |name: &str| DieselType::plain(name);
    if ty.array > 0 {
        let inner = from_sql(&SqlType { array: 0, ..ty.clone() }, dialect);
        let inner = DieselType { args: vec![inner], ..plain("Nullable") };
        return DieselType { args: vec![inner], ..plain("Array") };
    }
    match dialect {
        Dialect::Postgres => match postgres_diesel(&ty.base) {
            Some(name) => plain(name),
            None => DieselType { sql_name: Some(Name::new(ty.base.clone())), ..plain(&camel_case(&ty.base)) },
        },
        Dialect::Mysql => mysql_diesel(ty),
        Dialect::Sqlite => plain(match sqlite_kind(&ty.base) {
            Kind::Bool => "Bool",
            Kind::Integer if ty.base.contains("BIG") => "BigInt",
            Kind::Integer if ty.base.contains("SMALL") => "SmallInt",
            Kind::Integer => "Integer",
            Kind::Binary => "Binary",
            Kind::Real | Kind::Numeric if ty.base.contains("DOUB") || ty.base.contains("NUM") => "Double",
            Kind::Real | Kind::Numeric => "Float",
            Kind::Moment if ty.base == "DATE" => "Date",
            Kind::Moment if ty.base == "TIME" => "Time",
            Kind::Moment => "Timestamp",
            Kind::Text | Kind::Json | Kind::Other => "Text",
        }),
    }
}

fn postgres_diesel(base: &str) -> Option<&'static str> {
    Some(match base {
        "smallint" => "Int2",
        "integer" => "Int4",
        "bigint" => "Int8",
        "real" => "Float4",
        "double precision" => "Float8",
        "numeric" => "Numeric",
        "boolean" => "Bool",
        "text" => "Text",
        "character varying" => "Varchar",
        "character" => "Bpchar",
        "citext" => "Citext",
        "bytea" => "Bytea",
        "timestamp without time zone" => "Timestamp",
        "timestamp with time zone" => "Timestamptz",
        "date" => "Date",
        "time without time zone" => "Time",
        "interval" => "Interval",
        "uuid" => "Uuid",
        "json" => "Json",
        "jsonb" => "Jsonb",
        "inet" => "Inet",
        "cidr" => "Cidr",
        "macaddr" => "MacAddr",
        "money" => "Money",
        "oid" => "Oid",
        _ => return None,
    })
}

fn camel_case(name: &str) -> String {
    let bare = name.rsplit('.').next().unwrap_or(name);
    bare.split('_')
        .map(|part| {
            let mut chars = part.chars();
            chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
        })
        .collect()
}

#[cfg(test)]
mod mysql_tests {
    use super::{Fit, fits, from_sql, sql_type};
    use crate::catalog::Catalog;
    use crate::dialect::Dialect::Mysql;
    use crate::models::testing::models;
    use crate::sql::mysql::column_type;

    #[test]
    fn diesel_types_are_mysql_types_and_back() {
        // Diesel's type, the type of a new column, and what Diesel calls that.
        let cases = [
            ("Integer", "int", "Integer"),
            ("Unsigned<BigInt>", "bigint unsigned", "Unsigned<BigInt>"),
            ("TinyInt", "tinyint", "TinyInt"),
            ("Unsigned<Tinyint>", "tinyint unsigned", "Unsigned<TinyInt>"),
            ("Bool", "tinyint(1)", "Bool"),
            ("Text", "text", "Text"),
            ("Varchar", "varchar(255)", "Varchar"),
            ("Mediumtext", "mediumtext", "Mediumtext"),
            ("Binary", "blob", "Blob"),
            ("Longblob", "longblob", "Longblob"),
            ("Datetime", "datetime", "Datetime"),
            ("Timestamp", "timestamp", "Timestamp"),
            ("Numeric", "decimal(10,0)", "Numeric"),
            ("Double", "double", "Double"),
            ("Json", "json", "Json"),
            ("Date", "date", "Date"),
        ];
        for (diesel, sql, back) in cases {
            let models = models(&[&format!("t: c {diesel}")]);
            let column = models.tables.values().next().unwrap().columns[0].clone();
            let ty = sql_type(&column, Mysql).unwrap();
            assert_eq!(ty.to_string(), sql, "{diesel}");
            assert_eq!(from_sql(&ty, Mysql).to_string(), back, "{diesel}");
            assert_eq!(fits(&column.ty, &ty, &Catalog::empty(Mysql)), Fit::Yes, "{diesel}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let cases = [
            ("Text", "enum('a','b')", Fit::Yes),
            ("Text", "json", Fit::Yes),
            ("Timestamp", "datetime", Fit::Yes),
            ("Integer", "mediumint", Fit::Yes),
            ("Numeric", "decimal(5,2) unsigned", Fit::Yes),
            ("Integer", "int unsigned", Fit::No),
            ("Unsigned<Integer>", "int", Fit::No),
            ("Integer", "bigint", Fit::No),
            ("Text", "blob", Fit::No),
        ];
        for (diesel, sql, expected) in cases {
            let models = models(&[&format!("t: c {diesel}")]);
            let column = &models.tables.values().next().unwrap().columns[0];
            assert_eq!(fits(&column.ty, &column_type(sql), &Catalog::empty(Mysql)), expected, "{diesel} {sql}");
        }
    }
}
