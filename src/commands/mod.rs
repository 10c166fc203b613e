//! One file per subcommand, each with its clap struct and its function; here is what several of
//! them share.

pub mod apply;
pub mod check;
pub mod completions;
pub mod create;
pub mod current;
pub mod diff;
pub mod doctor;
pub mod gate;
pub mod guard;
pub mod heads;
pub mod history;
pub mod hook;
pub mod hooks;
pub mod in_step;
pub mod init;
pub mod live;
pub mod losses;
pub mod merge;
pub mod protect;
pub mod published;
pub mod rebase;
pub mod repair;
pub mod resolve;
pub mod review;
pub mod rollback;
pub mod schema;
pub mod show;
pub mod stamp;
pub mod status;
pub mod test;
pub mod unlock;
pub mod upgrade;
pub mod verdict;
pub mod view;

use clap::CommandFactory as _;

use crate::cli::{Cargo, Global};
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::project::{Options, Project};

/// The project around the current directory.
///
/// # Errors
/// See [`Project::discover`].
pub fn project(cx: &Context, global: &Global) -> Result<Project> {
    let options = Options {
        manifest_path: global.manifest_path.clone(),
        package: global.package.clone(),
        migration_dir: global.migration_dir.clone(),
        database_url: global.database_url.clone(),
    };
    Project::discover(&cx.cwd, &cx.vars, &options)
}

/// Prints the help of the whole command.
///
/// # Errors
/// Where stdout cannot be written.
pub fn help(cx: &mut Context) -> Result<Outcome> {
    let mut command = Cargo::command();
    let help = command
        .find_subcommand_mut("ops-migrate")
        .map(|sub| sub.clone().bin_name("cargo ops-migrate").render_long_help().to_string())
        .ok_or_else(|| Error::undecided("the command line has no ops-migrate"))?;
    // clap indents empty lines too.
    let lines: Vec<_> = help.trim_end().lines().map(str::trim_end).collect();
    cx.ui.line(lines.join("\n"))?;
    Ok(Outcome::Fine)
}
