//! The command line: clap types only, and one match that forwards.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands;
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::ui::{ColorChoice, Format};

/// The outer command: `cargo ops-migrate …` runs `cargo-ops-migrate ops-migrate …`.
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo", disable_help_subcommand = true)]
pub enum Cargo {
    OpsMigrate(Cli),
}

/// Database migrations for Diesel backends: created from the models, proved both ways, guarded by
/// git hooks.
#[derive(Debug, Args)]
#[command(version, about, subcommand_required = false, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

const AFTER_HELP: &str = "\
What must be running:
  nothing         create --no-proof, review, check, status --offline, history, heads, rebase,
                  merge, show, schema, diff, hooks
  SQLite          nothing more: the engine is compiled in
  PostgreSQL      a server for upgrade, rollback, status, current, and the proof in create and test
                  (often: docker compose up -d db); `cargo ops-migrate doctor` tells what is missing
  MySQL, MariaDB  the same; built with `--features mysql`

Exit codes:
  0 fine   1 something for you to change (drift, findings, blocked)   2 usage, or could not decide
  3 revisions pending   4 several heads   5 database out of reach   6 a published revision was edited
  7 another runner holds the lock, or others a table   8 a crashed run needs `resolve`
  70 a bug of this tool   130, 143 ended by Ctrl-C or SIGTERM, in good order

First steps: cargo ops-migrate init; cargo ops-migrate hooks install; edit a table!;
             cargo ops-migrate create \"what changed\"; git commit; cargo ops-migrate upgrade";

/// Options that every command takes.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Cargo.toml of the workspace or backend
    #[arg(long, global = true, value_name = "PATH", help_heading = "Global options")]
    pub manifest_path: Option<PathBuf>,
    /// The package that is the backend, where several could be
    #[arg(short, long, global = true, value_name = "NAME", help_heading = "Global options")]
    pub package: Option<String>,
    /// The migrations directory
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub migration_dir: Option<PathBuf>,
    /// The database (else DATABASE_URL, .env, configuration)
    #[arg(long, global = true, value_name = "URL", help_heading = "Global options")]
    pub database_url: Option<String>,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Global options")]
    pub format: Format,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Global options")]
    pub color: ColorChoice,
    /// Say less
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub verbose: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a revision from what the models changed, and prove it
    Create(commands::create::Create),
    /// Explain a revision and say where a human must look
    Review(commands::review::Review),
    /// Prove revisions on a scratch database: up, down, up again, with rows
    Test(commands::test::Test),
    /// Apply revisions, up to head or a target
    Upgrade(commands::upgrade::Upgrade),
    /// Take revisions back, the last one or down to a target
    #[command(visible_alias = "downgrade")]
    Rollback(commands::rollback::Rollback),
    /// Record where the database stands, without running anything
    Stamp(commands::stamp::Stamp),
    /// Mark the database as protected: what loses rows then wants its name typed
    Protect(commands::protect::Protect),
    /// Take that mark away
    Unprotect(commands::protect::Unprotect),
    /// Settle a run that crashed halfway, after a look at the database
    Resolve(commands::resolve::Resolve),
    /// Put a database right that is not what its recorded revisions make
    Repair(commands::repair::Repair),
    /// Clear away the lock of a runner that is gone; refused while it lives
    Unlock(commands::unlock::Unlock),
    /// Current, head, pending, and whether models, chain and database agree
    Status(commands::status::Status),
    /// List revisions, newest first
    History(commands::history::History),
    /// The revision that the database is at
    Current(commands::current::Current),
    /// Revisions that nothing follows
    Heads(commands::heads::Heads),
    /// Put the revisions of one branch behind those of another: one line out of two heads
    Rebase(commands::rebase::Rebase),
    /// Join heads that are published by a revision that follows them all
    Merge(commands::merge::Merge),
    /// One revision: what it does, and its SQL
    Show(commands::show::Show),
    /// Do models and revisions of a tree agree? For hooks and CI
    Check(commands::check::Check),
    /// The schema at a revision, without a database
    Schema(commands::schema::Schema),
    /// What differs between two schemas
    Diff(commands::diff::Diff),
    /// Set a project up
    Init(commands::init::Init),
    /// What was found, where from, and what is missing
    Doctor(commands::doctor::Doctor),
    /// Install, remove or inspect the git hooks
    Hooks(commands::hooks::Hooks),
    /// What the installed hooks call
    #[command(hide = true)]
    Hook(commands::hook::Hook),
    /// Print a completion script for a shell
    Completions(commands::completions::Completions),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever the command could not do.
    pub fn run(&self, cx: &mut Context) -> Result<Outcome> {
        let global = &self.global;
        match &self.command {
            None => commands::help(cx),
            Some(Command::Create(args)) => args.run(global, cx),
            Some(Command::Review(args)) => args.run(global, cx),
            Some(Command::Test(args)) => args.run(global, cx),
            Some(Command::Upgrade(args)) => args.run(global, cx),
            Some(Command::Rollback(args)) => args.run(global, cx),
            Some(Command::Stamp(args)) => args.run(global, cx),
            Some(Command::Protect(args)) => args.run(global, cx),
            Some(Command::Unprotect(args)) => args.run(global, cx),
            Some(Command::Resolve(args)) => args.run(global, cx),
            Some(Command::Repair(args)) => args.run(global, cx),
            Some(Command::Unlock(args)) => args.run(global, cx),
            Some(Command::Status(args)) => args.run(global, cx),
            Some(Command::History(args)) => args.run(global, cx),
            Some(Command::Current(args)) => args.run(global, cx),
            Some(Command::Heads(args)) => args.run(global, cx),
            Some(Command::Rebase(args)) => args.run(global, cx),
            Some(Command::Merge(args)) => args.run(global, cx),
            Some(Command::Show(args)) => args.run(global, cx),
            Some(Command::Check(args)) => args.run(global, cx),
            Some(Command::Schema(args)) => args.run(global, cx),
            Some(Command::Diff(args)) => args.run(global, cx),
            Some(Command::Init(args)) => args.run(global, cx),
            Some(Command::Doctor(args)) => args.run(global, cx),
            Some(Command::Hooks(args)) => args.run(global, cx),
            Some(Command::Hook(args)) => args.run(global, cx),
            Some(Command::Completions(args)) => args.run(cx),
        }
    }
}
