//! Tables of a MySQL or MariaDB database: columns, keys, indexes, checks and triggers, as the server
//! tells them; [`crate::catalog::mysql::settle`] brings them into normal form.

use std::borrow::Cow;

use serde::Deserialize;

use super::is_ours;
use super::mysql::{Server, as_json};
use crate::catalog::{
    Action, AutoValue, Catalog, Check, Column, Deferrable, Expr, ForeignKey, Generated, Index, IndexKey, IndexPart,
    Name, PrimaryKey, Shared, SqlType, Table, TableOptions, Trigger,
};
use crate::db::Database;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::sql::mysql::{column_type, default_value, expression};

pub(super) fn read(db: &mut Database, server: &Server, catalog: &mut Catalog) -> Result<()> {
    tables(db, catalog)?;
    partitions(db, catalog)?;
    columns(db, server, catalog)?;
    checks(db, server, catalog)?;
    indexes(db, server, catalog)?;
    foreign_keys(db, server, catalog)?;
    triggers(db, catalog)
}

#[derive(Deserialize)]
struct TableRow {
    name: String,
    engine: Option<String>,
    collation: Option<String>,
    comment: String,
}

fn tables(db: &mut Database, catalog: &mut Catalog) -> Result<()> {
    let sql = as_json(
        &[("name", "table_name"), ("engine", "engine"), ("collation", "table_collation"), ("comment", "table_comment")],
        "information_schema.tables
         WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')",
    );
    for row in db.rows::<TableRow>(&sql, &[])?.into_iter().filter(|row| !is_ours(&row.name)) {
        let name = Name::new(row.name);
        let mut table = Table::new(name.clone());
        table.comment = Some(row.comment).filter(|text| !text.is_empty());
        table.options = TableOptions { engine: row.engine, collation: row.collation, ..TableOptions::default() };
        catalog.tables.insert(name, table.into());
    }
    Ok(())
}

#[derive(Deserialize)]
struct PartitionRow {
    table: String,
    name: String,
    method: String,
    expr: Option<String>,
    bound: Option<String>,
    /// How many there are.
    count: u32,
}

fn partitions(db: &mut Database, catalog: &mut Catalog) -> Result<()> {
    let sql = as_json(
        &[
            ("table", "table_name"),
            ("name", "partition_name"),
            ("method", "partition_method"),
            ("expr", "partition_expression"),
            ("bound", "partition_description"),
            ("count", "count(*) OVER (PARTITION BY table_name)"),
        ],
        "information_schema.partitions WHERE table_schema = database() AND partition_name IS NOT NULL
            AND coalesce(subpartition_ordinal_position, 1) = 1
         ORDER BY table_name, partition_ordinal_position",
    );
    for row in db.rows::<PartitionRow>(&sql, &[])? {
        if let Some(table) = catalog.tables.get_mut(&Name::new(row.table.clone())) {
            table.options.partition_by = Some(row.added_to(table.options.partition_by.take()));
        }
    }
    Ok(())
}

impl PartitionRow {
    /// The clause with this partition, which comes behind the others.
    fn added_to(&self, clause: Option<String>) -> String {
        let expr = expression(self.expr.as_deref().unwrap_or_default());
        let head = format!("{} ({expr})", self.method);
        let values = match (self.bound.as_deref(), self.method.starts_with("RANGE")) {
            (None, _) => return format!("{head} PARTITIONS {}", self.count),
            (Some("MAXVALUE"), true) => "LESS THAN MAXVALUE".to_owned(),
            (Some(bound), true) => format!("LESS THAN ({bound})"),
            (Some(bound), false) => format!("IN ({bound})"),
        };
        let own = format!("PARTITION {} VALUES {values}", Dialect::Mysql.quote(&self.name));
        match clause.as_deref().and_then(|clause| clause.strip_suffix(')')) {
            Some(others) => format!("{others}, {own})"),
            None => format!("{head} ({own})"),
        }
    }
}

#[derive(Deserialize)]
struct ColumnRow {
    table: String,
    name: String,
    ty: String,
    nullable: String,
    default: Option<String>,
    extra: String,
    collation: Option<String>,
    comment: String,
    generated: Option<String>,
}

fn columns(db: &mut Database, server: &Server, catalog: &mut Catalog) -> Result<()> {
    let sql = as_json(
        &[
            ("table", "table_name"),
            ("name", "column_name"),
            ("ty", "column_type"),
            ("nullable", "is_nullable"),
            ("default", "column_default"),
            ("extra", "extra"),
            ("collation", "collation_name"),
            ("comment", "column_comment"),
            ("generated", "generation_expression"),
        ],
        "information_schema.columns WHERE table_schema = database() ORDER BY table_name, ordinal_position",
    );
    for row in db.rows::<ColumnRow>(&sql, &[])? {
        let Some(table) = catalog.tables.get_mut(&Name::new(row.table.clone())) else { continue };
        let column = row.column(server, table.options.collation.as_deref());
        table.columns.push(column.into());
    }
    Ok(())
}

impl ColumnRow {
    fn column(self, server: &Server, of_table: Option<&str>) -> Column {
        let extra = self.extra.to_ascii_lowercase();
        let mut column = Column::new(self.name.clone(), column_type(&self.ty));
        column.nullable = self.nullable == "YES";
        column.auto = extra.contains("auto_increment").then_some(AutoValue::Increment);
        column.on_update = extra.split_once("on update ").map(|(_, expr)| server.spelled(expr));
        column.collation = self.collation.clone().filter(|own| Some(own.as_str()) != of_table);
        if let Some(expr) = self.generated.as_ref().filter(|expr| !expr.is_empty()) {
            let stored = extra.contains("stored") || extra.contains("persistent");
            column.generated = Some(Generated { expr: server.spelled(expr), stored });
        } else {
            column.default = self.default_of(&extra, server, &column.ty);
        }
        column.comment = Some(self.comment).filter(|text| !text.is_empty());
        column
    }

    /// MariaDB prints an expression, and `NULL` where nothing was said; MySQL prints texts without
    /// quotes and marks what is an expression.
    fn default_of(&self, extra: &str, server: &Server, ty: &SqlType) -> Option<Expr> {
        let text = self.default.as_ref()?;
        let is_number = ["int", "decimal", "float", "double", "bit"].iter().any(|part| ty.base.contains(part));
        let is_expression = extra.contains("default_generated") || text.starts_with("CURRENT_TIMESTAMP");
        if server.is_mariadb || is_expression || is_number {
            default_value(&server.unescaped(text), ty)
        } else {
            default_value(&Dialect::Mysql.literal(text), ty)
        }
    }
}

impl Server {
    /// An expression as the server prints it, in the spelling of catalogs.
    fn spelled(&self, text: &str) -> Expr {
        Expr::new(expression(&self.unescaped(text)))
    }

    /// MySQL's catalog has an expression as it would stand between quotes: `concat(_utf8mb4\\'m\\',uuid())`.
    fn unescaped<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.is_mariadb || !text.contains('\\') {
            return Cow::Borrowed(text);
        }
        let (mut plain, mut chars) = (String::with_capacity(text.len()), text.chars());
        while let Some(c) = chars.next() {
            plain.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
        }
        Cow::Owned(plain)
    }
}

#[derive(Deserialize)]
struct CheckRow {
    table: String,
    name: String,
    /// `Column` where it stands at a column, whose name it has then.
    level: String,
    expr: String,
}

fn checks(db: &mut Database, server: &Server, catalog: &mut Catalog) -> Result<()> {
    let known = "SELECT table_name AS `row` FROM information_schema.tables
        WHERE table_schema = 'information_schema' AND table_name = 'CHECK_CONSTRAINTS'";
    if db.text(known, &[])?.is_none() {
        // A server before MySQL 8.0.16 reads checks, and forgets them.
        return Ok(());
    }
    let (table, level, from) = if server.is_mariadb {
        ("c.table_name", "c.level", "information_schema.check_constraints c")
    } else {
        (
            "t.table_name",
            "'Table'",
            "information_schema.check_constraints c JOIN information_schema.table_constraints t
                ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name
                    AND t.constraint_type = 'CHECK'",
        )
    };
    let sql = as_json(
        &[("table", table), ("name", "c.constraint_name"), ("level", level), ("expr", "c.check_clause")],
        &format!("{from} WHERE c.constraint_schema = database() ORDER BY c.constraint_name"),
    );
    for row in db.rows::<CheckRow>(&sql, &[])? {
        let Some(table) = catalog.tables.get_mut(&Name::new(row.table.clone())) else { continue };
        let name = row.name_in(table);
        table.checks.push(Check { name: Some(name), expr: server.spelled(&row.expr), valid: true });
    }
    Ok(())
}

impl CheckRow {
    /// The check of a renamed column keeps the old name until the table is made anew: then the
    /// column is the one that it speaks of.
    fn name_in(&self, table: &Table) -> String {
        let stale = self.level == "Column" && table.column(&self.name, Dialect::Mysql).is_none();
        let spoken_of = |column: &&Shared<Column>| self.expr.contains(&format!("`{}`", column.name.replace('`', "``")));
        let column = table.columns.iter().find(spoken_of).filter(|_| stale);
        column.map_or(&self.name, |column| &column.name).clone()
    }
}

#[derive(Deserialize)]
struct IndexRow {
    table: String,
    name: String,
    non_unique: i64,
    kind: String,
    column: Option<String>,
    expr: Option<String>,
    /// `D` for descending.
    direction: Option<String>,
    prefix: Option<u32>,
}

fn indexes(db: &mut Database, server: &Server, catalog: &mut Catalog) -> Result<()> {
    // Keys that are expressions are MySQL's alone.
    let known = "SELECT column_name AS `row` FROM information_schema.columns WHERE table_schema = 'information_schema'
        AND table_name = 'STATISTICS' AND column_name = 'EXPRESSION'";
    let has_expressions = !server.is_mariadb && db.text(known, &[])?.is_some();
    let sql = as_json(
        &[
            ("table", "table_name"),
            ("name", "index_name"),
            ("non_unique", "non_unique"),
            ("kind", "index_type"),
            ("column", "column_name"),
            ("expr", if has_expressions { "expression" } else { "NULL" }),
            ("direction", "collation"),
            ("prefix", "sub_part"),
        ],
        "information_schema.statistics WHERE table_schema = database()
         ORDER BY table_name, index_name = 'PRIMARY' DESC, index_name, seq_in_index",
    );
    for row in db.rows::<IndexRow>(&sql, &[])? {
        if let Some(table) = catalog.tables.get_mut(&Name::new(row.table.clone())) {
            row.add_to(server, table);
        }
    }
    Ok(())
}

impl IndexRow {
    /// Adds one part; the parts of an index come one behind the other.
    fn add_to(self, server: &Server, table: &mut Table) {
        if self.name == "PRIMARY" {
            let key = table.primary_key.get_or_insert(PrimaryKey { name: None, columns: Vec::new() });
            key.columns.extend(self.column);
            return;
        }
        let is_new = table.indexes.last().is_none_or(|index| index.name != self.name);
        if is_new {
            table.indexes.push(Index {
                name: self.name.clone(),
                unique: self.non_unique == 0,
                method: Some(self.kind.to_ascii_lowercase()).filter(|kind| kind == "fulltext" || kind == "spatial"),
                parts: Vec::new(),
                include: Vec::new(),
                predicate: None,
                nulls_not_distinct: false,
                with: None,
                invalid: false,
            });
        }
        if let Some(index) = table.indexes.last_mut() {
            let part = self.part(server, index.method.is_none());
            index.parts.push(part);
        }
    }

    /// Only an ordered index has a direction and prefixes.
    fn part(self, server: &Server, ordered: bool) -> IndexPart {
        IndexPart {
            key: match (self.column, self.expr) {
                (None, Some(expr)) => IndexKey::Expr(server.spelled(&expr)),
                (column, _) => IndexKey::Column(column.unwrap_or_default()),
            },
            descending: ordered && self.direction.as_deref() == Some("D"),
            nulls_first: None,
            collation: None,
            operator_class: None,
            prefix: self.prefix.filter(|_| ordered),
        }
    }
}

#[derive(Deserialize)]
struct KeyRow {
    table: String,
    name: String,
    column: String,
    ref_schema: String,
    ref_table: String,
    ref_column: String,
    on_update: String,
    on_delete: String,
}

fn foreign_keys(db: &mut Database, server: &Server, catalog: &mut Catalog) -> Result<()> {
    let sql = as_json(
        &[
            ("table", "k.table_name"),
            ("name", "k.constraint_name"),
            ("column", "k.column_name"),
            ("ref_schema", "k.referenced_table_schema"),
            ("ref_table", "k.referenced_table_name"),
            ("ref_column", "k.referenced_column_name"),
            ("on_update", "r.update_rule"),
            ("on_delete", "r.delete_rule"),
        ],
        // Each side has its own condition on the schema: with one on the other's column, MariaDB opens the
        // tables of every database, and waits for whoever changes one.
        "information_schema.key_column_usage k JOIN information_schema.referential_constraints r
            ON r.constraint_name = k.constraint_name AND r.table_name = k.table_name
         WHERE k.table_schema = database() AND r.constraint_schema = database()
            AND k.referenced_table_name IS NOT NULL
         ORDER BY k.table_name, k.constraint_name, k.ordinal_position",
    );
    for row in db.rows::<KeyRow>(&sql, &[])? {
        if let Some(table) = catalog.tables.get_mut(&Name::new(row.table.clone())) {
            row.add_to(table, server);
        }
    }
    Ok(())
}

impl KeyRow {
    /// Adds one column; the columns of a key come one behind the other.
    fn add_to(self, table: &mut Table, server: &Server) {
        let is_new = table.foreign_keys.last().is_none_or(|key| key.name.as_deref() != Some(&self.name));
        if is_new {
            let schema = Some(self.ref_schema).filter(|schema| *schema != server.database);
            table.foreign_keys.push(ForeignKey {
                name: Some(self.name),
                columns: Vec::new(),
                references: Name { schema, name: self.ref_table },
                ref_columns: Vec::new(),
                on_delete: action(&self.on_delete),
                on_update: action(&self.on_update),
                deferrable: Deferrable::No,
                valid: true,
            });
        }
        if let Some(key) = table.foreign_keys.last_mut() {
            key.columns.push(self.column);
            key.ref_columns.push(self.ref_column);
        }
    }
}

fn action(rule: &str) -> Action {
    match rule {
        "CASCADE" => Action::Cascade,
        "SET NULL" => Action::SetNull,
        "SET DEFAULT" => Action::SetDefault,
        "RESTRICT" => Action::Restrict,
        _ => Action::NoAction,
    }
}

#[derive(Deserialize)]
struct TriggerRow {
    table: String,
    name: String,
    timing: String,
    event: String,
    body: String,
}

fn triggers(db: &mut Database, catalog: &mut Catalog) -> Result<()> {
    let sql = as_json(
        &[
            ("table", "event_object_table"),
            ("name", "trigger_name"),
            ("timing", "action_timing"),
            ("event", "event_manipulation"),
            ("body", "action_statement"),
        ],
        "information_schema.triggers WHERE trigger_schema = database() AND event_object_schema = database()
         ORDER BY event_object_table, action_timing, event_manipulation, action_order",
    );
    for row in db.rows::<TriggerRow>(&sql, &[])? {
        if let Some(table) = catalog.tables.get_mut(&Name::new(row.table)) {
            let (name, on) = (Dialect::Mysql.quote(&row.name), table.name.sql(Dialect::Mysql));
            let sql = format!("CREATE TRIGGER {name} {} {} ON {on} FOR EACH ROW {}", row.timing, row.event, row.body);
            table.triggers.push(Trigger { name: row.name, sql, function: None });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Server;

    #[test]
    fn an_expression_of_mysql_is_that_of_mariadb() {
        let cases = [
            (false, r"concat(_utf8mb4\'m\',uuid())", "concat('m',uuid())"),
            (false, r"(`a` <> _utf8mb3\'q\\\'s\')", "(a <> 'q''s')"),
            (true, r"`a` <> 'q\'s'", "a <> 'q''s'"),
        ];
        for (is_mariadb, text, expected) in cases {
            let server = Server { is_mariadb, database: "d".to_owned() };
            assert_eq!(server.spelled(text).sql, expected);
        }
    }
}

#[cfg(all(test, feature = "mysql"))]
mod mysql_tests {
    mod mysql {
        use expect_test::expect;

        use crate::catalog::{Catalog, Name};
        use crate::db::introspect::introspect;
        use crate::db::testing::mysql;

        fn catalog_of(sql: &str) -> Catalog {
            let mut scratch = mysql();
            scratch.database().execute(sql).unwrap();
            introspect(scratch.database()).unwrap()
        }

        #[test]
        fn a_schema_with_one_of_everything() {
            let catalog = catalog_of(
                "CREATE TABLE users (
                    id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'it''s the key',
                    email varchar(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'it''s',
                    mood enum('sad', 'o,k') NOT NULL DEFAULT 'sad',
                    tags set('a', 'b'),
                    price decimal(10,2) unsigned DEFAULT 1.5,
                    made timestamp NOT NULL DEFAULT current_timestamp ON UPDATE current_timestamp,
                    seen datetime(3) DEFAULT NULL,
                    extra json CHECK (json_valid(extra)),
                    ok boolean DEFAULT true,
                    twice decimal(12,2) GENERATED ALWAYS AS (price * 2) STORED,
                    thrice decimal(12,2) AS (price * 3) VIRTUAL,
                    body text,
                    bits bit(3) DEFAULT b'101',
                    code char(3) DEFAULT (concat('a', 'b')),
                    place point NOT NULL,
                    CONSTRAINT price_fair CHECK (price > 0 AND email <> 'x'),
                    UNIQUE (email),
                    KEY body_mood (body(10), mood DESC),
                    FULLTEXT KEY words (body),
                    SPATIAL KEY places (place)
                 ) COMMENT 'people' DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
                 CREATE TABLE posts (
                    a int NOT NULL, b int NOT NULL, author int unsigned, editor int unsigned,
                    PRIMARY KEY (b, a),
                    FOREIGN KEY (author) REFERENCES users (id) ON DELETE CASCADE ON UPDATE SET NULL,
                    CONSTRAINT posts_editor FOREIGN KEY (editor) REFERENCES users (id) ON DELETE RESTRICT
                 ) ENGINE = InnoDB;
                 CREATE TABLE `Odd``name` (`select` int) ENGINE = MyISAM PARTITION BY HASH (`select`);
                 CREATE TABLE logs (id int) PARTITION BY RANGE (id)
                    (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN MAXVALUE);
                 CREATE VIEW happy AS SELECT id FROM users WHERE mood = 'o,k';
                 CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW SET new.ok = 1;
                 CREATE SEQUENCE counter START WITH 500 INCREMENT BY 10;
                 CREATE FUNCTION plus(a int, b varchar(3)) RETURNS int DETERMINISTIC RETURN a + 1;
                 CREATE PROCEDURE fill(IN a int, OUT b text) SET b = 'x';
                 CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp);",
            );
            expect![[r#"
                check price_fair of users: price > 0 and email <> 'x'
                column Odd`name.select: int
                column logs.id: int
                column posts.a: int NOT NULL
                column posts.author: int unsigned
                column posts.b: int NOT NULL
                column posts.editor: int unsigned
                column users.bits: bit(3) DEFAULT b'101'
                column users.body: text
                column users.code: char(3) DEFAULT concat('a','b')
                column users.email: varchar(120) NOT NULL DEFAULT 'it''s' COLLATE ascii_bin
                column users.extra: json
                column users.id: int unsigned NOT NULL AUTOINCREMENT comment 'it's the key'
                column users.made: timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
                column users.mood: enum('sad','o,k') NOT NULL DEFAULT 'sad'
                column users.ok: tinyint(1) DEFAULT 1
                column users.place: point NOT NULL
                column users.price: decimal(10,2) unsigned DEFAULT 1.50
                column users.seen: datetime(3)
                column users.tags: set('a','b')
                column users.thrice: decimal(12,2) GENERATED AS (price * 3) VIRTUAL
                column users.twice: decimal(12,2) GENERATED AS (price * 2) STORED
                foreign key posts_editor of posts: (editor) to users (id) ON DELETE NO ACTION ON UPDATE NO ACTION
                foreign key posts_ibfk_1 of posts: (author) to users (id) ON DELETE CASCADE ON UPDATE SET NULL
                function fill: create procedure fill ( in a int ( 11 ) , out b text ) set b = 'x'
                function plus: create function plus ( a int ( 11 ) , b varchar ( 3 ) ) returns int ( 11 ) deterministic return a + 1
                index author of posts: (author)
                index body_mood of users: (body(10), mood DESC)
                index places of users: using spatial (place)
                index posts_editor of posts: (editor)
                index words of users: using fulltext (body)
                primary key of posts: (b, a)
                primary key of users: (id)
                sequence counter: START WITH 500 INCREMENT BY 10
                table Odd`name: charset "latin1", collation "latin1_swedish_ci", engine "MyISAM", partition_by "HASH (`select`) PARTITIONS 1"
                table logs: charset "latin1", collation "latin1_swedish_ci", engine "InnoDB", partition_by "RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN MAXVALUE)"
                table posts: charset "latin1", collation "latin1_swedish_ci", engine "InnoDB"
                table users: charset "utf8mb4", collation "utf8mb4_unicode_ci", engine "InnoDB" comment 'people'
                trigger users_touch of users: create trigger users_touch before update on users for each row set new.ok = 1
                unique constraint email of users: (email)
                view happy: create view happy as select users . id as id from users where users . mood = 'o,k'"#]].assert_eq(&crate::proof::lines(&catalog).join("\n"));
            let users = &catalog.tables[&Name::new("users")];
            let column = |name| users.column(name, crate::dialect::Dialect::Mysql).unwrap();
            assert_eq!(column("made").on_update.as_ref().unwrap().sql, "current_timestamp()");
            assert_eq!(column("email").charset.as_deref(), Some("ascii"));
            assert!(column("mood").charset.is_none() && column("body").collation.is_none());
            assert_eq!(column("extra").ty.base, "json");
            assert_eq!(users.options.collation.as_deref(), Some("utf8mb4_unicode_ci"));
            let prefixes: Vec<Option<u32>> =
                users.indexes.iter().find(|i| i.name == "body_mood").unwrap().parts.iter().map(|p| p.prefix).collect();
            assert_eq!(prefixes, [Some(10), None]);
            let odd = &catalog.tables[&Name::new("Odd`name")].options;
            assert_eq!(
                (odd.engine.as_deref(), odd.partition_by.as_deref()),
                (Some("MyISAM"), Some("HASH (`select`) PARTITIONS 1"))
            );
            assert_eq!(catalog.views[&Name::new("happy")].depends_on, [Name::new("users")].into());
        }
    }
}
