//! The catalog of a PostgreSQL database, from its system catalogs (PostgreSQL manual chapter 53):
//! everything but what belongs to tables, which is `postgres_tables`. Objects that an extension
//! owns are the extension's, not the schema's, and are left out. Each query gives one JSON object
//! a row, so that no type of the driver is needed.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{postgres_tables, sequence_options};
use crate::catalog::{Catalog, Check, Commented, Domain, EnumType, Expr, Function, Name, Sequence, SqlType, View};
use crate::db::Database;
use crate::dialect::Dialect;
use crate::error::Result;

/// How names are read: objects of the default schema have none.
pub(super) struct Names {
    default_schema: String,
}

impl Names {
    pub(super) fn name(&self, schema: &str, name: &str) -> Name {
        Name { schema: (schema != self.default_schema).then(|| schema.to_owned()), name: name.to_owned() }
    }

    /// A type as `pg_type` and `format_type` tell it.
    pub(super) fn sql_type(&self, ty: &TypeRow) -> SqlType {
        let (base, args) = split_modifiers(&ty.type_text);
        let base = match ty.type_schema.as_str() {
            "pg_catalog" => base,
            schema if schema == self.default_schema => ty.type_name.clone(),
            schema => format!("{schema}.{}", ty.type_name),
        };
        SqlType::with_args(&base, args, u8::from(ty.is_array), Dialect::Postgres)
    }
}

/// The columns that `TYPE` selects.
#[derive(Deserialize)]
pub(super) struct TypeRow {
    type_text: String,
    type_schema: String,
    type_name: String,
    is_array: bool,
}

/// `timestamp(3) with time zone` → `timestamp with time zone` and `3`.
fn split_modifiers(text: &str) -> (String, Vec<String>) {
    let Some((head, rest)) = text.split_once('(') else { return (text.to_owned(), Vec::new()) };
    let Some((inside, tail)) = rest.split_once(')') else { return (text.to_owned(), Vec::new()) };
    let args = inside.split(',').map(|arg| arg.trim().to_owned()).collect();
    (format!("{head}{tail}"), args)
}

/// Schemas that are the user's; `n` is `pg_namespace`.
pub(super) const USER_SCHEMA: &str = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/// Whether an object is no extension's.
pub(super) fn not_owned(catalog: &str, oid: &str) -> String {
    format!(
        "NOT EXISTS (SELECT FROM pg_depend o WHERE o.classid = '{catalog}'::regclass AND o.objid = {oid}
            AND o.deptype = 'e')"
    )
}

/// The parts of a type whose row is `t` with modifier `typmod`; needs [`TYPE_JOIN`].
pub(super) fn type_columns(typmod: &str) -> String {
    format!(
        "format_type(coalesce(e.oid, t.oid), {typmod}) AS type_text, tn.nspname AS type_schema,
         coalesce(e.typname, t.typname) AS type_name, e.oid IS NOT NULL AS is_array"
    )
}

/// The element type of an array, and the schema of the type.
pub(super) const TYPE_JOIN: &str = "LEFT JOIN pg_type e ON e.typarray = t.oid
    JOIN pg_namespace tn ON tn.oid = coalesce(e.typnamespace, t.typnamespace)";

/// Rows as JSON objects.
pub(super) fn as_json(query: &str) -> String {
    format!("SELECT row_to_json(q)::text AS row FROM ({query}) q")
}

pub(super) fn introspect(db: &mut Database) -> Result<Catalog> {
    db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let catalog = read(db);
    let ended = db.execute("ROLLBACK");
    let catalog = catalog?;
    ended.map(|()| catalog)
}

fn read(db: &mut Database) -> Result<Catalog> {
    let default_schema = db.text("SELECT current_schema()::text AS row", &[])?.unwrap_or_else(|| "public".to_owned());
    let names = Names { default_schema };
    let mut catalog = Catalog::empty(Dialect::Postgres);
    schemas(db, &names, &mut catalog)?;
    enums(db, &names, &mut catalog)?;
    domains(db, &names, &mut catalog)?;
    let identities = sequences(db, &names, &mut catalog)?;
    views(db, &names, &mut catalog)?;
    functions(db, &names, &mut catalog)?;
    postgres_tables::read(db, &names, &identities, &mut catalog)?;
    comments(db, &names, &mut catalog)?;
    Ok(catalog)
}

fn schemas(db: &mut Database, names: &Names, catalog: &mut Catalog) -> Result<()> {
    let free = not_owned("pg_namespace", "n.oid");
    let sql = format!("SELECT n.nspname::text AS row FROM pg_namespace n WHERE {USER_SCHEMA} AND {free}");
    let all = db.texts(&sql, &[])?;
    catalog.schemas = all.into_iter().flatten().filter(|schema| *schema != names.default_schema).collect();
    let all = db.texts("SELECT extname::text AS row FROM pg_extension WHERE extname <> 'plpgsql'", &[])?;
    catalog.extensions = all.into_iter().flatten().collect();
    Ok(())
}

#[derive(Deserialize)]
struct EnumRow {
    schema: String,
    name: String,
    values: Vec<String>,
    comment: Option<String>,
}

fn enums(db: &mut Database, names: &Names, catalog: &mut Catalog) -> Result<()> {
    let free = not_owned("pg_type", "t.oid");
    let sql = as_json(&format!(
        "SELECT n.nspname AS schema, t.typname AS name, obj_description(t.oid, 'pg_type') AS comment,
            coalesce((SELECT json_agg(v.enumlabel ORDER BY v.enumsortorder) FROM pg_enum v
                WHERE v.enumtypid = t.oid), '[]') AS values
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
         WHERE t.typtype = 'e' AND {USER_SCHEMA} AND {free}"
    ));
    for row in db.rows::<EnumRow>(&sql, &[])? {
        let name = names.name(&row.schema, &row.name);
        let ty = EnumType { name: name.clone(), values: row.values, comment: row.comment };
        catalog.enums.insert(name, ty);
    }
    Ok(())
}

#[derive(Deserialize)]
struct DomainRow {
    schema: String,
    name: String,
    #[serde(flatten)]
    base: TypeRow,
    not_null: bool,
    default_sql: Option<String>,
    checks: Vec<CheckRow>,
}

#[derive(Deserialize)]
struct CheckRow {
    name: String,
    expr: String,
    valid: bool,
}

fn domains(db: &mut Database, names: &Names, catalog: &mut Catalog) -> Result<()> {
    let free = not_owned("pg_type", "d.oid");
    let base = type_columns("d.typtypmod");
    let sql = as_json(&format!(
        "SELECT n.nspname AS schema, d.typname AS name, {base}, d.typnotnull AS not_null,
            pg_get_expr(d.typdefaultbin, 0) AS default_sql,
            coalesce((SELECT json_agg(json_build_object('name', k.conname, 'expr', pg_get_expr(k.conbin, 0),
                    'valid', k.convalidated) ORDER BY k.conname)
                FROM pg_constraint k WHERE k.contypid = d.oid AND k.contype = 'c'), '[]') AS checks
         FROM pg_type d JOIN pg_namespace n ON n.oid = d.typnamespace JOIN pg_type t ON t.oid = d.typbasetype
            {TYPE_JOIN}
         WHERE d.typtype = 'd' AND {USER_SCHEMA} AND {free}"
    ));
    for row in db.rows::<DomainRow>(&sql, &[])? {
        let name = names.name(&row.schema, &row.name);
        let check = |c: CheckRow| Check { name: Some(c.name), expr: Expr::new(c.expr), valid: c.valid };
        let domain = Domain {
            name: name.clone(),
            base: names.sql_type(&row.base),
            not_null: row.not_null,
            default: row.default_sql.map(Expr::new),
            checks: row.checks.into_iter().map(check).collect(),
        };
        catalog.domains.insert(name, domain);
    }
    Ok(())
}

#[derive(Deserialize)]
struct SequenceRow {
    schema: String,
    name: String,
    data_type: String,
    start: i64,
    increment: i64,
    min: i64,
    max: i64,
    cache: i64,
    cycle: bool,
    /// `a`: owned by a column; `i`: an identity column's own.
    dependency: Option<String>,
    table_schema: Option<String>,
    table_name: Option<String>,
    column_name: Option<String>,
}

/// Fills in the sequences; returns the options of those that belong to identity columns.
fn sequences(db: &mut Database, names: &Names, catalog: &mut Catalog) -> Result<BTreeMap<Name, String>> {
    let free = not_owned("pg_class", "c.oid");
    let sql = as_json(&format!(
        "SELECT n.nspname AS schema, c.relname AS name, format_type(s.seqtypid, NULL) AS data_type,
            s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS min, s.seqmax AS max,
            s.seqcache AS cache, s.seqcycle AS cycle, d.deptype AS dependency,
            rn.nspname AS table_schema, r.relname AS table_name, a.attname AS column_name
         FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
                AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
            LEFT JOIN pg_class r ON r.oid = d.refobjid
            LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
            LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
         WHERE {USER_SCHEMA} AND c.relpersistence <> 't' AND {free}"
    ));
    let mut identities = BTreeMap::new();
    for row in db.rows::<SequenceRow>(&sql, &[])? {
        let name = names.name(&row.schema, &row.name);
        let options = row.options();
        if row.dependency.as_deref() == Some("i") {
            identities.insert(name, options);
            continue;
        }
        let owned_by = match (&row.table_schema, &row.table_name, row.column_name) {
            (Some(schema), Some(table), Some(column)) => Some((names.name(schema, table), column)),
            _ => None,
        };
        catalog.sequences.insert(name.clone(), Sequence { name, options, owned_by });
    }
    Ok(identities)
}

impl SequenceRow {
    /// The options that are not the default, in the order of the manual's `CREATE SEQUENCE`.
    fn options(&self) -> String {
        let (type_min, type_max) = match self.data_type.as_str() {
            "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
            "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        let up = self.increment > 0;
        let (min, max) = if up { (1, type_max) } else { (type_min, -1) };
        let start = if up { self.min } else { self.max };
        let numbers = [
            ("INCREMENT BY", self.increment, 1),
            ("MINVALUE", self.min, min),
            ("MAXVALUE", self.max, max),
            ("START WITH", self.start, start),
            ("CACHE", self.cache, 1),
        ];
        let options = sequence_options(&numbers, self.cycle);
        // A column's own sequence takes the column's type.
        if self.dependency.is_none() && self.data_type != "bigint" {
            return format!("AS {} {options}", self.data_type).trim_end().to_owned();
        }
        options
    }
}

#[derive(Deserialize)]
struct ViewRow {
    schema: String,
    name: String,
    materialized: bool,
    options: Option<String>,
    definition: String,
    comment: Option<String>,
    depends_on: Vec<(String, String)>,
}

fn views(db: &mut Database, names: &Names, catalog: &mut Catalog) -> Result<()> {
    let free = not_owned("pg_class", "c.oid");
    let sql = as_json(&format!(
        "SELECT n.nspname AS schema, c.relname AS name, c.relkind = 'm' AS materialized,
            array_to_string(c.reloptions, ', ') AS options, pg_get_viewdef(c.oid) AS definition,
            obj_description(c.oid, 'pg_class') AS comment,
            coalesce((SELECT json_agg(DISTINCT jsonb_build_array(bn.nspname, b.relname))
                FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                    AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> c.oid
                JOIN pg_class b ON b.oid = d.refobjid AND b.relkind IN ('r', 'p', 'v', 'm', 'f')
                JOIN pg_namespace bn ON bn.oid = b.relnamespace
                WHERE r.ev_class = c.oid), '[]') AS depends_on
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't' AND {USER_SCHEMA} AND {free}"
    ));
    for row in db.rows::<ViewRow>(&sql, &[])? {
        let name = names.name(&row.schema, &row.name);
        let kind = if row.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        let options = row.options.map(|o| format!(" WITH ({o})")).unwrap_or_default();
        let body = row.definition.trim().trim_end_matches(';');
        let view = View {
            sql: format!("CREATE {kind} {}{options} AS {body}", name.sql(Dialect::Postgres)),
            name: name.clone(),
            materialized: row.materialized,
            depends_on: row.depends_on.iter().map(|(schema, table)| names.name(schema, table)).collect(),
            indexes: Vec::new(),
            comment: row.comment,
        };
        catalog.views.insert(name, view);
    }
    Ok(())
}

#[derive(Deserialize)]
struct FunctionRow {
    schema: String,
    name: String,
    arguments: String,
    sql: String,
}

#[derive(Deserialize)]
struct CommentRow {
    /// As [`Commented`] is written.
    kind: String,
    schema: String,
    name: String,
    table_name: Option<String>,
    text: String,
}

/// Comments on what carries none by itself.
fn comments(db: &mut Database, names: &Names, catalog: &mut Catalog) -> Result<()> {
    let parts = |kind: &str, catalog: &str, part: &str, table: &str| {
        format!(
            "UNION ALL SELECT '{kind}', n.nspname, x.{part}, c.relname, d.description FROM pg_description d
                JOIN {catalog} x ON x.oid = d.objoid AND d.classoid = '{catalog}'::regclass
                JOIN pg_class c ON c.oid = x.{table} JOIN pg_namespace n ON n.oid = c.relnamespace "
        )
    };
    let sql = as_json(&format!(
        "SELECT 'function' AS kind, n.nspname AS schema, p.proname || '(' || oidvectortypes(p.proargtypes) || ')' AS name,
            NULL::name AS table_name, d.description AS text
            FROM pg_description d JOIN pg_proc p ON p.oid = d.objoid AND d.classoid = 'pg_proc'::regclass
                JOIN pg_namespace n ON n.oid = p.pronamespace
         UNION ALL SELECT 'domain', n.nspname, t.typname, NULL, d.description
            FROM pg_description d JOIN pg_type t ON t.oid = d.objoid AND d.classoid = 'pg_type'::regclass
                AND t.typtype = 'd' JOIN pg_namespace n ON n.oid = t.typnamespace
         UNION ALL SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'index' END, n.nspname, c.relname, NULL, d.description
            FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
                AND c.relkind IN ('S', 'i', 'I') AND d.objsubid = 0 JOIN pg_namespace n ON n.oid = c.relnamespace
         UNION ALL SELECT 'schema', n.nspname, n.nspname, NULL, d.description
            FROM pg_description d JOIN pg_namespace n ON n.oid = d.objoid AND d.classoid = 'pg_namespace'::regclass
         {} {} {}",
        parts("constraint", "pg_constraint", "conname", "conrelid"),
        parts("trigger", "pg_trigger", "tgname", "tgrelid"),
        parts("policy", "pg_policy", "polname", "polrelid"),
    ));
    for row in db.rows::<CommentRow>(&sql, &[])? {
        let name = names.name(&row.schema, &row.name);
        let table = row.table_name.map(|table| names.name(&row.schema, &table));
        let on = match (row.kind.as_str(), table) {
            ("function", _) => Commented::Function(name),
            ("domain", _) => Commented::Domain(name),
            ("sequence", _) => Commented::Sequence(name),
            ("index", _) => Commented::Index(name),
            ("constraint", Some(table)) => Commented::Constraint(table, row.name),
            ("trigger", Some(table)) => Commented::Trigger(table, row.name),
            ("policy", Some(table)) => Commented::Policy(table, row.name),
            _ => Commented::Schema(row.name),
        };
        // What is an extension's, or the server's, is not there.
        if catalog.has(&on) {
            catalog.set_comment(on, Some(row.text));
        }
    }
    Ok(())
}

fn functions(db: &mut Database, names: &Names, catalog: &mut Catalog) -> Result<()> {
    let free = not_owned("pg_proc", "p.oid");
    // Aggregates have no statement that the server could print.
    let sql = as_json(&format!(
        "SELECT n.nspname AS schema, p.proname AS name, oidvectortypes(p.proargtypes) AS arguments,
            pg_get_functiondef(p.oid) AS sql
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE p.prokind IN ('f', 'p', 'w') AND {USER_SCHEMA} AND {free}"
    ));
    for row in db.rows::<FunctionRow>(&sql, &[])? {
        let name = names.name(&row.schema, &format!("{}({})", row.name, row.arguments));
        let sql = row.sql.trim_end().to_owned();
        catalog.functions.insert(name.clone(), Function { name, sql });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::split_modifiers;

    #[test]
    fn modifiers_are_taken_out_of_a_type() {
        let cases = [
            ("timestamp(3) with time zone", "timestamp with time zone", vec!["3"]),
            ("numeric(12,2)", "numeric", vec!["12", "2"]),
            ("geometry(Point,4326)", "geometry", vec!["Point", "4326"]),
            ("text", "text", vec![]),
        ];
        for (text, base, args) in cases {
            assert_eq!(split_modifiers(text), (base.to_owned(), args.iter().map(ToString::to_string).collect()));
        }
    }
}
