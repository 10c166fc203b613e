//! What single scripts leave behind, one line per object. The same scripts run through the real
//! engine in `engine`.

use crate::catalog::{AutoValue, Catalog, Deferrable, ForeignKey, Index, IndexKey, Table};
use crate::dialect::Dialect;

/// The catalog after a script.
pub(super) fn replayed(sql: &str) -> Catalog {
    let mut catalog = Catalog::empty(Dialect::Sqlite);
    super::apply(&mut catalog, sql, "up.sql").unwrap();
    catalog
}

fn check(sql: &str, expected: &[&str]) {
    assert_eq!(lines(&replayed(sql)), expected, "{sql}");
}

fn lines(catalog: &Catalog) -> Vec<String> {
    let mut lines = Vec::new();
    for table in catalog.tables.values() {
        lines.push(table_line(table));
        lines.extend(table.indexes.iter().map(|index| index_line(&table.name.name, index)));
        lines.extend(table.triggers.iter().map(|t| format!("{}.{}: {}", table.name, t.name, t.sql)));
    }
    for view in catalog.views.values() {
        let names: Vec<String> = view.depends_on.iter().map(ToString::to_string).collect();
        lines.push(format!("view {} of {}: {}", view.name, names.join(","), view.sql));
    }
    for doubt in &catalog.uncertain {
        let names: Vec<String> = doubt.objects.iter().map(ToString::to_string).collect();
        lines.push(format!("? {} [{}] line {}", names.join(","), doubt.reason, doubt.at.line));
    }
    lines
}

fn table_line(table: &Table) -> String {
    let mut parts = Vec::new();
    for column in &table.columns {
        let mut text = format!("{} {}", column.name, column.ty);
        text.push_str(if column.nullable { "?" } else { "" });
        if column.auto == Some(AutoValue::Increment) {
            text.push_str(" auto");
        }
        if let Some(default) = &column.default {
            text.push_str(&format!(" ={default}"));
        }
        if let Some(generated) = &column.generated {
            text.push_str(&format!(" as {}{}", generated.expr, if generated.stored { " stored" } else { "" }));
        }
        if let Some(collation) = &column.collation {
            text.push_str(&format!(" collate {collation}"));
        }
        parts.push(text.trim_end().to_owned());
    }
    let named = |name: &Option<String>| name.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
    if let Some(key) = &table.primary_key {
        parts.push(format!("{}pk({})", named(&key.name), key.columns.join(",")));
    }
    parts.extend(table.uniques.iter().map(|u| format!("{}unique({})", named(&u.name), u.columns.join(","))));
    parts.extend(table.checks.iter().map(|c| format!("{}check({})", named(&c.name), c.expr)));
    parts.extend(table.foreign_keys.iter().map(|key| format!("{}{}", named(&key.name), foreign_key(key))));
    let options = &table.options;
    parts.extend(options.strict.then(|| "strict".to_owned()));
    parts.extend(options.without_rowid.then(|| "without rowid".to_owned()));
    parts.extend(options.virtual_module.as_ref().map(|module| format!("using {module}")));
    format!("{}: {}", table.name, parts.join(", "))
}

fn foreign_key(key: &ForeignKey) -> String {
    let deferrable = match key.deferrable {
        Deferrable::No => "",
        Deferrable::InitiallyImmediate => " immediate",
        Deferrable::InitiallyDeferred => " deferred",
    };
    let columns = key.columns.join(",");
    let to = key.ref_columns.join(",");
    format!("fk({columns})->{}({to}) {:?}/{:?}{deferrable}", key.references, key.on_delete, key.on_update)
}

fn index_line(table: &str, index: &Index) -> String {
    let parts: Vec<String> = index
        .parts
        .iter()
        .map(|part| {
            let key = match &part.key {
                IndexKey::Column(name) => name.clone(),
                IndexKey::Expr(expr) => format!("({expr})"),
            };
            let collation = part.collation.as_ref().map(|name| format!(" collate {name}")).unwrap_or_default();
            format!("{key}{collation}{}", if part.descending { " desc" } else { "" })
        })
        .collect();
    let unique = if index.unique { "unique " } else { "" };
    let predicate = index.predicate.as_ref().map(|p| format!(" where {p}")).unwrap_or_default();
    format!("{unique}{table}.{}({}){predicate}", index.name, parts.join(","))
}

/// Scripts that SQLite accepts, and what they leave.
pub(super) const SCRIPTS: &[(&str, &[&str])] = &[
    // Columns.
    ("CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT NOT NULL, b)", &["t: id INTEGER, n TEXT, b ?, pk(id)"]),
    ("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)", &["t: id INTEGER auto, pk(id)"]),
    ("CREATE TABLE t (id INTEGER, PRIMARY KEY (ID AUTOINCREMENT))", &["t: id INTEGER auto, pk(id)"]),
    ("CREATE TABLE t (id INTEGER PRIMARY KEY DESC)", &["t: id INTEGER?, pk(id)"]),
    ("CREATE TABLE t (id INTEGER, PRIMARY KEY (id DESC))", &["t: id INTEGER, pk(id)"]),
    ("CREATE TABLE t (id INT PRIMARY KEY)", &["t: id INT?, pk(id)"]),
    ("CREATE TABLE t (id TEXT PRIMARY KEY) STRICT", &["t: id TEXT, pk(id), strict"]),
    ("CREATE TABLE t (a INTEGER, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID", &[
        "t: a INTEGER, b TEXT, pk(a,b), without rowid",
    ]),
    ("CREATE TABLE t (a varchar ( 10 ), b Decimal(10,2), c unsigned  big int, d double precision(-1))", &[
        "t: a VARCHAR(10)?, b DECIMAL(10,2)?, c UNSIGNED BIG INT?, d DOUBLE PRECISION(-1)?",
    ]),
    (
        "CREATE TABLE t (a INT DEFAULT 1, b INT DEFAULT -1.5, c TEXT DEFAULT 'it''s (', d DEFAULT (1 + 2) NOT NULL,
         e DEFAULT CURRENT_TIMESTAMP, f DEFAULT NULL, g DEFAULT (strftime('%s', 'now')), h DEFAULT x'00', i DEFAULT true)",
        &["t: a INT? =1, b INT? =-1.5, c TEXT? ='it''s (', d  =(1 + 2), e ? =CURRENT_TIMESTAMP, f ? =NULL, \
           g ? =(strftime('%s', 'now')), h ? =x'00', i ? =true"],
    ),
    (
        "CREATE TABLE t (a INT CHECK (a > 0 -- positive\n), b TEXT COLLATE nocase, c INT GENERATED ALWAYS AS (a * 2) STORED,
         d INT AS (a + (1)), CONSTRAINT small CHECK (a < 10 AND b IN ('x', 'y')))",
        &["t: a INT?, b TEXT? collate nocase, c INT? as a * 2 stored, d INT? as a + (1), check(a > 0), \
           small check(a < 10 AND b IN ('x', 'y'))"],
    ),
    ("CREATE TABLE \"a b\" (\"c d\" TEXT, `e` TEXT, [f g] TEXT, \"h\"\"i\" TEXT)", &[
        "a b: c d TEXT?, e TEXT?, f g TEXT?, h\"i TEXT?",
    ]),
    // Keys.
    (
        "CREATE TABLE t (id TEXT PRIMARY KEY UNIQUE, a TEXT UNIQUE, b INT, CONSTRAINT ab UNIQUE (A, b), UNIQUE (a))",
        &["t: id TEXT?, a TEXT?, b INT?, pk(id), unique(a), ab unique(a,b)"],
    ),
    (
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (
           a INT REFERENCES p, b INT CONSTRAINT bf REFERENCES p (id) ON DELETE CASCADE ON UPDATE SET NULL
             DEFERRABLE INITIALLY DEFERRED NOT NULL,
           d INT DEFAULT 0 REFERENCES p(id) ON DELETE SET DEFAULT DEFERRABLE CHECK (d > 0),
           CONSTRAINT f FOREIGN KEY (a, b) REFERENCES c2 (x, y) ON UPDATE RESTRICT MATCH FULL NOT DEFERRABLE)",
        &[
            "c: a INT?, b INT, d INT? =0, check(d > 0), fk(a)->p() NoAction/NoAction, \
             bf fk(b)->p(id) Cascade/SetNull deferred, fk(d)->p(id) SetDefault/NoAction immediate, \
             f fk(a,b)->c2(x,y) NoAction/Restrict",
            "p: id INTEGER, pk(id)",
        ],
    ),
    // Indexes.
    (
        "CREATE TABLE t (a TEXT, b INT); CREATE UNIQUE INDEX i ON t (A COLLATE nocase DESC, b ASC) WHERE b > 0 AND a <> ';';
         CREATE INDEX IF NOT EXISTS main.j ON t (lower(a) COLLATE nocase, b + 1 DESC); CREATE INDEX IF NOT EXISTS j ON t(b)",
        &[
            "t: a TEXT?, b INT?",
            "unique t.i(a collate nocase desc,b) where b > 0 AND a <> ';'",
            "t.j((lower(a)) collate nocase,(b + 1) desc)",
        ],
    ),
    ("CREATE TABLE t (a); CREATE INDEX i ON t (a); DROP INDEX I; DROP INDEX IF EXISTS k", &["t: a ?"]),
    // Tables from queries, temporary and dropped ones.
    (
        "CREATE TABLE s (id INTEGER PRIMARY KEY, n VARCHAR(10) NOT NULL, d DATETIME, r FLOAT, b BLOB);
         CREATE TABLE t AS SELECT * FROM s WHERE id > 1; CREATE TABLE u AS SELECT n AS m, s.id FROM s",
        &[
            "s: id INTEGER, n VARCHAR(10), d DATETIME?, r FLOAT?, b BLOB?, pk(id)",
            "t: id INT?, n TEXT?, d NUM?, r REAL?, b ?",
            "u: m TEXT?, id INT?",
        ],
    ),
    (
        "CREATE TEMP TABLE k (a); CREATE INDEX temp.ki ON k (a); INSERT INTO k VALUES (1); DROP TABLE k;
         CREATE TABLE k (b); DROP TABLE IF EXISTS none; CREATE TABLE IF NOT EXISTS K (c)",
        &["k: b ?"],
    ),
    (
        "CREATE TEMPORARY TABLE k (a); ALTER TABLE k RENAME TO l; CREATE TRIGGER g AFTER INSERT ON l BEGIN SELECT 1; END;
         DROP TABLE l; BEGIN; CREATE TABLE t (a); COMMIT; SAVEPOINT s; RELEASE s; ANALYZE; REINDEX",
        &["t: a ?"],
    ),
    (
        "CREATE TABLE t (a); CREATE INDEX i ON t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END; DROP TABLE T",
        &[],
    ),
    // Views and triggers.
    (
        "CREATE TABLE t (a); CREATE TABLE u (a);
         CREATE VIEW IF NOT EXISTS v (x) AS SELECT t.a FROM t JOIN main.u ON u.a = t.a AND t.a IS NOT DISTINCT FROM 1;
         CREATE VIEW w AS WITH c AS (SELECT 1 a) SELECT a FROM c, (SELECT a FROM v), u WHERE a IN u;
         CREATE TRIGGER IF NOT EXISTS g AFTER UPDATE OF a ON t WHEN new.a BEGIN UPDATE u SET a = CASE 1 WHEN 1 THEN 2 END; END;",
        &[
            "t: a ?",
            "t.g: CREATE TRIGGER g AFTER UPDATE OF a ON t WHEN new.a BEGIN UPDATE u SET a = CASE 1 WHEN 1 THEN 2 END; END",
            "u: a ?",
            "view v of t,u: CREATE VIEW v (x) AS SELECT t.a FROM t JOIN main.u ON u.a = t.a AND t.a IS NOT DISTINCT FROM 1",
            "view w of u,v: CREATE VIEW w AS WITH c AS (SELECT 1 a) SELECT a FROM c, (SELECT a FROM v), u WHERE a IN u",
        ],
    ),
    ("CREATE TABLE t (a); CREATE VIEW v AS SELECT 1; CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;
      DROP VIEW V; DROP TRIGGER G; DROP TRIGGER IF EXISTS g; DROP VIEW IF EXISTS v", &["t: a ?"]),
    // Renamed tables.
    (
        "CREATE TABLE p (id INTEGER PRIMARY KEY, up INT REFERENCES p, CHECK (p.id > 0)); CREATE TABLE c (p INT REFERENCES P (id));
         CREATE INDEX i ON p (up) WHERE p.up > 1; CREATE VIEW v AS SELECT p.id, c.p FROM p, c AS p2, c;
         CREATE TRIGGER g AFTER INSERT ON p BEGIN INSERT INTO p (id) SELECT id FROM p WHERE p.id = new.id; END;
         ALTER TABLE p RENAME TO parent",
        &[
            "c: p INT?, fk(p)->parent(id) NoAction/NoAction",
            "parent: id INTEGER, up INT?, pk(id), check(\"parent\".id > 0), fk(up)->parent() NoAction/NoAction",
            "parent.i(up) where \"parent\".up > 1",
            "parent.g: CREATE TRIGGER g AFTER INSERT ON \"parent\" BEGIN INSERT INTO \"parent\" (id) \
             SELECT id FROM \"parent\" WHERE \"parent\".id = new.id; END",
            "view v of c,parent: CREATE VIEW v AS SELECT \"parent\".id, c.p FROM \"parent\", c AS p2, c",
        ],
    ),
    (
        "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON; CREATE TABLE p (id INT PRIMARY KEY, up INT REFERENCES p);
         CREATE TABLE c (p INT REFERENCES p); CREATE VIEW v AS SELECT id FROM p;
         CREATE TRIGGER g AFTER INSERT ON p BEGIN DELETE FROM p; END; ALTER TABLE p RENAME TO q",
        &[
            "c: p INT?, fk(p)->p() NoAction/NoAction",
            "q: id INT?, up INT?, pk(id), fk(up)->p() NoAction/NoAction",
            "q.g: CREATE TRIGGER g AFTER INSERT ON \"q\" BEGIN DELETE FROM p; END",
            "view v of p: CREATE VIEW v AS SELECT id FROM p",
        ],
    ),
    (
        "PRAGMA foreign_keys = 1; PRAGMA legacy_alter_table(on); CREATE TABLE p (id INT PRIMARY KEY);
         CREATE TABLE c (p INT REFERENCES p); ALTER TABLE p RENAME TO q",
        &["c: p INT?, fk(p)->q() NoAction/NoAction", "q: id INT?, pk(id)"],
    ),
    // The rebuild, new table first.
    (
        "CREATE TABLE x (id INTEGER PRIMARY KEY, a INT); CREATE TABLE c (x INT REFERENCES x (id) ON DELETE CASCADE);
         CREATE INDEX xa ON x (a); CREATE TABLE new_x (id INTEGER PRIMARY KEY, a INT NOT NULL CHECK (a > 0));
         INSERT INTO new_x SELECT * FROM x; DROP TABLE x; ALTER TABLE new_x RENAME TO x; CREATE INDEX xa ON x (a)",
        &["c: x INT?, fk(x)->x(id) Cascade/NoAction", "x: id INTEGER, a INT, pk(id), check(a > 0)", "x.xa(a)"],
    ),
    // The rebuild, old table first: references follow it.
    (
        "CREATE TABLE x (id INTEGER PRIMARY KEY, a INT); CREATE TABLE c (x INT REFERENCES x (id));
         ALTER TABLE x RENAME TO old_x; CREATE TABLE x (id INTEGER PRIMARY KEY); INSERT INTO x SELECT id FROM old_x;
         DROP TABLE old_x",
        &["c: x INT?, fk(x)->old_x(id) NoAction/NoAction", "x: id INTEGER, pk(id)"],
    ),
    // Renamed columns.
    (
        "CREATE TABLE p (id INT, key TEXT, k2 INT AS (length(key)), PRIMARY KEY (key), UNIQUE (id, KEY), CHECK (key <> 'key'));
         CREATE TABLE c (key TEXT REFERENCES p (key)); CREATE INDEX i ON p (key, lower(\"key\")) WHERE p.key > '';
         CREATE VIEW v AS SELECT key FROM p; CREATE VIEW w AS SELECT c.key, q.key AS key FROM c JOIN p q ON q.key = c.key;
         CREATE TRIGGER g AFTER UPDATE OF key ON p BEGIN INSERT INTO c (key) SELECT new.key; UPDATE c SET key = old.key; END;
         ALTER TABLE p RENAME COLUMN key TO akey",
        &[
            "c: key TEXT?, fk(key)->p(akey) NoAction/NoAction",
            "p: id INT?, akey TEXT?, k2 INT? as length(akey), pk(akey), unique(id,akey), check(akey <> 'key')",
            "p.i(akey,(lower(\"akey\"))) where p.akey > ''",
            "p.g: CREATE TRIGGER g AFTER UPDATE OF akey ON p BEGIN INSERT INTO c (key) SELECT new.akey; \
             UPDATE c SET key = old.akey; END",
            "view v of p: CREATE VIEW v AS SELECT akey FROM p",
            "view w of c,p: CREATE VIEW w AS SELECT c.key, q.akey AS key FROM c JOIN p q ON q.akey = c.key",
        ],
    ),
    ("CREATE TABLE t (a INT CHECK (a > 1)); ALTER TABLE t RENAME a TO \"b c\"", &["t: b c INT?, check(\"b c\" > 1)"]),
    // An INSERT's target is no source of its query, only of what stands behind it.
    (
        "CREATE TABLE s (k INT); CREATE TABLE t (k INT UNIQUE, n INT); CREATE TRIGGER g AFTER INSERT ON s BEGIN
         INSERT INTO t (k) SELECT k FROM s WHERE true ON CONFLICT (k) DO UPDATE SET k = excluded.k + 1; END;
         ALTER TABLE s RENAME k TO sk; ALTER TABLE t RENAME k TO tk",
        &[
            "s: sk INT?",
            "s.g: CREATE TRIGGER g AFTER INSERT ON s BEGIN\n         INSERT INTO t (tk) SELECT sk FROM s WHERE true \
             ON CONFLICT (tk) DO UPDATE SET tk = excluded.tk + 1; END",
            "t: tk INT?, n INT?, unique(tk)",
        ],
    ),
    // Added and dropped columns.
    (
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a);
         ALTER TABLE t ADD COLUMN b BOOLEAN NOT NULL DEFAULT 0; ALTER TABLE t ADD c TEXT REFERENCES p (id) ON DELETE SET NULL;
         ALTER TABLE t ADD COLUMN d INT DEFAULT (1) CONSTRAINT dc CHECK (d > 0); ALTER TABLE t ADD e AS (a || 'x')",
        &[
            "p: id INTEGER, pk(id)",
            "t: a ?, b BOOLEAN =0, c TEXT?, d INT? =(1), e ? as a || 'x', dc check(d > 0), \
             fk(c)->p(id) SetNull/NoAction",
        ],
    ),
    (
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a, b INT CHECK (b > 0), c INT REFERENCES p, d);
         ALTER TABLE t DROP COLUMN b; ALTER TABLE t DROP C; ALTER TABLE t DROP COLUMN d",
        &["p: id INTEGER, pk(id)", "t: a ?"],
    ),
    // SQLite 3.53.
    (
        "CREATE TABLE t (a INT, b INT NOT NULL, CONSTRAINT old CHECK (a > 1)); ALTER TABLE t ALTER COLUMN a SET NOT NULL;
         ALTER TABLE t ALTER b DROP NOT NULL; ALTER TABLE t ADD CONSTRAINT fresh CHECK (b < 9);
         ALTER TABLE t ADD CHECK (a <> b); ALTER TABLE t DROP CONSTRAINT OLD",
        &["t: a INT, b INT?, fresh check(b < 9), check(a <> b)"],
    ),
];

#[test]
fn scripts_leave_what_they_say() {
    for (sql, expected) in SCRIPTS {
        check(sql, expected);
    }
}

#[test]
fn what_cannot_be_followed_is_said() {
    let cases: &[(&str, &[&str])] = &[
        (
            "CREATE TABLE t (a);\nROLLBACK;",
            &["t: a ?", "?  [ROLLBACK takes back what statements before it did] line 2"],
        ),
        (
            "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = ''",
            &["?  [a statement writes the schema table itself] line 1"],
        ),
        (
            "ALTER TABLE no ADD a; DROP TABLE no; DROP INDEX ni; DROP VIEW nv; DROP TRIGGER nt",
            &[
                "? ni [the index ni is not known here] line 1",
                "? nv [the view nv is not known here] line 1",
                "? nt [the trigger nt is not known here] line 1",
            ],
        ),
        ("CREATE TABLE t (a);\n\nCREATE TABLE T (b)", &["t: a ?", "? T [T is created, but existed before] line 3"]),
        (
            "CREATE TABLE t (a); CREATE TABLE u AS SELECT max(a) FROM t",
            &["t: a ?", "u: ", "? u [the columns of u are those of a query] line 1"],
        ),
        (
            "CREATE VIRTUAL TABLE f USING fts5(a, content = 't')",
            &[
                "f: using fts5(a, content = 't')",
                "? f [the module of the virtual table f decides about its columns] line 1",
            ],
        ),
        ("CREATE VIRTUAL TABLE f USING fts5(a); DROP TABLE f", &[]),
        (
            "CREATE VIEW v AS SELECT 1 a; CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN SELECT 1; END; DROP TRIGGER g",
            &["view v of : CREATE VIEW v AS SELECT 1 a", "? v [triggers on views are not compared] line 1"],
        ),
        (
            "CREATE TABLE t (a PRIMARY KEY); ALTER TABLE t DROP a; ALTER TABLE t RENAME b TO c",
            &["t: a ?, pk(a)", "? t [SQLite does not drop t.a: the primary key uses it] line 1"],
        ),
        (
            "PRAGMA legacy_alter_table = ON; CREATE TABLE p (a); CREATE TABLE c (a REFERENCES p); ALTER TABLE p RENAME TO q",
            &[
                "c: a ?, fk(a)->p() NoAction/NoAction",
                "q: a ?",
                "? c [PRAGMA foreign_keys decides whether references follow a legacy rename] line 1",
            ],
        ),
        (
            "CREATE TABLE s (k INT); CREATE TABLE t (k INT); CREATE VIEW v AS SELECT k FROM s WHERE k IN (SELECT k FROM t);
             ALTER TABLE s RENAME k TO sk",
            &[
                "s: sk INT?",
                "t: k INT?",
                "view v of s,t: CREATE VIEW v AS SELECT k FROM s WHERE k IN (SELECT k FROM t)",
                "? v [s.k is renamed, and a view or trigger has it from several tables] line 2",
            ],
        ),
        ("ATTACH 'x.db' AS x; CREATE TABLE x.t (a); DROP TABLE x.t; DETACH x", &[]),
    ];
    for (sql, expected) in cases {
        check(sql, expected);
    }
}

#[test]
fn a_text_that_does_not_parse_changes_nothing() {
    let mut catalog = Catalog::empty(Dialect::Sqlite);
    let error = super::apply(&mut catalog, "CREATE TABLE t (a);\nCREATE TABLE u (a b c,,)", "up.sql").unwrap_err();
    assert_eq!(error.to_string(), "up.sql:2: this does not parse as SQLite: near \",\": syntax error");
    assert_eq!(error.place.unwrap().column, 23);
    assert_eq!(catalog, Catalog::empty(Dialect::Sqlite));
}
