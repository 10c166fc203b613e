//! Catalogs made from a tape of bytes: every part of a schema reads its own place of the tape, so two
//! tapes that differ in a few bytes give two schemas that differ in a few things, and a tape of
//! zeros gives next to nothing, which is what a failing case shrinks to.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::schema_sql;
use super::testing::{check_of, index, key, strings, unique};
use crate::catalog::{
    Action, AutoValue, Catalog, Check, Column, Deferrable, Domain, EnumType, Exclude, Expr, ForeignKey, Function,
    Generated, Index, IndexKey, Name, Policy, PrimaryKey, Sequence, Shared, SqlType, Table, Trigger, View,
};
use crate::dialect::Dialect;
use crate::replay;

const TABLES: usize = 4;
const COLUMNS: usize = 5;
/// Bytes of a column, of a table behind its columns, and of the schema behind the tables.
const OF_COLUMN: usize = 16;
const OF_TABLE: usize = 32;
const OF_SCHEMA: usize = 32;
const BLOCK: usize = COLUMNS * OF_COLUMN + OF_TABLE;
const LENGTH: usize = TABLES * BLOCK + OF_SCHEMA;

#[derive(Clone)]
pub(in crate::render) struct Tape(Vec<u8>);

impl std::fmt::Debug for Tape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Two tapes, mostly alike.
pub(in crate::render) fn pair() -> impl Strategy<Value = (Tape, Tape)> {
    let tape = || proptest::collection::vec(any::<u8>(), LENGTH);
    let changes = proptest::collection::vec((0..LENGTH, any::<u8>()), 0..24);
    (tape(), tape(), changes, 0..4u8).prop_map(|(a, other, changes, kind)| {
        let mut b = if kind == 0 { other } else { a.clone() };
        for (at, byte) in changes {
            b[at] = byte;
        }
        (Tape(a), Tape(b))
    })
}

impl Tape {
    fn table(&self, table: usize, at: usize) -> u8 {
        self.0[table * BLOCK + COLUMNS * OF_COLUMN + at]
    }

    fn column(&self, table: usize, column: usize, at: usize) -> u8 {
        self.0[table * BLOCK + column * OF_COLUMN + at]
    }

    fn schema(&self, at: usize) -> u8 {
        self.0[TABLES * BLOCK + at]
    }

    /// The schema of this tape as a replay knows it: with the sequences of its columns.
    pub(in crate::render) fn replayed(&self, dialect: Dialect) -> Catalog {
        let made = self.catalog(dialect);
        let mut catalog = Catalog::empty(dialect);
        let sql = schema_sql(&made);
        replay::apply(&mut catalog, &sql, "schema.sql").unwrap_or_else(|error| panic!("{error}\n{sql}"));
        assert_eq!(catalog.uncertain, [], "{sql}");
        catalog
    }

    fn catalog(&self, dialect: Dialect) -> Catalog {
        let mut making = Making { tape: self, dialect, catalog: Catalog::empty(dialect) };
        if dialect == Dialect::Postgres {
            making.types();
        }
        for table in (0..TABLES).filter(|table| self.has_table(*table)) {
            let built = making.table(table);
            making.catalog.tables.insert(built.name.clone(), built.into());
        }
        for table in (0..TABLES).filter(|table| self.has_table(*table)) {
            making.foreign_keys(table);
        }
        making.views();
        making.triggers();
        making.catalog
    }

    fn has_table(&self, table: usize) -> bool {
        table == 0 || chance(self.table(table, 0), 2)
    }
}

/// How many cases a law is tried with: by default these, the same ones each time, so that a suite fails
/// for what was changed and for nothing else; as many as `OPS_MIGRATE_LAW_CASES` says, and others each
/// time. A pair that fails shrinks step by step, each a run of its own.
pub(crate) fn cases(default: u32, shrink: u32) -> ProptestConfig {
    part_of_cases(default, shrink, 0, 1)
}

/// One of several parts of a law's cases, each of which may be a test of its own.
#[expect(clippy::disallowed_methods, reason = "how long the tests may take is said outside")]
pub(crate) fn part_of_cases(default: u32, shrink: u32, part: u64, parts: u32) -> ProptestConfig {
    let wanted: Option<u32> = std::env::var("OPS_MIGRATE_LAW_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig {
        max_shrink_iters: shrink,
        failure_persistence: None,
        rng_seed: if wanted.is_some() { RngSeed::Random } else { RngSeed::Fixed(20_261_123 + part) },
        ..ProptestConfig::with_cases(wanted.unwrap_or(default).div_ceil(parts))
    }
}

/// True for one byte in `of`, never for zero.
fn chance(byte: u8, of: u8) -> bool {
    byte % of == of - 1
}

fn pick<T: Copy>(byte: u8, of: &[T]) -> T {
    of[usize::from(byte) % of.len()]
}

struct Making<'a> {
    tape: &'a Tape,
    dialect: Dialect,
    catalog: Catalog,
}

const VALUES: [&str; 5] = ["sad", "meh", "ok", "fine", "glad"];

const POSTGRES_TYPES: [&str; 18] = [
    "integer",
    "text",
    "bigint",
    "smallint",
    "character varying(20)",
    "numeric(10,2)",
    "boolean",
    "timestamp with time zone",
    "date",
    "mood",
    "mood[]",
    "jsonb",
    "text[]",
    "uuid",
    "amount",
    "double precision",
    "integer[]",
    "bytea",
];

const SQLITE_TYPES: [&str; 9] =
    ["INTEGER", "TEXT", "BIGINT", "VARCHAR(20)", "REAL", "BLOB", "BOOLEAN", "TIMESTAMP", "NUMERIC"];

fn name_of(table: usize) -> String {
    ["users", "posts", "Odd name", "order"][table].to_owned()
}

fn column_name(column: usize) -> String {
    ["nick", "age", "Odd", "kind", "total"][column].to_owned()
}

impl Making<'_> {
    fn is_postgres(&self) -> bool {
        self.dialect == Dialect::Postgres
    }

    fn types(&mut self) {
        let bits = self.tape.schema(0);
        let values: Vec<&str> =
            VALUES.iter().enumerate().filter(|(at, _)| *at == 0 || bits >> at & 1 == 1).map(|(_, v)| *v).collect();
        let comment = chance(self.tape.schema(1), 4).then(|| "how they're".to_owned());
        let mood = EnumType { name: Name::new("mood"), values: strings(&values), comment };
        self.catalog.enums.insert(mood.name.clone(), mood);
        let byte = self.tape.schema(2);
        let checks = chance(byte, 3).then(|| Check {
            name: Some("amount_check".to_owned()),
            expr: Expr::new(pick(byte / 3, &["VALUE > -1", "VALUE <> 5"])),
            valid: true,
        });
        let amount = Domain {
            name: Name::new("amount"),
            base: SqlType::new(pick(self.tape.schema(3), &["integer", "integer", "bigint", "numeric"]), self.dialect),
            not_null: false,
            default: chance(self.tape.schema(4), 3).then(|| Expr::new("7")),
            checks: checks.into_iter().collect(),
        };
        self.catalog.domains.insert(amount.name.clone(), amount);
        if chance(self.tape.schema(5), 2) {
            let name = Name::new("counter");
            let options =
                pick(self.tape.schema(6), &["", "START WITH 500", "INCREMENT BY 2 CACHE 3", "AS integer CYCLE"]);
            let sequence = Sequence { name: name.clone(), options: options.to_owned(), owned_by: None };
            self.catalog.sequences.insert(name, sequence);
        }
        if chance(self.tape.schema(7), 3) {
            self.catalog.schemas.insert("app".to_owned());
        }
        let body = pick(self.tape.schema(8), &["$1 + 1", "$1 * 2"]);
        self.function(
            "grow(integer)",
            &format!("CREATE FUNCTION grow(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT {body}'"),
        );
        let body = pick(self.tape.schema(9), &["RETURN NEW;", "NEW.id = NEW.id; RETURN NEW;"]);
        self.function(
            "touch()",
            &format!("CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {body} END'"),
        );
        if chance(self.tape.schema(10), 3) {
            let result = pick(self.tape.schema(11), &["bigint", "integer"]);
            self.function(
                "how_many()",
                &format!(
                    "CREATE FUNCTION how_many() RETURNS {result} LANGUAGE sql AS 'SELECT count(*)::{result} FROM users'"
                ),
            );
        }
    }

    fn function(&mut self, name: &str, sql: &str) {
        let name = Name::new(name);
        self.catalog.functions.insert(name.clone(), Function { name, sql: sql.to_owned() });
    }

    fn table(&self, number: usize) -> Table {
        let byte = |at| self.tape.table(number, at);
        let mut table = Table::new(Name::new(name_of(number)));
        let id = self.id(number);
        table.columns.push(id.into());
        for column in 0..COLUMNS {
            table.columns.extend(self.column(number, column).map(Shared::from));
        }
        self.generated(number, &mut table);
        self.key(number, &mut table);
        if chance(byte(2), 3) {
            table.columns.push(self.typed("code", "integer", false).into());
            table.uniques.push(self.named(unique(&["id", "code"]), &table, "code_key", byte(3)));
        }
        for column in 0..COLUMNS {
            self.parts(number, column, &mut table);
        }
        if self.is_postgres() {
            table.comment = chance(byte(4), 4).then(|| pick(byte(5), &["it's", "rows"]).to_owned());
            table.options.unlogged = number == 3 && chance(byte(6), 3);
            table.options.row_security = chance(byte(7), 4);
            let condition = table.columns.get(1).and_then(|c| self.condition(c, byte(24)));
            if let Some(condition) = condition.filter(|_| chance(byte(24), 3)) {
                table.policies.push(Policy {
                    name: "only".to_owned(),
                    permissive: !chance(byte(25), 3),
                    command: pick(byte(26), &["ALL", "UPDATE"]).to_owned(),
                    roles: strings(&["public"]),
                    using: Some(Expr::new(condition.as_str())),
                    check: chance(byte(27), 2).then(|| Expr::new(condition.as_str())),
                });
            }
        } else {
            table.options.without_rowid = chance(byte(6), 5) && table.columns[0].auto.is_none();
            let allowed = |c: &Column| matches!(c.ty.to_string().as_str(), "INTEGER" | "TEXT" | "REAL" | "BLOB");
            table.options.strict = chance(byte(7), 3) && table.columns.iter().all(|c| allowed(c));
        }
        table
    }

    fn typed(&self, name: &str, ty: &str, nullable: bool) -> Column {
        let (base, args) = ty.trim_end_matches("[]").split_once('(').unwrap_or((ty.trim_end_matches("[]"), ""));
        let args = args.trim_end_matches(')').split(',').filter(|a| !a.is_empty()).map(ToOwned::to_owned).collect();
        let ty = SqlType::with_args(base, args, u8::from(ty.ends_with("[]")), self.dialect);
        Column { nullable, ..Column::new(name, ty) }
    }

    fn id(&self, number: usize) -> Column {
        let kind = self.tape.table(number, 1);
        if !self.is_postgres() {
            let mut id = self.typed("id", "INTEGER", false);
            id.auto = chance(kind, 3).then_some(AutoValue::Increment);
            return id;
        }
        let mut id = self.typed("id", pick(kind / 8, &["integer", "bigint"]), false);
        let table = Name::new(name_of(number));
        id.auto = match kind % 5 {
            1 => Some(AutoValue::Serial { sequence: super::names::serial_sequence(&table, "id") }),
            2 => Some(AutoValue::Identity { always: true, options: String::new() }),
            3 => Some(AutoValue::Identity { always: false, options: "START WITH 7".to_owned() }),
            _ => None,
        };
        id
    }

    fn column(&self, table: usize, number: usize) -> Option<Column> {
        let byte = |at| self.tape.column(table, number, at);
        if chance(byte(0), 3) || number == COLUMNS - 1 {
            return None;
        }
        let ty = if self.is_postgres() { pick(byte(1), &POSTGRES_TYPES) } else { pick(byte(1), &SQLITE_TYPES) };
        let mut column = self.typed(&column_name(number), ty, !chance(byte(2), 3));
        if chance(byte(3), 3) {
            column.default = self.default_of(ty, byte(4)).map(Expr::new);
        }
        if self.is_postgres() {
            let text = matches!(ty, "text" | "character varying(20)");
            column.collation = (text && chance(byte(5), 4)).then(|| "C".to_owned());
            column.comment = chance(byte(6), 5).then(|| pick(byte(7), &["a 'word'", "why"]).to_owned());
        } else {
            column.collation = (ty == "TEXT" && chance(byte(5), 4)).then(|| "NOCASE".to_owned());
        }
        Some(column)
    }

    fn default_of(&self, ty: &str, byte: u8) -> Option<&'static str> {
        let values: &[&str] = match ty {
            "integer" | "bigint" | "smallint" | "amount" | "INTEGER" | "BIGINT" => &["5", "-6"],
            "numeric(10,2)" | "double precision" | "REAL" | "NUMERIC" => &["1.5", "0"],
            "text" | "character varying(20)" | "TEXT" | "VARCHAR(20)" => &["'x'", "'it''s'", "''"],
            "boolean" => &["false", "true"],
            "BOOLEAN" => &["0", "TRUE"],
            "timestamp with time zone" => &["now()"],
            "date" => &["CURRENT_DATE"],
            "TIMESTAMP" => &["CURRENT_TIMESTAMP", "'2020-01-01'"],
            "mood" => &["'sad'"],
            "mood[]" | "text[]" | "integer[]" => &["'{}'"],
            "jsonb" => &["'{}'", "'[]'"],
            "uuid" => &["gen_random_uuid()"],
            _ => return None,
        };
        Some(pick(byte, values))
    }

    /// The last column is computed from another one, or is not there.
    fn generated(&self, number: usize, table: &mut Table) {
        let byte = |at| self.tape.column(number, COLUMNS - 1, at);
        if !chance(byte(0), 2) {
            return;
        }
        let sources: Vec<(String, String)> =
            table.columns[1..].iter().map(|c| (c.name.clone(), c.ty.to_string())).collect();
        if sources.is_empty() {
            return;
        }
        let (source, ty) = &sources[usize::from(byte(1)) % sources.len()];
        let source = self.dialect.quote(source);
        let (ty, expr) = match (ty.as_str(), self.is_postgres()) {
            ("integer" | "smallint", true) => ("integer", format!("{source} * {}", 2 + byte(2) % 2)),
            ("text", true) => ("text", format!("upper({source})")),
            ("mood", true) => ("boolean", format!("{source} = 'sad'")),
            ("INTEGER" | "BIGINT", false) => ("INTEGER", format!("{source} * {}", 2 + byte(2) % 2)),
            ("TEXT", false) => ("TEXT", format!("upper({source})")),
            _ => return,
        };
        let mut column = self.typed(&column_name(COLUMNS - 1), ty, true);
        let stored = self.is_postgres() || chance(byte(3), 2);
        column.generated = Some(Generated { expr: Expr::new(expr), stored });
        column.comment = (self.is_postgres() && chance(byte(4), 3)).then(|| "computed".to_owned());
        table.columns.push(column.into());
    }

    fn key(&self, number: usize, table: &mut Table) {
        let byte = self.tape.table(number, 8);
        let second = table.columns[1..].iter().find(|c| !c.nullable && c.generated.is_none());
        let mut columns = strings(&["id"]);
        if chance(byte, 5) && table.columns[0].auto.is_none() {
            columns.extend(second.map(|c| c.name.clone()));
        }
        let name = self.is_postgres().then(|| self.part_name(table, "pkey", self.tape.table(number, 9)));
        table.primary_key = Some(PrimaryKey { name, columns });
    }

    /// A constraint's or index's name; one in eight has another, so that there is something to rename.
    fn part_name(&self, table: &Table, label: &str, byte: u8) -> String {
        let more = if chance(byte, 8) { "_2" } else { "" };
        format!("{}_{label}{more}", table.name.name.replace(' ', "_"))
    }

    fn named(&self, unique: crate::catalog::Unique, table: &Table, label: &str, byte: u8) -> crate::catalog::Unique {
        crate::catalog::Unique { name: self.is_postgres().then(|| self.part_name(table, label, byte)), ..unique }
    }

    /// What belongs to one column: uniques, checks, exclusion constraints, indexes.
    fn parts(&self, number: usize, at: usize, table: &mut Table) {
        let byte = |place| self.tape.column(number, at, place);
        let Some(column) = table.column(&column_name(at), self.dialect).cloned() else { return };
        let name = column.name.as_str();
        let label = |kind: &str| format!("{}_{kind}", name.to_lowercase());
        if chance(byte(8), 5) {
            let mut unique = self.named(unique(&[name]), table, &label("key"), byte(9));
            if self.is_postgres() {
                unique.nulls_not_distinct = chance(byte(10), 3);
                unique.deferrable = pick(byte(11), &[Deferrable::No, Deferrable::No, Deferrable::InitiallyDeferred]);
            }
            table.uniques.push(unique);
        }
        if let Some(expr) = self.condition(&column, byte(12)).filter(|_| chance(byte(12), 3)) {
            let name = self.is_postgres().then(|| self.part_name(table, &label("check"), byte(9)));
            let valid = !(self.is_postgres() && chance(byte(10), 4));
            table.checks.push(Check { name, valid, ..check_of(&expr) });
        }
        if self.is_postgres() && chance(byte(13), 9) {
            let text = Expr::new(format!("USING btree ({} WITH =)", self.dialect.quote(name)));
            table.excludes.push(Exclude { name: Some(self.part_name(table, &label("excl"), byte(9))), text });
        }
        if chance(byte(14), 2) {
            let index = self.index(table, &column, [byte(14), byte(15), byte(9), byte(10), byte(13)]);
            table.indexes.push(index);
        }
    }

    /// A condition on a column; none where its type has none.
    fn condition(&self, column: &Column, byte: u8) -> Option<String> {
        let name = self.dialect.quote(&column.name);
        let number = byte / 16 % 3;
        Some(match column.ty.to_string().as_str() {
            "integer" | "bigint" | "smallint" | "INTEGER" | "BIGINT" | "amount" | "numeric(10,2)" => {
                format!("{name} > {number}")
            }
            "text" | "character varying(20)" | "TEXT" | "VARCHAR(20)" => format!("{name} <> 'a{number}'"),
            "mood" => format!("{name} <> 'sad'"),
            "boolean" => format!("{name} OR {name} IS NULL"),
            _ => return None,
        })
    }

    fn index(&self, table: &Table, column: &Column, bytes: [u8; 5]) -> Index {
        let [kind, how, name, condition, more] = bytes;
        let label = format!("{}_idx", column.name.to_lowercase());
        let mut index = index(&self.part_name(table, &label, name), &[&column.name]);
        let text = matches!(column.ty.to_string().as_str(), "text" | "TEXT");
        let is_array = column.ty.array > 0 || column.ty.base == "jsonb";
        if chance(kind / 2, 4) {
            index.unique = true;
        }
        if text && chance(how, 3) {
            index.parts[0].key = IndexKey::Expr(Expr::new(format!("lower({})", self.dialect.quote(&column.name))));
        } else if self.is_postgres() && text && chance(how, 5) {
            index.parts[0].operator_class = Some("text_pattern_ops".to_owned());
        } else if self.is_postgres() && is_array && chance(how, 2) {
            index.method = Some("gin".to_owned());
            index.unique = false;
        }
        if index.method.is_none() {
            index.parts[0].descending = chance(how / 4, 3);
            if self.is_postgres() && chance(how / 8, 4) {
                index.parts[0].nulls_first = Some(!index.parts[0].descending);
            }
            if self.is_postgres() && chance(more, 4) {
                index.include.push("id".to_owned());
            }
            if chance(more / 4, 5) {
                index.parts.extend(super::testing::index("", &["id"]).parts);
            }
        }
        if self.is_postgres() && index.method.is_none() && chance(more / 16, 4) {
            index.with = Some("fillfactor=70".to_owned());
        }
        if chance(condition, 3) {
            index.predicate = self.condition(column, condition).map(Expr::new);
        }
        index
    }

    fn foreign_keys(&mut self, number: usize) {
        let byte = |at| self.tape.table(number, at);
        for (at, place) in [(0, 10), (1, 16)] {
            let target = usize::from(byte(place)) % 7;
            if target >= 3 || !self.tape.has_table(target) || number == 3 {
                continue;
            }
            let name = Name::new(name_of(target));
            let Some(referenced) = self.catalog.tables.get(&name) else { continue };
            let composite = referenced.column("code", self.dialect).is_some() && chance(byte(place + 1), 2);
            if !composite && referenced.key_columns().len() != 1 {
                continue;
            }
            let id = referenced.columns[0].ty.clone();
            let mut added = vec![Column::new(format!("ref{at}_id"), id)];
            let mut target_columns = strings(&["id"]);
            if composite {
                added.push(self.typed(&format!("ref{at}_code"), "integer", true));
                target_columns.push("code".to_owned());
            }
            let actions = [Action::NoAction, Action::Cascade, Action::SetNull, Action::Restrict];
            let columns: Vec<String> = added.iter().map(|c| c.name.clone()).collect();
            let own = Name::new(name_of(number));
            let key_name =
                self.catalog.tables.get(&own).map(|t| self.part_name(t, &format!("ref{at}_fkey"), byte(place + 2)));
            let key = ForeignKey {
                name: key_name.filter(|_| self.is_postgres()),
                columns,
                ref_columns: target_columns,
                on_update: pick(byte(place + 4), &[Action::NoAction, Action::NoAction, Action::Cascade]),
                deferrable: pick(byte(place + 3), &[Deferrable::No, Deferrable::No, Deferrable::InitiallyDeferred]),
                valid: !(self.is_postgres() && chance(byte(place + 5), 5)),
                ..key(&[], &name.name, pick(byte(place + 3) / 4, &actions))
            };
            let Some(table) = self.catalog.tables.get_mut(&own) else { continue };
            table.columns.extend(added.into_iter().map(Shared::from));
            table.foreign_keys.push(key);
        }
    }

    fn views(&mut self) {
        let byte = |at: usize| self.tape.schema(12 + at);
        let Some(users) = self.catalog.tables.get(&Name::new("users")) else { return };
        let columns: Vec<String> = users.columns.iter().map(|c| self.dialect.quote(&c.name)).collect();
        if chance(byte(0), 2) {
            let shown: Vec<String> = columns.into_iter().take(1 + usize::from(byte(1)) % 6).collect();
            self.view("seen", "users", &shown.join(", "), false);
            if chance(byte(2), 2) {
                self.view("again", "seen", "id", false);
            }
            if self.is_postgres() && chance(byte(3), 3) {
                self.view("kept", "seen", "id", true);
                if let Some(view) = self.catalog.views.get_mut(&Name::new("kept")) {
                    view.indexes.push(index("kept_id", &["id"]));
                    view.indexes[0].unique = chance(byte(4), 2);
                }
            }
        }
        let comment = chance(byte(5), 4) && self.is_postgres();
        if let Some(view) = self.catalog.views.get_mut(&Name::new("seen")).filter(|_| comment) {
            view.comment = Some("what's seen".to_owned());
        }
    }

    fn view(&mut self, name: &str, of: &str, columns: &str, materialized: bool) {
        let kind = if materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        let view = View {
            name: Name::new(name),
            materialized,
            sql: format!("CREATE {kind} {name} AS SELECT {columns} FROM {of}"),
            depends_on: [Name::new(of)].into(),
            indexes: Vec::new(),
            comment: None,
        };
        self.catalog.views.insert(view.name.clone(), view);
    }

    fn triggers(&mut self) {
        for number in 0..TABLES {
            let byte = self.tape.table(number, 22);
            let dialect = self.dialect;
            let Some(table) = self.catalog.tables.get_mut(&Name::new(name_of(number))) else { continue };
            let Some(first) = table.columns.get(1).map(|c| dialect.quote(&c.name)).filter(|_| chance(byte, 3)) else {
                continue;
            };
            let (name, on) = (format!("touch_{number}"), table.name.sql(dialect));
            let event = if chance(byte / 4, 2) { format!("UPDATE OF {first}") } else { "INSERT".to_owned() };
            let sql = match dialect {
                Dialect::Postgres => {
                    format!("CREATE TRIGGER {name} BEFORE {event} ON {on} FOR EACH ROW EXECUTE FUNCTION touch()")
                }
                _ => format!(
                    "CREATE TRIGGER {name} AFTER {event} ON {on} BEGIN UPDATE {on} SET id = id WHERE id < 0; END"
                ),
            };
            let function = (dialect == Dialect::Postgres).then(|| Name::new("touch"));
            table.triggers.push(Trigger { name, sql, function });
        }
    }
}
