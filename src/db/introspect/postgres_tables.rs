//! Tables of a PostgreSQL database: columns, constraints, indexes (also those of materialized
//! views) and triggers. What a partition has from its parent stays with the parent.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::is_ours;
use super::postgres::{Names, TYPE_JOIN, TypeRow, USER_SCHEMA, as_json, not_owned, type_columns};
use crate::catalog::{
    Action, AutoValue, Catalog, Check, Column, Deferrable, Exclude, Expr, ForeignKey, Generated, Index, IndexKey,
    IndexPart, Name, Policy, PrimaryKey, Table, TableOptions, Trigger, Unique,
};
use crate::db::Database;
use crate::error::Result;

pub(super) fn read(
    db: &mut Database,
    names: &Names,
    identities: &BTreeMap<Name, String>,
    catalog: &mut Catalog,
) -> Result<()> {
    tables(db, names, catalog)?;
    columns(db, names, identities, catalog)?;
    constraints(db, names, catalog)?;
    indexes(db, names, catalog)?;
    triggers(db, names, catalog)?;
    policies(db, names, catalog)
}

/// `pg_class` rows of the user's relations of these kinds, as `c` in schema `n`.
fn relations(kinds: &str) -> String {
    let free = not_owned("pg_class", "c.oid");
    format!("c.relkind IN ({kinds}) AND c.relpersistence <> 't' AND {USER_SCHEMA} AND {free}")
}

#[derive(Deserialize)]
struct TableRow {
    schema: String,
    name: String,
    unlogged: bool,
    row_security: bool,
    forced_row_security: bool,
    partition_by: Option<String>,
    parent_schema: Option<String>,
    parent_name: Option<String>,
    partition_bounds: Option<String>,
    comment: Option<String>,
}

fn tables(db: &mut Database, names: &Names, catalog: &mut Catalog) -> Result<()> {
    let sql = as_json(&format!(
        "SELECT n.nspname AS schema, c.relname AS name, c.relpersistence = 'u' AS unlogged,
            c.relrowsecurity AS row_security, c.relforcerowsecurity AS forced_row_security,
            CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_by,
            pn.nspname AS parent_schema, p.relname AS parent_name,
            CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS partition_bounds, obj_description(c.oid, 'pg_class') AS comment
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
            LEFT JOIN pg_class p ON p.oid = i.inhparent LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
         WHERE {}",
        relations("'r', 'p'")
    ));
    for row in db.rows::<TableRow>(&sql, &[])?.into_iter().filter(|row| !is_ours(&row.name)) {
        let name = names.name(&row.schema, &row.name);
        let mut table = Table::new(name.clone());
        table.comment = row.comment;
        table.options = TableOptions {
            unlogged: row.unlogged,
            row_security: row.row_security,
            forced_row_security: row.forced_row_security,
            partition_by: row.partition_by,
            partition_of: row.parent_schema.zip(row.parent_name).map(|(schema, table)| names.name(&schema, &table)),
            partition_bounds: row.partition_bounds.map(Expr::new),
            ..TableOptions::default()
        };
        catalog.tables.insert(name, table.into());
    }
    Ok(())
}

#[derive(Deserialize)]
struct ColumnRow {
    schema: String,
    table_name: String,
    name: String,
    #[serde(flatten)]
    ty: TypeRow,
    not_null: bool,
    default_sql: Option<String>,
    /// Empty, `s` or `v`.
    generated: Option<String>,
    /// Empty, `a` or `d`.
    identity: Option<String>,
    collation: Option<String>,
    comment: Option<String>,
    sequence_schema: Option<String>,
    sequence_name: Option<String>,
    /// Whether the default is `nextval` of a sequence that the column owns.
    is_serial: bool,
}

fn columns(db: &mut Database, names: &Names, identities: &BTreeMap<Name, String>, catalog: &mut Catalog) -> Result<()> {
    let sql = as_json(&format!(
        "SELECT n.nspname AS schema, c.relname AS table_name, a.attname AS name, {}, a.attnotnull AS not_null,
            pg_get_expr(d.adbin, d.adrelid) AS default_sql, to_jsonb(a) ->> 'attgenerated' AS generated,
            a.attidentity AS identity, CASE WHEN a.attcollation <> t.typcollation THEN co.collname END AS collation,
            col_description(c.oid, a.attnum) AS comment, s.nspname AS sequence_schema, s.relname AS sequence_name,
            coalesce(s.deptype = 'a' AND pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%' AND EXISTS (
                SELECT FROM pg_depend u WHERE u.classid = 'pg_attrdef'::regclass AND u.objid = d.oid
                    AND u.refclassid = 'pg_class'::regclass AND u.refobjid = s.oid), false) AS is_serial
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_type t ON t.oid = a.atttypid {TYPE_JOIN}
            LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
            LEFT JOIN pg_collation co ON co.oid = a.attcollation
            LEFT JOIN LATERAL (
                SELECT q.oid, qn.nspname, q.relname, o.deptype FROM pg_depend o
                    JOIN pg_class q ON q.oid = o.objid AND q.relkind = 'S'
                    JOIN pg_namespace qn ON qn.oid = q.relnamespace
                WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass
                    AND o.refobjid = c.oid AND o.refobjsubid = a.attnum AND o.deptype IN ('a', 'i')
                ORDER BY o.deptype DESC, q.oid LIMIT 1) s ON true
         WHERE {}
         ORDER BY c.oid, a.attnum",
        type_columns("a.atttypmod"),
        relations("'r', 'p'")
    ));
    for row in db.rows::<ColumnRow>(&sql, &[])? {
        let Some(table) = catalog.tables.get_mut(&names.name(&row.schema, &row.table_name)) else { continue };
        table.columns.push(row.column(names, identities).into());
    }
    Ok(())
}

impl ColumnRow {
    fn column(self, names: &Names, identities: &BTreeMap<Name, String>) -> Column {
        let sequence = self.sequence_schema.zip(self.sequence_name).map(|(schema, name)| names.name(&schema, &name));
        let identity = self.identity.filter(|kind| !kind.is_empty());
        let generated = self.generated.filter(|kind| !kind.is_empty());
        let mut column = Column::new(self.name, names.sql_type(&self.ty));
        column.nullable = !self.not_null;
        column.collation = self.collation;
        column.comment = self.comment;
        // A NULL that the server fitted to the column's length is no default.
        let default_sql = self.default_sql.filter(|sql| !sql.starts_with("NULL::"));
        match (identity, generated, default_sql) {
            (Some(kind), _, _) => {
                let options = sequence.and_then(|name| identities.get(&name).cloned()).unwrap_or_default();
                column.auto = Some(AutoValue::Identity { always: kind == "a", options });
            }
            (None, Some(kind), Some(expr)) => {
                column.generated = Some(Generated { expr: Expr::new(expr), stored: kind == "s" });
            }
            (None, _, Some(_)) if self.is_serial && sequence.is_some() => {
                column.auto = sequence.map(|sequence| AutoValue::Serial { sequence });
            }
            (None, _, default) => column.default = default.map(Expr::new),
        }
        column
    }
}

#[derive(Deserialize)]
struct ConstraintRow {
    schema: String,
    table_name: String,
    name: String,
    /// As in `pg_constraint.contype`.
    kind: String,
    columns: Vec<String>,
    expr: Option<String>,
    definition: String,
    valid: bool,
    deferrable: bool,
    deferred: bool,
    nulls_not_distinct: Option<String>,
    ref_schema: Option<String>,
    ref_table: Option<String>,
    ref_columns: Vec<String>,
    on_update: String,
    on_delete: String,
}

fn constraints(db: &mut Database, names: &Names, catalog: &mut Catalog) -> Result<()> {
    let columns = |numbers: &str, table: &str| {
        format!(
            "coalesce((SELECT json_agg(a.attname ORDER BY u.place)
                FROM unnest({numbers}) WITH ORDINALITY u (number, place)
                JOIN pg_attribute a ON a.attrelid = {table} AND a.attnum = u.number), '[]')"
        )
    };
    // NOT NULL constraints (kind `n`, since version 18) are told by the columns.
    let sql = as_json(&format!(
        "SELECT n.nspname AS schema, c.relname AS table_name, k.conname AS name, k.contype AS kind, {} AS columns,
            pg_get_expr(k.conbin, k.conrelid) AS expr, pg_get_constraintdef(k.oid) AS definition,
            k.convalidated AS valid, k.condeferrable AS deferrable, k.condeferred AS deferred,
            (SELECT to_jsonb(i) ->> 'indnullsnotdistinct' FROM pg_index i WHERE i.indexrelid = k.conindid)
                AS nulls_not_distinct,
            fn.nspname AS ref_schema, f.relname AS ref_table, {} AS ref_columns,
            k.confupdtype AS on_update, k.confdeltype AS on_delete
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_class f ON f.oid = k.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
         WHERE {} AND k.contype IN ('p', 'u', 'f', 'c', 'x')
            AND coalesce(to_jsonb(k) ->> 'conparentid', '0') = '0' AND (k.conislocal OR NOT c.relispartition)
         ORDER BY c.oid, k.conname",
        columns("k.conkey", "k.conrelid"),
        columns("k.confkey", "k.confrelid"),
        relations("'r', 'p'")
    ));
    for row in db.rows::<ConstraintRow>(&sql, &[])? {
        if let Some(table) = catalog.tables.get_mut(&names.name(&row.schema, &row.table_name)) {
            row.add_to(table, names);
        }
    }
    Ok(())
}

impl ConstraintRow {
    fn add_to(self, table: &mut Table, names: &Names) {
        let deferrable = match (self.deferrable, self.deferred) {
            (false, _) => Deferrable::No,
            (true, false) => Deferrable::InitiallyImmediate,
            (true, true) => Deferrable::InitiallyDeferred,
        };
        let name = Some(self.name);
        match self.kind.as_str() {
            "p" => table.primary_key = Some(PrimaryKey { name, columns: self.columns }),
            "u" => table.uniques.push(Unique {
                name,
                columns: self.columns,
                nulls_not_distinct: self.nulls_not_distinct.as_deref() == Some("true"),
                deferrable,
            }),
            "f" => table.foreign_keys.push(ForeignKey {
                name,
                columns: self.columns,
                references: names.name(&self.ref_schema.unwrap_or_default(), &self.ref_table.unwrap_or_default()),
                ref_columns: self.ref_columns,
                on_delete: action(&self.on_delete),
                on_update: action(&self.on_update),
                deferrable,
                valid: self.valid,
            }),
            "c" => table.checks.push(Check { name, expr: Expr::new(self.expr.unwrap_or_default()), valid: self.valid }),
            _ => {
                let text = self.definition.strip_prefix("EXCLUDE ").unwrap_or(&self.definition);
                table.excludes.push(Exclude { name, text: Expr::new(text) });
            }
        }
    }
}

fn action(letter: &str) -> Action {
    match letter {
        "r" => Action::Restrict,
        "c" => Action::Cascade,
        "n" => Action::SetNull,
        "d" => Action::SetDefault,
        _ => Action::NoAction,
    }
}

#[derive(Deserialize)]
struct IndexRow {
    schema: String,
    relation: String,
    name: String,
    is_unique: bool,
    method: String,
    nulls_not_distinct: Option<String>,
    parts: Vec<PartRow>,
    include: Vec<String>,
    predicate: Option<String>,
    options: Option<String>,
    is_invalid: bool,
}

#[derive(Deserialize)]
struct PartRow {
    column: Option<String>,
    expr: Option<String>,
    /// Bit 0: descending; bit 1: nulls first.
    option: i16,
    operator_class: Option<String>,
    collation: Option<String>,
}

fn indexes(db: &mut Database, names: &Names, catalog: &mut Catalog) -> Result<()> {
    // An expression has a collation of its own, which only the printed statement leaves out.
    let sql = as_json(&format!(
        "SELECT n.nspname AS schema, c.relname AS relation, x.relname AS name, i.indisunique AS is_unique,
            m.amname AS method, to_jsonb(i) ->> 'indnullsnotdistinct' AS nulls_not_distinct,
            (SELECT json_agg(json_build_object(
                    'column', a.attname,
                    'expr', CASE WHEN a.attname IS NULL THEN pg_get_indexdef(i.indexrelid, p, true) END,
                    'option', i.indoption[p - 1],
                    'operator_class', CASE WHEN NOT oc.opcdefault THEN oc.opcname END,
                    'collation', CASE WHEN i.indcollation[p - 1] NOT IN (0, coalesce(a.attcollation, 100))
                        AND (a.attname IS NOT NULL OR pg_get_indexdef(i.indexrelid) LIKE '% COLLATE %')
                        THEN co.collname END) ORDER BY p)
                FROM generate_series(1, i.indnkeyatts) p
                    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p - 1] AND a.attnum <> 0
                    LEFT JOIN pg_opclass oc ON oc.oid = i.indclass[p - 1]
                    LEFT JOIN pg_collation co ON co.oid = i.indcollation[p - 1]) AS parts,
            coalesce((SELECT json_agg(a.attname ORDER BY p) FROM generate_series(i.indnkeyatts + 1, i.indnatts) p
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p - 1]), '[]') AS include,
            pg_get_expr(i.indpred, i.indrelid) AS predicate, array_to_string(x.reloptions, ', ') AS options,
            x.relkind = 'i' AND NOT i.indisvalid AS is_invalid
         FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
            JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE {} AND NOT x.relispartition AND NOT EXISTS (SELECT FROM pg_constraint k
                WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
         ORDER BY x.relname",
        relations("'r', 'p', 'm'")
    ));
    for row in db.rows::<IndexRow>(&sql, &[])? {
        let name = names.name(&row.schema, &row.relation);
        if let Some(table) = catalog.tables.get_mut(&name) {
            table.indexes.push(row.index());
        } else if let Some(view) = catalog.views.get_mut(&name) {
            view.indexes.push(row.index());
        }
    }
    Ok(())
}

impl IndexRow {
    fn index(self) -> Index {
        let btree = self.method == "btree";
        Index {
            name: self.name,
            unique: self.is_unique,
            method: (!btree).then_some(self.method),
            parts: self.parts.into_iter().map(|part| part.part(btree)).collect(),
            include: self.include,
            predicate: self.predicate.map(Expr::new),
            nulls_not_distinct: self.nulls_not_distinct.as_deref() == Some("true"),
            with: self.options,
            invalid: self.is_invalid,
        }
    }
}

impl PartRow {
    /// Only a btree has an order.
    fn part(self, ordered: bool) -> IndexPart {
        let descending = ordered && self.option & 1 != 0;
        let nulls_first = ordered && self.option & 2 != 0;
        IndexPart {
            key: match self.column {
                Some(column) => IndexKey::Column(column),
                None => IndexKey::Expr(Expr::new(self.expr.unwrap_or_default())),
            },
            descending,
            nulls_first: (ordered && nulls_first != descending).then_some(nulls_first),
            collation: self.collation,
            operator_class: self.operator_class,
            prefix: None,
        }
    }
}

#[derive(Deserialize)]
struct TriggerRow {
    schema: String,
    table_name: String,
    name: String,
    sql: String,
    function_schema: String,
    function_name: String,
}

fn triggers(db: &mut Database, names: &Names, catalog: &mut Catalog) -> Result<()> {
    let sql = as_json(&format!(
        "SELECT n.nspname AS schema, c.relname AS table_name, g.tgname AS name, pg_get_triggerdef(g.oid, true) AS sql,
            fn.nspname AS function_schema, f.proname AS function_name
         FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_proc f ON f.oid = g.tgfoid JOIN pg_namespace fn ON fn.oid = f.pronamespace
         WHERE {} AND NOT g.tgisinternal AND coalesce(to_jsonb(g) ->> 'tgparentid', '0') = '0'
         ORDER BY g.tgname",
        relations("'r', 'p'")
    ));
    for row in db.rows::<TriggerRow>(&sql, &[])? {
        if let Some(table) = catalog.tables.get_mut(&names.name(&row.schema, &row.table_name)) {
            let function = Some(match row.function_schema.as_str() {
                "pg_catalog" => Name::new(row.function_name),
                schema => names.name(schema, &row.function_name),
            });
            table.triggers.push(Trigger { name: row.name, sql: row.sql, function });
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct PolicyRow {
    schema: String,
    table_name: String,
    #[serde(flatten)]
    policy: PolicyText,
}

#[derive(Deserialize)]
struct PolicyText {
    name: String,
    permissive: bool,
    command: String,
    roles: Vec<String>,
    using_sql: Option<String>,
    check_sql: Option<String>,
}

fn policies(db: &mut Database, names: &Names, catalog: &mut Catalog) -> Result<()> {
    let sql = as_json(&format!(
        "SELECT n.nspname AS schema, c.relname AS table_name, p.polname AS name, p.polpermissive AS permissive,
            CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                ELSE 'ALL' END AS command,
            (SELECT json_agg(CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r)::text END ORDER BY 1)
                FROM unnest(p.polroles) r) AS roles,
            pg_get_expr(p.polqual, p.polrelid) AS using_sql, pg_get_expr(p.polwithcheck, p.polrelid) AS check_sql
         FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE {}
         ORDER BY p.polname",
        relations("'r', 'p'")
    ));
    for PolicyRow { schema, table_name, policy } in db.rows::<PolicyRow>(&sql, &[])? {
        if let Some(table) = catalog.tables.get_mut(&names.name(&schema, &table_name)) {
            let PolicyText { name, permissive, command, mut roles, using_sql, check_sql } = policy;
            roles.sort();
            let (using, check) = (using_sql.map(Expr::new), check_sql.map(Expr::new));
            table.policies.push(Policy { name, permissive, command, roles, using, check });
        }
    }
    Ok(())
}

#[cfg(test)]
mod postgres_tests {
    mod postgres {
        use expect_test::expect;

        use crate::catalog::{AutoValue, Catalog, Name};
        use crate::db::introspect::introspect;
        use crate::db::testing::postgres;

        fn catalog_of(sql: &str) -> Catalog {
            let mut scratch = postgres();
            scratch.database().execute(sql).unwrap();
            introspect(scratch.database()).unwrap()
        }

        #[test]
        fn a_schema_with_one_of_everything() {
            let catalog = catalog_of(
                "CREATE SCHEMA app;
                 CREATE TYPE mood AS ENUM ('sad', 'ok'); ALTER TYPE mood ADD VALUE 'meh' BEFORE 'ok';
                 CREATE DOMAIN app.positive AS integer NOT NULL DEFAULT 1 CHECK (VALUE > 0);
                 CREATE SEQUENCE counter START 500;
                 CREATE TABLE users (
                    id serial PRIMARY KEY,
                    nr bigint GENERATED ALWAYS AS IDENTITY (START WITH 7),
                    email varchar(120) NOT NULL COLLATE \"C\",
                    tags text[] NOT NULL DEFAULT '{}',
                    mood mood DEFAULT 'ok',
                    size app.positive,
                    seen timestamptz(3) NOT NULL DEFAULT now(),
                    twice numeric(12,2) GENERATED ALWAYS AS (1 * 2) STORED,
                    CONSTRAINT email_len CHECK (length(email) > 3),
                    UNIQUE (email, mood) DEFERRABLE INITIALLY DEFERRED
                 );
                 COMMENT ON TABLE users IS 'people'; COMMENT ON COLUMN users.email IS 'where';
                 CREATE TABLE app.posts (
                    id uuid PRIMARY KEY,
                    author integer NOT NULL REFERENCES users (id) ON DELETE CASCADE ON UPDATE SET NULL,
                    EXCLUDE USING btree (author WITH =)
                 );
                 CREATE UNIQUE INDEX users_lower ON users (lower(email) text_pattern_ops, seen DESC NULLS LAST)
                    INCLUDE (size) WITH (fillfactor = 70) WHERE mood = 'ok';
                 CREATE INDEX users_tags ON users USING gin (tags);
                 CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                 CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
                 CREATE VIEW happy AS SELECT id FROM users WHERE mood = 'ok';
                 CREATE MATERIALIZED VIEW counts AS SELECT count(*) AS n FROM app.posts;
                 CREATE INDEX counts_n ON counts (n);
                 CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp);",
            );
            let users = &catalog.tables[&Name::new("users")];
            assert!(
                matches!(&users.columns[0].auto, Some(AutoValue::Serial { sequence }) if sequence.name == "users_id_seq")
            );
            expect![[r#"
                check email_len of users: (length((email)::text) > 3)
                column app.posts.author: integer NOT NULL
                column app.posts.id: uuid NOT NULL
                column users.email: character varying(120) NOT NULL COLLATE C comment 'where'
                column users.id: integer NOT NULL from sequence users_id_seq
                column users.mood: mood DEFAULT 'ok'::mood
                column users.nr: bigint NOT NULL GENERATED ALWAYS AS IDENTITY START WITH 7
                column users.seen: timestamp with time zone(3) NOT NULL DEFAULT now()
                column users.size: app.positive
                column users.tags: text[] NOT NULL DEFAULT '{}'::text[]
                column users.twice: numeric(12,2) GENERATED AS ((1 * 2)) STORED
                domain app.positive: integer NOT NULL DEFAULT 1 CHECK ((VALUE > 0))
                enum mood: sad, meh, ok
                exclusion constraint posts_author_excl of app.posts: USING btree (author WITH =)
                foreign key posts_author_fkey of app.posts: (author) to users (id) ON DELETE CASCADE ON UPDATE SET NULL
                function touch(): create or replace function public.touch ( ) returns trigger language plpgsql as $function$begin return new ; end$function$
                index counts_n of counts: (n)
                index users_lower of users: unique (lower(email::text) text_pattern_ops, seen DESC NULLS LAST) INCLUDE (size) WITH (fillfactor=70) WHERE (mood = 'ok'::mood)
                index users_tags of users: using gin (tags)
                materialized view counts: create materialized view counts as select count ( * ) as n from app.posts
                primary key of app.posts: (id) named posts_pkey
                primary key of users: (id) named users_pkey
                schema app: 
                sequence counter: START WITH 500
                sequence users_id_seq: owned by users.id
                table app.posts: 
                table users:  comment 'people'
                trigger users_touch of users: create trigger users_touch before update on users for each row execute function touch ( )
                unique constraint users_email_mood_key of users: (email, mood) DEFERRABLE INITIALLY DEFERRED
                view happy: create view happy as select users.id from users where ( users.mood = 'ok' )"#]].assert_eq(&crate::proof::lines(&catalog).join("\n"));
        }

        #[test]
        fn what_an_extension_or_a_partition_has_is_not_ours() {
            let catalog = catalog_of(
                "CREATE TABLE logs (at date NOT NULL, id int, PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
                 CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
                 CREATE INDEX logs_id ON logs (id);",
            );
            let part = &catalog.tables[&Name::new("logs_1")];
            assert_eq!(part.options.partition_of, Some(Name::new("logs")));
            assert!(part.primary_key.is_none() && part.indexes.is_empty());
            let whole = &catalog.tables[&Name::new("logs")];
            assert_eq!(whole.options.partition_by.as_deref(), Some("RANGE (at)"));
            assert_eq!(whole.indexes.len(), 1);
        }
    }
}
