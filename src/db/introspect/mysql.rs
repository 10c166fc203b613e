//! The catalog of a MySQL or MariaDB database, from `information_schema`: everything but what belongs
//! to tables, which is `mysql_tables`. The two servers tell some things differently (defaults,
//! checks); what the catalog gets is the same. Events are left out.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{mysql_tables, sequence_options};
use crate::catalog::{Catalog, Function, Name, Sequence, View, mysql};
use crate::db::Database;
use crate::dialect::Dialect;
use crate::error::Result;

/// What the server's answers have to be read with.
pub(super) struct Server {
    pub(super) is_mariadb: bool,
    /// The database that the connection is in.
    pub(super) database: String,
}

#[derive(Deserialize)]
struct ServerRow {
    version: String,
    database: Option<String>,
}

/// Rows as JSON objects: each pair is a name and an expression.
pub(super) fn as_json(pairs: &[(&str, &str)], rest: &str) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(name, expr)| format!("'{name}', {expr}")).collect();
    format!("SELECT json_object({}) AS `row` FROM {rest}", pairs.join(", "))
}

pub(super) fn introspect(db: &mut Database) -> Result<Catalog> {
    let mut catalog = Catalog::empty(Dialect::Mysql);
    let Some(server) = server(db)? else { return Ok(catalog) };
    mysql_tables::read(db, &server, &mut catalog)?;
    mysql::settle_all(&mut catalog);
    sequences(db, &mut catalog)?;
    views(db, &server, &mut catalog)?;
    functions(db, &mut catalog)?;
    Ok(catalog)
}

fn server(db: &mut Database) -> Result<Option<Server>> {
    let sql = as_json(&[("version", "version()"), ("database", "database()")], "dual");
    let row = db.rows::<ServerRow>(&sql, &[])?.into_iter().next();
    let read = |row: ServerRow| Some(Server { is_mariadb: row.version.contains("MariaDB"), database: row.database? });
    Ok(row.and_then(read))
}

#[derive(Deserialize)]
struct SequenceRow {
    start: i64,
    min: i64,
    max: i64,
    increment: i64,
    cache: i64,
    cycle: i64,
}

/// MariaDB's: a table of one row each.
fn sequences(db: &mut Database, catalog: &mut Catalog) -> Result<()> {
    let sql = "SELECT table_name AS `row` FROM information_schema.tables
        WHERE table_schema = database() AND table_type = 'SEQUENCE'";
    for name in db.texts(sql, &[])?.into_iter().flatten().map(Name::new) {
        let sql = as_json(
            &[
                ("start", "start_value"),
                ("min", "minimum_value"),
                ("max", "maximum_value"),
                ("increment", "increment"),
                ("cache", "cache_size"),
                ("cycle", "cycle_option"),
            ],
            &name.sql(Dialect::Mysql),
        );
        for row in db.rows::<SequenceRow>(&sql, &[])? {
            let options = row.options();
            catalog.sequences.insert(name.clone(), Sequence { name: name.clone(), options, owned_by: None });
        }
    }
    Ok(())
}

impl SequenceRow {
    /// In the order of `SHOW CREATE SEQUENCE`; the last number of each side is kept free.
    fn options(&self) -> String {
        let up = self.increment > 0;
        let (min, max) = if up { (1, i64::MAX - 1) } else { (i64::MIN + 1, -1) };
        let start = if up { self.min } else { self.max };
        let numbers = [
            ("START WITH", self.start, start),
            ("MINVALUE", self.min, min),
            ("MAXVALUE", self.max, max),
            ("INCREMENT BY", self.increment, 1),
            ("CACHE", self.cache, 1000),
        ];
        sequence_options(&numbers, self.cycle != 0)
    }
}

#[derive(Deserialize)]
struct ViewRow {
    name: String,
    definition: String,
    check_option: String,
}

fn views(db: &mut Database, server: &Server, catalog: &mut Catalog) -> Result<()> {
    let sql = as_json(
        &[("name", "table_name"), ("definition", "view_definition"), ("check_option", "check_option")],
        "information_schema.views WHERE table_schema = database()",
    );
    for row in db.rows::<ViewRow>(&sql, &[])? {
        let name = Name::new(row.name);
        let (body, depends_on) = unqualified(&row.definition, &server.database);
        let check = match row.check_option.as_str() {
            "NONE" => String::new(),
            option => format!(" WITH {option} CHECK OPTION"),
        };
        let view = View {
            sql: format!("CREATE VIEW {} AS {body}{check}", name.sql(Dialect::Mysql)),
            name: name.clone(),
            materialized: false,
            depends_on,
            indexes: Vec::new(),
            comment: None,
        };
        catalog.views.insert(name, view);
    }
    Ok(())
}

/// A statement as the server prints it, without the names of its own database before those of
/// tables; and these tables.
fn unqualified(sql: &str, database: &str) -> (String, BTreeSet<Name>) {
    let qualifier = format!("`{}`.`", database.replace('`', "``"));
    let mut tables = BTreeSet::new();
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(at) = rest.find(['\'', '`']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(named) = rest.strip_prefix(&qualifier) {
            rest = &rest[qualifier.len() - 1..];
            tables.insert(Name::new(named.split('`').next().unwrap_or_default()));
        }
        let end = end_of_quoted(rest);
        out.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    (out + rest, tables)
}

/// Behind the text or name that begins here; a doubled quote ends one and begins the next, which
/// comes to the same.
fn end_of_quoted(text: &str) -> usize {
    let quote = text.chars().next().unwrap_or('`');
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote == '\'' {
            chars.next();
        } else if c == quote {
            return at + 1;
        }
    }
    text.len()
}

#[derive(Deserialize)]
struct FunctionRow {
    name: String,
    /// `FUNCTION` or `PROCEDURE`.
    kind: String,
    returns: Option<String>,
    body: Option<String>,
    deterministic: String,
    access: String,
    security: String,
    comment: String,
}

#[derive(Deserialize)]
struct ParameterRow {
    function: String,
    kind: String,
    mode: String,
    name: String,
    ty: String,
}

fn functions(db: &mut Database, catalog: &mut Catalog) -> Result<()> {
    let sql = as_json(
        &[
            ("function", "specific_name"),
            ("kind", "routine_type"),
            ("mode", "parameter_mode"),
            ("name", "parameter_name"),
            ("ty", "dtd_identifier"),
        ],
        "information_schema.parameters WHERE specific_schema = database() AND ordinal_position > 0
         ORDER BY specific_name, ordinal_position",
    );
    let parameters: Vec<ParameterRow> = db.rows(&sql, &[])?;
    let sql = as_json(
        &[
            ("name", "routine_name"),
            ("kind", "routine_type"),
            ("returns", "dtd_identifier"),
            ("body", "routine_definition"),
            ("deterministic", "is_deterministic"),
            ("access", "sql_data_access"),
            ("security", "security_type"),
            ("comment", "routine_comment"),
        ],
        "information_schema.routines WHERE routine_schema = database() AND routine_type IN ('FUNCTION', 'PROCEDURE')",
    );
    for row in db.rows::<FunctionRow>(&sql, &[])? {
        let own = parameters.iter().filter(|p| p.function == row.name && p.kind == row.kind).collect::<Vec<_>>();
        let function = row.function(&own);
        catalog.functions.insert(function.name.clone(), function);
    }
    Ok(())
}

impl FunctionRow {
    fn function(&self, parameters: &[&ParameterRow]) -> Function {
        let parameter = |p: &&ParameterRow| {
            let mode = if self.kind == "PROCEDURE" { format!("{} ", p.mode) } else { String::new() };
            format!("{mode}{} {}", Dialect::Mysql.quote(&p.name), p.ty)
        };
        let list: Vec<String> = parameters.iter().map(parameter).collect();
        let mut sql = format!("CREATE {} {}({})", self.kind, Dialect::Mysql.quote(&self.name), list.join(", "));
        if let Some(ty) = self.returns.as_ref().filter(|_| self.kind == "FUNCTION") {
            sql = format!("{sql} RETURNS {ty}");
        }
        if self.deterministic == "YES" {
            sql.push_str(" DETERMINISTIC");
        }
        if self.access != "CONTAINS SQL" {
            sql = format!("{sql} {}", self.access);
        }
        if self.security == "INVOKER" {
            sql.push_str(" SQL SECURITY INVOKER");
        }
        if !self.comment.is_empty() {
            sql = format!("{sql} COMMENT {}", Dialect::Mysql.literal(&self.comment));
        }
        if let Some(body) = &self.body {
            sql = format!("{sql} {body}");
        }
        // There is one routine of a name.
        Function { name: Name::new(self.name.clone()), sql }
    }
}

#[cfg(test)]
mod tests {
    use super::unqualified;

    #[test]
    fn names_lose_their_own_database() {
        let cases = [
            ("select `d`.`t`.`id` AS `id` from `d`.`t`", "select `t`.`id` AS `id` from `t`", "t"),
            ("select 'it''s `d`.`x`' from `other`.`u`", "select 'it''s `d`.`x`' from `other`.`u`", ""),
            (r"select '\'`d`.`x`', `d``.` from `d`.`t`", r"select '\'`d`.`x`', `d``.` from `t`", "t"),
        ];
        for (sql, expected, tables) in cases {
            let (text, found) = unqualified(sql, "d");
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!((text.as_str(), found.join(" ").as_str()), (expected, tables));
        }
    }
}
