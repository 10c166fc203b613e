//! The integration tests, in one binary, which links once: a module for each subcommand, and some
//! for what goes across them. Commands run in process, on a real crate in a real git repository.

mod common;
/// Servers of a test's own, which it may kill.
#[allow(unused_imports, reason = "xtask's own file: not every build needs every server")]
#[allow(dead_code, clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, reason = "xtask's own file")]
#[path = "../xtask/src/servers/mod.rs"]
mod servers;
#[allow(dead_code, clippy::disallowed_methods, clippy::print_stdout, reason = "xtask's own file")]
#[path = "../xtask/src/shell.rs"]
mod shell;

mod bad_input;
mod cases;
mod check;
mod clean;
mod cli;
mod create;
mod create_answers;
mod create_parts;
mod data_steps;
mod diff;
mod doctor;
mod dotenv;
mod events;
mod faults;
mod fuzz;
#[cfg(feature = "mysql")]
mod galera;
mod gate;
mod gate_cache;
mod gate_check;
mod gate_config;
mod gate_doubts;
mod gate_formats;
mod gate_merge;
mod gate_projects;
mod gate_push;
mod gate_rows;
mod history;
mod history_tables;
mod hooks;
mod hooks_managers;
mod hooks_notices;
mod hooks_places;
mod identity;
mod in_step;
mod init;
mod managers;
mod matrix;
mod matrix_files;
mod matrix_network;
mod matrix_runs;
#[cfg(feature = "mysql")]
mod matrix_servers;
mod matrix_tools;
#[cfg(all(unix, feature = "failpoints"))]
mod model;
mod models;
#[cfg(feature = "mysql")]
mod mysql;
mod ops_model;
mod ops_words;
mod print_schema;
mod protect;
mod rebase;
mod resolve;
mod review;
mod review_fix;
mod review_input;
mod rollback;
mod runner;
mod sarif;
mod schema;
mod show;
mod single_transaction;
mod stamp;
mod status;
mod story;
mod test;
mod tidy;
mod upgrade;
mod verify;
mod waits;

/// A file that no `mod` line names would never be compiled, and its tests never run.
#[test]
fn no_file_is_forgotten() {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let main = fs_err::read_to_string(tests.join("main.rs")).unwrap();
    for entry in fs_err::read_dir(&tests).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(module) = name.strip_suffix(".rs").filter(|module| *module != "main") {
            assert!(main.contains(&format!("\nmod {module};\n")), "tests/main.rs lacks `mod {module};`");
        }
    }
}
