//! What is measured: generated repositories and chains, and the commands on them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::binary;
use crate::servers::{Mariadb, Postgres, Server};
use crate::shell::{self, Result, command, root};
use crate::test::ALL_DATABASES;

/// A command whose time is measured.
pub(crate) struct Case {
    pub(crate) what: String,
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<String>,
    pub(crate) directory: PathBuf,
    pub(crate) vars: Vec<(String, String)>,
    /// The exit code that it has to end with.
    pub(crate) ends: i32,
    /// Milliseconds of CPU.
    pub(crate) target: Option<f64>,
    pub(crate) batches: usize,
    pub(crate) runs: usize,
    /// It does what the case before does, and this so many times beside: only that is shown, once.
    pub(crate) beside: Option<f64>,
}

impl Case {
    pub(crate) fn new(what: &str, directory: &Path, program: &Path, args: &[&str]) -> Self {
        Self {
            what: what.to_owned(),
            program: program.to_owned(),
            args: args.iter().map(ToString::to_string).collect(),
            directory: directory.to_owned(),
            vars: Vec::new(),
            ends: 0,
            target: None,
            batches: 5,
            runs: 20,
            beside: None,
        }
    }

    pub(crate) fn ends(mut self, code: i32) -> Self {
        self.ends = code;
        self
    }

    fn target(mut self, target: f64) -> Self {
        self.target = Some(target);
        self
    }

    pub(crate) fn runs(mut self, runs: usize) -> Self {
        self.runs = runs;
        self
    }
}

/// Every case of ours.
pub(crate) fn all(scratch: &Path, binary: &Path) -> Result<Vec<Case>> {
    let mut cases = vec![Case::new("floor: /bin/true", scratch, Path::new("/bin/true"), &[])];
    cases.push(Case::new(
        "floor: cargo-ops-migrate ops-migrate completions bash",
        scratch,
        binary,
        &["ops-migrate", "completions", "bash"],
    ));
    cases.extend(gate(scratch, binary)?);
    for count in [1_000, 10_000] {
        cases.extend(listings(scratch, binary, count)?);
    }
    cases.push(sample(scratch, binary)?);
    cases.push(stated(scratch, binary)?);
    cases.extend(long_chain(scratch, binary)?);
    cases.extend(schemas(scratch)?);
    cases.extend(reviews(scratch, binary)?);
    Ok(cases)
}

/// Repositories with nothing of ours staged, of two sizes, and with a changed model.
fn gate(scratch: &Path, binary: &Path) -> Result<Vec<Case>> {
    let hook = |directory: &Path| directory.join(".git/hooks/pre-commit");
    let mut cases = Vec::new();
    for (name, size, files, target) in [("gate", "2,000", 1_100, 10.0), ("gate50k", "50,000", 49_100, 20.0)] {
        let quiet = scratch.join(name);
        project(&quiet, Shape::of(300))?;
        for n in 0..files {
            write(&quiet.join(format!("docs/part{}/page{n}.md", n % 400)), "text\n")?;
        }
        commit(&quiet)?;
        install(&quiet, binary)?;
        write(&quiet.join("docs/part0/page0.md"), "other text\n")?;
        git(&quiet, &["add", "--all"])?;
        let diff = ["diff", "--cached", "--quiet"];
        let floor = format!("floor: git diff --cached --quiet, {size} files");
        cases.push(Case::new(&floor, &quiet, Path::new("git"), &diff).ends(1));
        let what = format!("gate: pre-commit, nothing watched changed, {size} files");
        cases.push(Case::new(&what, &quiet, &hook(&quiet), &[]).target(target));
    }
    let changed = scratch.join("changed");
    project(&changed, Shape { revisions: 1_000, tables: 200, every: 5, in_files: true, dialect: "sqlite" })?;
    commit(&changed)?;
    install(&changed, binary)?;
    let model = changed.join("src/models/t7.rs");
    let text = std::fs::read_to_string(&model).map_err(|e| e.to_string())?;
    write(&model, &text.replacen("id -> Integer,\n", "id -> Integer,\n        extra -> Text,\n", 1))?;
    git(&changed, &["add", "--all"])?;
    let what = "gate: pre-commit, one of 200 model files changed, 1,000 revisions";
    let cold = format!("rm -rf .git/ops-migrate && exec {}", hook(&changed).display());
    cases.push(Case::new(&format!("{what}, cold"), &changed, Path::new("sh"), &["-c", &cold]).target(50.0).ends(1));
    cases.push(Case::new(&format!("{what}, warm"), &changed, &hook(&changed), &[]).target(20.0).ends(1));
    Ok(cases)
}

fn listings(scratch: &Path, binary: &Path, count: usize) -> Result<Vec<Case>> {
    let directory = scratch.join(format!("chain{count}"));
    project(&directory, Shape::of(count))?;
    commit(&directory)?;
    let (target, runs) = if count > 1_000 { (250.0, 5) } else { (30.0, 20) };
    let case = |what: &str, args: &[&str]| {
        let mut all = vec!["ops-migrate"];
        all.extend(args);
        Case::new(&format!("{what}, {count} revisions"), &directory, binary, &all).target(target).runs(runs)
    };
    Ok(vec![
        case("status --offline", &["status", "--offline"]),
        case("history", &["history"]),
        case("heads", &["heads"]),
    ])
}

/// On the chain of 1,000 revisions: the replay with nothing remembered, and one column more.
fn long_chain(scratch: &Path, binary: &Path) -> Result<Vec<Case>> {
    let cold = scratch.join("chain1000");
    let forget = format!("rm -rf .git/ops-migrate && exec {} ops-migrate schema --format json", binary.display());
    let changed = scratch.join("chain1000-changed");
    shell::output(&mut command(scratch, "cp", &["-r", "chain1000", "chain1000-changed"]))?;
    let path = changed.join("src/schema.rs");
    let schema = std::fs::read_to_string(&path).map_err(|e| e.to_string())?;
    write(&path, &schema.replacen("id -> Integer,\n", "id -> Integer,\n        extra -> Nullable<Text>,\n", 1))?;
    let create = ["ops-migrate", "create", "add extra", "--dry-run"];
    Ok(vec![
        Case::new("schema, nothing remembered, 1000 revisions", &cold, Path::new("sh"), &["-c", &forget]).target(60.0),
        Case::new("create --dry-run, one column, 1000 revisions", &changed, binary, &create).target(150.0),
    ])
}

/// `check` where structs state every table: 136 tables, 1,483 columns, 412 indexes, 216 foreign keys.
fn stated(scratch: &Path, binary: &Path) -> Result<Case> {
    const TABLES: usize = 136;
    let directory = scratch.join("stated");
    write(
        &directory.join("Cargo.toml"),
        "[package]\nname = \"stated\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ndiesel = { version = \"2\", features = [\"postgres\"] }\n",
    )?;
    write(&directory.join("diesel.toml"), "[print_schema]\nfile = \"src/schema.rs\"\n")?;
    write(&directory.join("src/lib.rs"), "mod models;\nmod schema;\n")?;
    let (mut schema, mut models, mut up) = (String::new(), String::new(), String::new());
    let (mut indexes, mut references) = (0, 0);
    for table in 0..TABLES {
        let columns = if table < 123 { 10 } else { 9 };
        let mut block = format!("diesel::table! {{\n    t{table} (id) {{\n        id -> Int4,\n");
        let mut fields = "    pub id: i32,\n".to_owned();
        let mut create =
            format!("CREATE TABLE t{table} (\n    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY");
        let mut after = String::new();
        for column in 0..columns {
            let name = format!("c{column}");
            let is_key = table > 0 && column < 2 && references < 216;
            let is_indexed = (2..6).contains(&column) && indexes < 412 && indexes < (table + 1) * 412 / TABLES;
            let mut keys = Vec::new();
            if is_key {
                let parent = table - 1;
                references += 1;
                keys.push(format!("references(t{parent}.id, on_delete = cascade)"));
                create.push_str(&format!(",\n    {name} integer REFERENCES t{parent} (id) ON DELETE CASCADE"));
                block.push_str(&format!("        {name} -> Nullable<Int4>,\n"));
            } else {
                keys.push("default = \"''\"".to_owned());
                create.push_str(&format!(",\n    {name} text NOT NULL DEFAULT ''"));
                block.push_str(&format!("        {name} -> Text,\n"));
            }
            if is_indexed {
                indexes += 1;
                keys.push(format!("index(where = \"{name} <> ''\")"));
                after.push_str(&format!("CREATE INDEX ON t{table} ({name}) WHERE {name} <> '';\n"));
            }
            let ty = if is_key { "Option<i32>" } else { "String" };
            fields.push_str(&format!("    #[ops({})]\n    pub {name}: {ty},\n", keys.join(", ")));
        }
        schema.push_str(&format!("{block}    }}\n}}\n\n"));
        models.push_str(&format!(
            "#[derive(OpsModel)]\n#[diesel(table_name = crate::schema::t{table})]\npub struct T{table} {{\n{fields}}}\n\n"
        ));
        up.push_str(&format!("{create}\n);\n{after}"));
    }
    write(&directory.join("src/schema.rs"), &schema)?;
    write(&directory.join("src/models.rs"), &models)?;
    write(&directory.join("migrations/2024-01-01-000000_all/up.sql"), &up)?;
    write(&directory.join("migrations/2024-01-01-000000_all/down.sql"), "SELECT 1;\n")?;
    commit(&directory)?;
    let check = ["ops-migrate", "check"];
    Ok(Case::new(
        &format!("check, {TABLES} tables stated by structs, {indexes} indexes, {references} foreign keys"),
        &directory,
        binary,
        &check,
    )
    .target(60.0))
}

/// Where the chains for `review` lie, and how many revisions each has.
pub(crate) const REVIEWS: [(&str, usize); 2] = [("review1000", 1_000), ("review10000", 10_000)];

/// The whole chain replayed and every rule asked; every other revision makes a table. The targets are
/// what squawk took for the same files without any knowledge of the schema.
fn reviews(scratch: &Path, binary: &Path) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for ((name, count), target) in REVIEWS.into_iter().zip([191.0, 1_899.0]) {
        let directory = scratch.join(name);
        project(&directory, Shape { tables: count, every: 2, dialect: "postgres", ..Shape::of(count) })?;
        commit(&directory)?;
        let args = ["ops-migrate", "review", "--all"];
        let what = format!("review --all, {count} revisions");
        cases.push(Case::new(&what, &directory, binary, &args).target(target).runs(3));
    }
    Ok(cases)
}

/// Two large schemas compared, the replay of both apart.
fn schemas(scratch: &Path) -> Result<Vec<Case>> {
    let program = binary::example("diffing", &[])?;
    let of = "two schemas of 150 tables, 1,500 columns, 400 indexes, 200 foreign keys";
    let many = Case::new(&format!("diff of {of}"), scratch, &program, &["50"]).target(5.0);
    Ok(vec![
        Case::new(&format!("floor: replay of {of}"), scratch, &program, &["0"]),
        Case { beside: Some(50.0), ..many.runs(5) },
    ])
}

/// The servers whose triggers are measured.
pub(crate) struct Servers {
    postgres: Server<Postgres>,
    mariadb: Server<Mariadb>,
}

impl Servers {
    pub(crate) fn start() -> Result<Self> {
        Ok(Self { postgres: Server::start()?, mariadb: Server::start()? })
    }
}

/// What the history of a table costs whoever writes to it, for 1,000 changes of rows. A server's CPU is
/// not that of the process: there the wall time counts.
pub(crate) fn histories(scratch: &Path, servers: &Servers) -> Result<Vec<Case>> {
    let program = binary::example("writing", &ALL_DATABASES)?;
    let sqlite = scratch.join("written.db").display().to_string();
    let urls =
        [("SQLite", sqlite), ("PostgreSQL", servers.postgres.variable().1), ("MariaDB", servers.mariadb.variable().1)];
    let mut cases = Vec::new();
    for (engine, url) in &urls {
        // Bulk is three changes of each row.
        for (kind, rows, changes, words) in
            [("bulk", "10000", 30.0, "a thousand or more a statement"), ("single", "10000", 10.0, "one a statement")]
        {
            let case =
                |what: &str, history: &str| Case::new(what, scratch, &program, &[url, history, kind, rows]).runs(3);
            cases.push(case(&format!("floor: {engine}, 10,000 rows written, {words}"), "plain"));
            let what = format!("{engine}: history of 1,000 changes, {words}");
            cases.push(Case { beside: Some(changes), ..case(&what, "history") });
        }
    }
    Ok(cases)
}

/// `create --dry-run` on the sample backend with a changed model.
fn sample(scratch: &Path, binary: &Path) -> Result<Case> {
    let directory = scratch.join("sample");
    shell::output(&mut command(&root(), "cp", &["-r", "tests/backends/ops/sqlite", &directory.display().to_string()]))?;
    commit(&directory)?;
    let path = directory.join("src/models/people.rs");
    let models = std::fs::read_to_string(&path).map_err(|e| e.to_string())?;
    let (from, to) = (
        "    pub last_name: Option<String>,\n",
        "    pub last_name: Option<String>,\n    pub nick_name: Option<String>,\n",
    );
    if !models.contains(from) {
        return Err("the sample's User has no last_name any more: mend the benchmark".to_owned());
    }
    write(&path, &models.replacen(from, to, 1))?;
    let args = ["ops-migrate", "create", "add nick name", "--dry-run"];
    Ok(Case::new("create --dry-run, the sample backend", &directory, binary, &args).target(200.0))
}

/// How large a project is.
#[derive(Clone, Copy)]
struct Shape {
    revisions: usize,
    /// As many at the most.
    tables: usize,
    /// How many revisions there are to one that makes a table.
    every: usize,
    /// Whether each table stands in a file of its own.
    in_files: bool,
    /// As Diesel's feature.
    dialect: &'static str,
}

impl Shape {
    fn of(revisions: usize) -> Self {
        Self { revisions, tables: 100, every: 10, in_files: false, dialect: "sqlite" }
    }
}

/// A Diesel backend with a chain of our house style: tables of five columns, and columns added.
fn project(directory: &Path, shape: Shape) -> Result {
    write(
        &directory.join("Cargo.toml"),
        &format!(
            "[package]\nname = \"bench\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ndiesel = {{ version = \"2\", features = [\"{}\"] }}\n",
            shape.dialect
        ),
    )?;
    write(&directory.join("src/lib.rs"), "pub mod schema;\n")?;
    let mut tables: Vec<Vec<String>> = Vec::new();
    let mut parent = String::new();
    for n in 0..shape.revisions {
        let id = format!("{:012x}", 0x1000_0000_0000_u64 + n as u64 * 7_919);
        let minute = n % 1_440;
        let day = n / 1_440;
        let name = format!(
            "2024-{:02}-{:02}-{:02}{:02}00-{id}_step_{n}",
            1 + day / 28,
            1 + day % 28,
            minute / 60,
            minute % 60
        );
        let (up, down) = step(n, shape, &mut tables);
        let revises = if parent.is_empty() { String::new() } else { format!("revises = \"{parent}\"\n") };
        let metadata = format!(
            "run_in_transaction = true\n\n[ops-migrate]\nrevision = \"{id}\"\n{revises}message = \"step {n}\"\ncreated = \"2024-01-01T00:00:00Z\"\n"
        );
        let revision = directory.join("migrations").join(name);
        write(&revision.join("up.sql"), &up)?;
        write(&revision.join("down.sql"), &down)?;
        write(&revision.join("metadata.toml"), &metadata)?;
        parent = id;
    }
    let mut schema = String::new();
    for (n, columns) in tables.iter().enumerate() {
        let mut block = format!("diesel::table! {{\n    t{n} (id) {{\n        id -> Integer,\n");
        for column in columns {
            let _ = writeln!(block, "        {column} -> Nullable<Text>,");
        }
        block.push_str("    }\n}\n\n");
        if shape.in_files {
            write(&directory.join(format!("src/models/t{n}.rs")), &block)?;
        } else {
            schema.push_str(&block);
        }
    }
    write(&directory.join("src/schema.rs"), &schema)
}

/// Every so many revisions one makes a table, the others add columns to one.
fn step(n: usize, shape: Shape, tables: &mut Vec<Vec<String>>) -> (String, String) {
    if n.is_multiple_of(shape.every) && tables.len() < shape.tables {
        let table = tables.len();
        tables.push(["a", "b", "c", "d"].map(str::to_owned).to_vec());
        let up = format!(
            "CREATE TABLE t{table} (\n    id INTEGER NOT NULL PRIMARY KEY,\n    a TEXT,\n    b TEXT,\n    c TEXT,\n    d TEXT\n);\n\nCREATE INDEX t{table}_a_idx ON t{table} (a);\n"
        );
        return (up, format!("DROP TABLE t{table};\n"));
    }
    let table = n % tables.len();
    let column = format!("c{n}");
    tables[table].push(column.clone());
    (
        format!("ALTER TABLE t{table} ADD COLUMN {column} TEXT;\n"),
        format!("ALTER TABLE t{table} DROP COLUMN {column};\n"),
    )
}

fn write(path: &Path, text: &str) -> Result {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, text)).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn git(directory: &Path, args: &[&str]) -> Result {
    let mut command = command(directory, "git", args);
    for (name, value) in [
        ("GIT_AUTHOR_NAME", "bench"),
        ("GIT_AUTHOR_EMAIL", "bench@example.org"),
        ("GIT_COMMITTER_NAME", "bench"),
        ("GIT_COMMITTER_EMAIL", "bench@example.org"),
    ] {
        command.env(name, value);
    }
    shell::output(&mut command).map(|_| ())
}

fn commit(directory: &Path) -> Result {
    git(directory, &["init", "--quiet", "--initial-branch=main", "."])?;
    git(directory, &["add", "--all"])?;
    git(directory, &["commit", "--quiet", "--message=all"])
}

fn install(directory: &Path, binary: &Path) -> Result {
    let binary = binary.display().to_string();
    shell::output(&mut command(directory, &binary, &["ops-migrate", "hooks", "install"])).map(|_| ())
}
