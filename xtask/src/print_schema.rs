//! What `diesel print-schema` prints for the cases in tests/print_schema, from real databases: the
//! expectations of the test of the same name. A case is a folder with a `diesel.toml` and either
//! a `schema.sql` or a file `migrations` that names a migrations directory.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bench::peers;
use crate::servers::{Postgres, Server};
use crate::shell::{Result, command, output, root};

/// Writes each case's `schema.rs`. The CLI is `$DIESEL` where that is set, else installed.
pub(crate) fn run() -> Result {
    let scratch = tempfile::tempdir().map_err(|error| format!("cannot make a temporary folder: {error}"))?;
    let scratch = scratch.path();
    let diesel = match std::env::var("DIESEL") {
        Ok(path) => path,
        Err(_) => peers::diesel(scratch, "sqlite-bundled postgres-bundled")?.display().to_string(),
    };
    let postgres = Server::<Postgres>::start()?;
    let neutral = scratch.join("diesel.toml");
    write(&neutral, "")?;
    for dialect in ["sqlite", "postgres"] {
        for (number, case) in folders(&root().join("tests/print_schema").join(dialect))?.iter().enumerate() {
            println!("{}", case.display());
            let url = match dialect {
                "sqlite" => scratch.join(format!("{number}.db")).display().to_string(),
                _ => postgres.database(&format!("case{number}")),
            };
            let migrations = migrations(case, &scratch.join(format!("{dialect}{number}")))?;
            let neutral = neutral.display().to_string();
            let setup = [
                "database",
                "setup",
                "--migration-dir",
                &migrations,
                "--database-url",
                &url,
                "--config-file",
                &neutral,
            ];
            output(&mut command(scratch, &diesel, &setup))?;
            let config = case.join("diesel.toml").display().to_string();
            // diesel_cli pipes through rustfmt, which goes by the rustfmt.toml of the directory.
            let rustfmt = fs::read_to_string(case.join("rustfmt.toml")).unwrap_or_default();
            write(&scratch.join("rustfmt.toml"), &rustfmt)?;
            let print = ["print-schema", "--database-url", &url, "--config-file", &config];
            let printed = output(&mut command(scratch, &diesel, &print))?;
            write(&case.join("schema.rs"), &printed)?;
        }
    }
    Ok(())
}

fn folders(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut found: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    Ok(found)
}

/// The migrations directory of a case: the one that it names, or one that runs its `schema.sql`.
fn migrations(case: &Path, scratch: &Path) -> Result<String> {
    if let Ok(named) = fs::read_to_string(case.join("migrations")) {
        return Ok(root().join(named.trim()).display().to_string());
    }
    let revision = scratch.join("2024-01-01-000000_schema");
    fs::create_dir_all(&revision).map_err(|error| format!("{}: {error}", revision.display()))?;
    let sql = fs::read_to_string(case.join("schema.sql")).map_err(|error| format!("{}: {error}", case.display()))?;
    write(&revision.join("up.sql"), &sql)?;
    write(&revision.join("down.sql"), "-- Nothing.\n")?;
    Ok(scratch.display().to_string())
}

fn write(path: &Path, text: &str) -> Result {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
