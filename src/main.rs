//! Gathers the world, runs the command, prints the error once, exits with its code.

use std::io::{self, BufReader, IsTerminal};
use std::process::ExitCode;

use clap::Parser;
use ops_migrate::cli::Cargo;
use ops_migrate::context::Context;
use ops_migrate::ui::{ColorChoice, Format, Ui};

fn main() -> ExitCode {
    let cli = match Cargo::try_parse() {
        Ok(Cargo::OpsMigrate(cli)) => cli,
        Err(error) => {
            // clap prints help and version to stdout with code 0, and usage errors to stderr.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment and the clock")]
    let (cwd, vars, now) = (
        std::env::current_dir(),
        std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect(),
        time::OffsetDateTime::now_utc(),
    );
    let (mut stdout, mut stderr, mut stdin) = (io::stdout(), io::stderr(), BufReader::new(io::stdin()));
    let (stdout_is_terminal, stderr_is_terminal) = (stdout.is_terminal(), stderr.is_terminal());
    let mut cx = Context {
        cwd: cwd.unwrap_or_default(),
        vars,
        executable: std::env::current_exe().ok(),
        callers: ops_migrate::callers::command_lines,
        now,
        ui: Ui {
            stdout: &mut stdout,
            stderr: &mut stderr,
            stdin: &mut stdin,
            interactive: io::stdin().is_terminal() && stderr_is_terminal,
            stdout_is_terminal,
            stderr_is_terminal,
            color: ColorChoice::Auto,
            no_color: false,
            format: Format::Human,
            quiet: false,
            verbose: false,
        },
    };
    match ops_migrate::run(&cli, &mut cx) {
        Ok(outcome) => ExitCode::from(outcome.exit_code()),
        Err(error) => {
            cx.ui.error(&error);
            ExitCode::from(error.kind.exit_code())
        }
    }
}
