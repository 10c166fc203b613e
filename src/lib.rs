//! Database migrations for Diesel backends: `cargo ops-migrate`.
//!
//! Data flows one way:
//!
//! ```text
//! make:  project -> models -> desired catalog -> diff against baseline -> operations -> script -> review -> files -> proof
//! gate:  index or tree -> chain + models in it -> drift -> verdict
//! run:   chain + applied versions -> plan -> runner -> events -> screen
//! ```
//!
//! The core is values in, values out; one file or folder stands for each outside thing; one file
//! for each subcommand. ARCHITECTURE.md has the map and what each part must never know.

// The world and the command line.
pub mod cli;
pub mod commands;
pub mod context;
pub mod error;
pub mod ui;

// Core: values in, values out.
pub mod catalog;
pub mod chain;
pub mod compose;
pub mod dialect;
pub mod diff;
pub mod explain;
pub mod gate;
pub mod history_tables;
pub mod hooks;
pub mod layout;
pub mod make;
pub mod models;
pub mod operation;
pub mod place;
pub mod render;
pub mod replay;
pub mod report;
pub mod review;
pub mod schema_rs;
pub mod snapshot;
pub mod sql;
pub mod tree;
pub mod words;

// Edges: one for each outside thing.
pub mod callers;
pub mod db;
pub(crate) mod failpoint;
pub mod git;
pub(crate) mod interrupt;
pub mod judge;
pub mod project;
pub mod proof;
pub mod runner;
pub mod schema_file;
pub mod store;

use crate::cli::Cli;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::ui::Format;

/// Runs a command line in a context.
///
/// # Errors
/// Whatever the command could not do; its kind is the exit code.
pub fn run(cli: &Cli, cx: &mut Context) -> Result<Outcome> {
    let no_color = cx.var("NO_COLOR").is_some();
    let ui = &mut cx.ui;
    (ui.color, ui.format, ui.quiet, ui.verbose) =
        (cli.global.color, cli.global.format, cli.global.quiet, cli.global.verbose);
    ui.no_color = no_color;
    let prints_code = matches!(cli.command, Some(cli::Command::Schema(_) | cli::Command::Diff(_)));
    if matches!(ui.format, Format::Sql | Format::Rust | Format::Ops) && !prints_code {
        return Err(Error::undecided("--format sql and rust are for `schema` and `diff`").hint("use human or json"));
    }
    let reports = matches!(cli.command, Some(cli::Command::Check(_) | cli::Command::Review(_)));
    if ui.format.report().is_some() && !reports {
        return Err(Error::undecided("--format github, gitlab and sarif are for `check` and `review`")
            .hint("use human or json"));
    }
    if ui.format == Format::Markdown && !matches!(cli.command, Some(cli::Command::Review(_))) {
        return Err(Error::undecided("--format markdown is for `review`").hint("use human or json"));
    }
    cli.run(cx)
}
