//! Other tools on equal work: a chain of revisions as each of them wants it, and how each is told to bring
//! a database to its head. What a peer needs is installed by the caller and named by a variable ($DIESEL,
//! $SQLX, $ALEMBIC; with `_MYSQL` behind it where a tool is built for that alone); one that is not named is
//! left out, and that is said.

use std::path::{Path, PathBuf};

/// A tool and its chain.
#[derive(Clone)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    /// `{url}` is the database's.
    pub(crate) args: &'static [&'static str],
    pub(crate) directory: PathBuf,
}

impl Tool {
    /// Ours, with more arguments before the database's URL.
    pub(crate) fn ours(name: &'static str, program: &Path, args: &'static [&'static str], directory: &Path) -> Self {
        Self { name, program: program.to_owned(), args, directory: directory.to_owned() }
    }

    /// Those of the others that are there.
    pub(crate) fn peers(engine: &str, directory: &Path) -> Vec<Self> {
        let peers: [(&str, &str, &[&str]); 3] = [
            ("DIESEL", "diesel CLI", &["migration", "run", "--migration-dir", "migrations", "--database-url", "{url}"]),
            ("SQLX", "sqlx-cli", &["migrate", "run", "--source", "sqlx", "--database-url", "{url}"]),
            ("ALEMBIC", "Alembic", &["-x", "url={url}", "upgrade", "head"]),
        ];
        let mut tools = Vec::new();
        for (variable, name, args) in peers {
            let own = std::env::var_os(format!("{variable}_{}", engine.to_uppercase()));
            match own.or_else(|| std::env::var_os(variable)) {
                Some(program) => {
                    tools.push(Self { name, program: program.into(), args, directory: directory.to_owned() });
                }
                None => println!("{name}: ${variable} names none"),
            }
        }
        tools
    }

    /// Its arguments for a database.
    pub(crate) fn args(&self, url: &str) -> Vec<String> {
        let url = match self.name {
            "sqlx-cli" => sqlx(url),
            "Alembic" => alchemy(url),
            _ => url.to_owned(),
        };
        self.args.iter().map(|arg| arg.replace("{url}", &url)).collect()
    }
}

fn sqlx(url: &str) -> String {
    match url.split_once("unix_socket=") {
        Some((before, socket)) => format!("{before}socket={socket}"),
        None if url.contains("://") => url.to_owned(),
        None => format!("sqlite://{url}?mode=rwc"),
    }
}

/// As SQLAlchemy spells it.
fn alchemy(url: &str) -> String {
    if let Some(rest) = url.strip_prefix("mysql://") {
        return format!("mysql+pymysql://{rest}");
    }
    match url.strip_prefix("postgres://") {
        Some(rest) => {
            let (user, rest) = rest.split_once('@').unwrap_or(("", rest));
            let (host, database) = rest.split_once('/').unwrap_or((rest, ""));
            format!("postgresql+psycopg2://{user}@/{database}?host={}", host.replace("%2F", "/"))
        }
        None => format!("sqlite:///{url}"),
    }
}

/// A chain as each of the tools wants it, of which each revision is some statements and their way back.
///
/// # Errors
/// Where a file cannot be written.
pub(crate) fn project(directory: &Path, engine: &str, revisions: &[(Vec<String>, String)]) -> Result<(), String> {
    let write = |path: &str, text: &str| {
        let path = directory.join(path);
        let parent = path.parent().unwrap_or(directory);
        std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, text)).map_err(|error| error.to_string())
    };
    let manifest = "[package]\nname = \"bench\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n";
    write("Cargo.toml", &format!("{manifest}diesel = {{ version = \"2\", features = [\"{engine}\"] }}\n"))?;
    write("src/lib.rs", "")?;
    let mut parent = "None".to_owned();
    for (n, (statements, down)) in revisions.iter().enumerate() {
        let version = 20_240_101_000_000 + n;
        let up = statements.join(";\n") + ";\n";
        write(&format!("migrations/{version}_t{n}/up.sql"), &up)?;
        write(&format!("migrations/{version}_t{n}/down.sql"), &format!("{down};\n"))?;
        write(&format!("sqlx/{version}_t{n}.sql"), &up)?;
        let calls: String = statements.iter().map(|sql| format!("    op.execute('{sql}')\n")).collect();
        let script = format!(
            "revision = 'r{n}'\ndown_revision = {parent}\nfrom alembic import op\n\ndef upgrade():\n{calls}\ndef downgrade():\n    pass\n"
        );
        write(&format!("alembic/versions/r{n}.py"), &script)?;
        parent = format!("'r{n}'");
    }
    write("alembic.ini", "[alembic]\nscript_location = alembic\n")?;
    write(
        "alembic/env.py",
        "from alembic import context\nfrom sqlalchemy import create_engine\n\nurl = context.get_x_argument(as_dictionary=True)['url']\n\
         with create_engine(url).connect() as connection:\n    context.configure(connection=connection, transaction_per_migration=True)\n\
         \x20   with context.begin_transaction():\n        context.run_migrations()\n",
    )
}
