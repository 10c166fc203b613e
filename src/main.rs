//! Gathers the world, runs the command, prints the error once, exits with its code.

use std::io::{self, BufReader, IsTerminal, Write};
use std::panic::PanicHookInfo;
use std::process::ExitCode;

use clap::Parser;
use ops_migrate::cli::Cargo;
use ops_migrate::context::Context;
use ops_migrate::ui::{ColorChoice, Format, Ui};

/// As sysexits.h calls an error of the program itself.
const BUG: i32 = 70;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(tell_bug));
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

/// Tells where the program failed, and ends it: the server takes back what was open. Of its words only
/// those that stand in the source are shown, since others may have been made from anything.
#[expect(clippy::exit, reason = "a panic has no other exit code, and nothing is left to be done")]
fn tell_bug(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
    let words = panic.payload().downcast_ref::<&'static str>().map(|words| format!(": {words}")).unwrap_or_default();
    let _ = writeln!(
        io::stderr(),
        "error: cargo-ops-migrate has a bug{place}{words}\nhint: what was open is undone by the database; cargo \
         ops-migrate status tells where it stands now"
    );
    std::process::exit(BUG);
}
